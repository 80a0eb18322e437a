import { importJWK, type CryptoKey } from 'jose';
import { findCorrupt } from './opened-keys.ts';
import { planKeys, type KeyPlan } from './plan.ts';
import type { KeyPolicy } from './policy.ts';
import { publishKeys, type PublishedSet } from './published-set.ts';
import type { Timeline } from './step.ts';
import type { KeyRecord } from './store.ts';

/** What a token is signed with. */
export type Signer = {
  readonly kid: string;
  readonly alg: KeyRecord['alg'];
  readonly privateKey: CryptoKey;
  /** The longest that a token signed now may live, in seconds: the key stays published for so long and no longer. */
  readonly mayLiveFor: number;
};

/** The public keys of all keys that are not revoked, by kid. */
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
  const plan = planKeys(timeline.keys, now, policy, unreadable);
  const published = publishKeys(plan.published);
  const jwks = before?.jwks.etag === published.etag ? before.jwks : published;
  return { timeline, plan, unreadable, signer: pickSigner(timeline, plan), publicKeys, jwks };
}

function pickSigner(timeline: Timeline, { signer }: KeyPlan): Signer | null {
  if (signer === null) return null;
  const privateKey = timeline.opened.get(signer.kid)?.privateKey;
  if (!privateKey) return null;
  return { kid: signer.kid, alg: signer.alg, privateKey, mayLiveFor: signer.tokensLiveFor };
}

/** Whether the view still holds at `now`; a clock that was set back makes it not hold either. */
export function holdsAt({ plan }: KeyringView, now: number): boolean {
  return now >= plan.plannedAt && (plan.nextChangeAt === null || now < plan.nextChangeAt);
}
