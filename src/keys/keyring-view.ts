import { importJWK, type CryptoKey } from 'jose';
import { findCorrupt } from './opened-keys.ts';
import { planKeys, type KeyPlan } from './plan.ts';
import type { KeyPolicy } from './policy.ts';
import { publishKeys, type PublishedSet } from './published-set.ts';
import type { Timeline } from './step.ts';
import type { KeyRecord } from './store.ts';
import { isPublishedAt, nextToLeaveAt } from './verify-only.ts';

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
  readonly timeline: Timeline;
  readonly plan: KeyPlan;
  readonly unreadable: ReadonlySet<string>;
  /** Null when the signer by plan is one that this process cannot open. */
  readonly signer: Signer | null;
  readonly publicKeys: PublicKeys;
  readonly jwks: PublishedSet;
};

/** Imports the public keys of `keys`, the ones imported `before` staying the same objects. */
export async function importPublicKeys(keys: readonly KeyRecord[], before: PublicKeys): Promise<PublicKeys> {
  const imported = new Map<string, CryptoKey>();
  for (const { kid, alg, publicJwk, revokedAt } of keys) {
    if (revokedAt !== null) continue;
    const key = before.get(kid) ?? (await importJWK(publicJwk, alg));
    if (!(key instanceof Uint8Array)) imported.set(kid, key);
  }
  return imported;
}

/** Looks at what was read from the store as it stands at `now`. A set that is what it was `before` stays the same object. */
export function viewTimeline(
  timeline: Timeline,
  publicKeys: PublicKeys,
  now: number,
  policy: KeyPolicy,
  before: KeyringView | null,
): KeyringView {
  const unreadable = findCorrupt(timeline.opened);
  const plan = planKeys(timeline.keys, now, policy, unreadable, Math.min(timeline.readAt, now));
  const published = publishKeys([...plan.published, ...timeline.verifyOnly.filter((key) => isPublishedAt(key, now))]);
  const jwks = before?.jwks.etag === published.etag ? before.jwks : published;
  return { timeline, plan, unreadable, signer: pickSigner(timeline, plan), publicKeys, jwks };
}

function pickSigner(timeline: Timeline, { signer }: KeyPlan): Signer | null {
  if (signer === null) return null;
  const privateKey = timeline.opened.get(signer.kid)?.privateKey;
  if (!privateKey) return null;
  return { kid: signer.kid, alg: signer.alg, privateKey };
}

/** Whether the view still holds at `now`; a clock that was set back makes it not hold either. */
export function holdsAt(view: KeyringView, now: number): boolean {
  return now >= view.plan.plannedAt && now < (nextChangeAt(view) ?? Infinity);
}

/** When the view next changes by itself; null when never. */
export function nextChangeAt({ plan, timeline }: KeyringView): number | null {
  const moments = [plan.nextChangeAt, nextToLeaveAt(timeline.verifyOnly, plan.plannedAt)].filter((at) => at !== null);
  return moments.length === 0 ? null : Math.min(...moments);
}
