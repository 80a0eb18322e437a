/** What must hold of the keys in the store at any moment, whatever happens to the processes that change them. */
import type { AuditEvent } from '../../src/audit/event.ts';
import { planKeys } from '../../src/keys/timeline/plan.ts';
import type { KeyPolicy } from '../../src/keys/timeline/policy.ts';
import type { KeyRecord } from '../../src/keys/store.ts';

type Recorded = Pick<AuditEvent, 'type' | 'subject'>;

/** Where these keys are no timeline that verifiers can live with, one line each; none when they are. */
export function findTimelineFaults(keys: readonly KeyRecord[], now: number, policy: KeyPolicy): string[] {
  const { signer, published, states } = planKeys(keys, now, policy, new Set());
  const faults: string[] = [];
  if (signer === null) faults.push('no key signs');
  else if (!published.includes(signer)) faults.push(`the signer ${signer.kid} is not published`);
  const active = states.filter(({ state }) => state === 'active');
  if (active.length !== 1) faults.push(`${active.length} keys are active`);
  if (published.length === 0) faults.push('the published set is empty');
  return [...faults, ...findBreaks(keys)];
}

/**
 * Each key follows the one before it, and takes its turn after it. Behind a revoked key, which stays for good, others may
 * have retired.
 */
function findBreaks(keys: readonly KeyRecord[]): string[] {
  const succeeded = keys.map(({ succeeds }) => succeeds);
  const faults = new Set(succeeded).size === keys.length ? [] : ['two keys succeed the same key'];
  for (const [place, { kid, succeeds, activatesAt }] of keys.entries()) {
    const before = keys[place - 1];
    if (before === undefined || before.revokedAt !== null) continue;
    if (succeeds !== before.kid) faults.push(`${kid} does not follow ${before.kid}`);
    if (activatesAt < before.activatesAt) faults.push(`${kid} signs before ${before.kid}, which it follows`);
  }
  return faults;
}

/** Where the trail (the oldest event first) is not what the keys say has happened to them and to those that have left. */
export function findTrailFaults(keys: readonly KeyRecord[], events: readonly Recorded[]): string[] {
  const toldOf = (type: AuditEvent['type']) => events.filter((event) => event.type === type).map((e) => e.subject);
  const retired = toldOf('key.retired').filter((kid) => !keys.some((key) => key.kid === kid));
  const kidsOf = (isMeant: (key: KeyRecord) => boolean) => keys.filter(isMeant).map(({ kid }) => kid);
  const facts = {
    'key.created': [...retired, ...kidsOf(() => true)],
    'key.activated': [...retired, ...kidsOf(({ tookOverAt }) => tookOverAt !== null)],
    'key.destroyed': [...retired, ...kidsOf(({ destroyedAt }) => destroyedAt !== null)],
    'key.retired': retired,
    'key.revoked': kidsOf(({ revokedAt }) => revokedAt !== null),
  } as const;
  return Object.entries(facts).flatMap(([type, kids]) => {
    const told = toldOf(type as keyof typeof facts)
      .toSorted()
      .join();
    const so = kids.toSorted().join();
    return told === so ? [] : [`${type} is told of [${told}], and is so of [${so}]`];
  });
}
