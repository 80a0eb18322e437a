import { isDeepStrictEqual } from 'node:util';
import type { CryptoKey } from 'jose';
import { findCorrupt } from './opened-keys.ts';
import { planKeys, type KeyPlan } from '../timeline/plan.ts';
import type { KeyPolicy } from '../timeline/policy.ts';
import { importPublicKey } from './public-key.ts';
import { publishKeys, type PublishedSet } from './published-set.ts';
import type { KeyFacts } from './key-facts.ts';
import { mostNamed } from './left-out.ts';
import type { KeyLog } from './step.ts';
import type { KeyRecord } from '../store.ts';
import type { Trust } from './trust.ts';
import { nextToLeaveAt, type VerifyOnlyKey } from '../verify-only.ts';

/** What a token is signed with. */
export type Signer = {
  readonly kid: string;
  readonly alg: KeyRecord['alg'];
  readonly privateKey: CryptoKey;
};

/** The public keys of all keys that are not revoked, by kid; verify-only ones are not among them. */
export type PublicKeys = ReadonlyMap<string, CryptoKey>;

/** Everything that requests need, worked out once for as long as it holds: from `plan.plannedAt` to `plan.nextChangeAt`. */
export type KeyringView = {
  readonly facts: KeyFacts;
  /** Until when everything that was due had been done: no key retires by what has become due since. */
  readonly settledAt: number;
  readonly plan: KeyPlan;
  readonly unreadable: ReadonlySet<string>;
  /** Null when the signer by plan is one that this process cannot open. */
  readonly signer: Signer | null;
  readonly publicKeys: PublicKeys;
  readonly jwks: PublishedSet;
};

/**
 * Imports the public keys of `keys`, the ones imported `before` staying the same objects. Whatever else a row says of its key,
 * nothing vouches for.
 */
export async function importPublicKeys(keys: readonly KeyRecord[], before: PublicKeys): Promise<PublicKeys> {
  const imported = new Map<string, CryptoKey>();
  for (const key of keys) {
    if (key.revokedAt !== null) continue;
    const publicKey = before.get(key.kid) ?? (await importPublicKey(key));
    if (publicKey !== null) imported.set(key.kid, publicKey);
  }
  return imported;
}

/** Looks at what was read from the store as it stands at `now`. A set that is what it was `before` stays the same object. */
export function viewFacts(
  { facts, settledAt, publicKeys }: Pick<KeyringView, 'facts' | 'settledAt' | 'publicKeys'>,
  now: number,
  policy: KeyPolicy,
  before: KeyringView | null,
): KeyringView {
  const unreadable = findCorrupt(facts.opened);
  const plan = planKeys(facts.keys, now, policy, unreadable, Math.min(settledAt, now));
  const published = publishKeys(plan.published, facts.verifyOnly, now);
  const jwks = before?.jwks.etag === published.etag ? before.jwks : published;
  return { facts, settledAt, plan, unreadable, signer: pickSigner(facts, plan), publicKeys, jwks };
}

function pickSigner({ opened }: KeyFacts, { signer }: KeyPlan): Signer | null {
  if (signer === null) return null;
  const privateKey = opened.get(signer.kid)?.privateKey;
  if (!privateKey) return null;
  return { kid: signer.kid, alg: signer.alg, privateKey };
}

/** Whether the view still holds at `now`; a clock that was set back makes it not hold either. */
export function holdsAt(view: KeyringView, now: number): boolean {
  return now >= view.plan.plannedAt && now < (nextChangeAt(view) ?? Infinity);
}

/** When the view next changes by itself; null when never. */
export function nextChangeAt({ plan, facts }: KeyringView): number | null {
  const moments = [plan.nextChangeAt, nextToLeaveAt(facts.verifyOnly, plan.plannedAt)].filter((at) => at !== null);
  return moments.length === 0 ? null : Math.min(...moments);
}

/** Whether it is distrust alone that leaves no key of ours to publish. */
export function isAllDistrusted({ facts, plan }: KeyringView): boolean {
  const trusted = new Set(facts.keys);
  return plan.published.length === 0 && facts.stored.keys.some((key) => key.revokedAt === null && !trusted.has(key));
}

/** Logs each private part that has come to be unreadable, each row that is not trusted any more, and a change of the signer. */
export function logChanges(log: KeyLog, before: KeyringView | null, view: KeyringView): void {
  const unreadable = [...view.facts.opened].flatMap(([kid, { fault }]) =>
    fault === null || before?.facts.opened.get(kid)?.fault?.message === fault.message
      ? []
      : [{ kid, reason: fault.message }],
  );
  logEach(log, 'key-unreadable', unreadable);
  const { trust, stored } = view.facts;
  const distrusted = [
    ...findDistrusted(stored.keys, trust.signing, before?.facts.trust.signing),
    ...findDistrusted(stored.verifyOnly, trust.verifyOnly, before?.facts.trust.verifyOnly),
  ];
  for (const [event, kind] of [
    ['key-rejected', 'rejected'],
    ['key-waiting', 'waiting'],
  ] as const)
    logEach(
      log,
      event,
      distrusted.filter((each) => each.kind === kind).map(({ kid, reason }) => ({ kid, reason })),
    );
  if (before?.signer?.kid !== view.signer?.kid) log('signer-changed', { kid: view.signer?.kid ?? null });
}

/** The last line of many says how many more there are. */
function logEach(log: KeyLog, event: string, details: readonly { kid: string; reason: string }[]): void {
  const more = details.length - mostNamed;
  for (const [at, detail] of details.slice(0, mostNamed).entries())
    log(event, at === mostNamed - 1 && more > 0 ? { ...detail, more } : detail);
}

/** What is revoked is in no set anyway. */
function findDistrusted(
  rows: readonly (KeyRecord | VerifyOnlyKey)[],
  now: Trust['signing'],
  before: Trust['signing'] | undefined,
) {
  return rows.flatMap(({ kid, revokedAt }) => {
    const verdict = now.get(kid)?.verdict;
    if (revokedAt !== null || verdict === undefined || verdict.kind === 'trusted') return [];
    return isDeepStrictEqual(before?.get(kid)?.verdict, verdict) ? [] : [{ kid, ...verdict }];
  });
}
