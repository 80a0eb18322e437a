import type { SigningAlgorithm } from '../algorithm.ts';

/** What the timeline of keys is computed from, besides the keys. All durations are whole seconds. */
export type KeyPolicy = {
  /** What new keys sign with. */
  readonly algorithm: SigningAlgorithm;
  /** How long a key signs before the next one takes over. */
  readonly rotateEvery: number;
  /** The least time for which a key is published before it signs. */
  readonly publishBefore: number;
  /** `max-age` of the JWKS. */
  readonly jwksMaxAge: number;
  /** How long a verifier keeps the set in a cache of its own, after the HTTP cache. */
  readonly verifierCache: number;
  /**
   * The greatest age of a replica's view of the database. Replicas refresh at half of it: the other half is what a slow
   * query, a slow commit, or a late tick may take.
   */
  readonly replicaRefresh: number;
  /** How far any clock, a replica's or a verifier's, may be from the true time, either way. */
  readonly clockSkew: number;
  /** How long an access token lives. */
  readonly tokenLifetime: number;
  /** How long a revoked key stays on record when nobody can have a use for it any more, for whoever looks into what happened. */
  readonly keepRevoked: number;
};

/**
 * Clocks tell whole seconds, so a moment read from one may be nearly this much before the moment meant.
 * Durations that start at such a moment are this much longer.
 */
export const CLOCK_GRAIN = 1;

/** Why these durations cannot work together, one message each that names the numbers; none when they can. */
export function findPolicyFaults(policy: KeyPolicy): string[] {
  const { publishBefore, replicaRefresh, jwksMaxAge, verifierCache, clockSkew, rotateEvery } = policy;
  const needed = replicaRefresh + jwksMaxAge + verifierCache + 2 * clockSkew;
  const faults: string[] = [];
  if (publishBefore < needed)
    faults.push(
      `KEY_PUBLISH_BEFORE is ${publishBefore}s but must be at least ${needed}s: REPLICA_REFRESH (${replicaRefresh}s) + ` +
        `JWKS_MAX_AGE (${jwksMaxAge}s) + VERIFIER_CACHE (${verifierCache}s) + 2 * CLOCK_SKEW (${clockSkew}s). ` +
        'Otherwise a key could sign before every verifier has fetched it.',
    );
  if (rotateEvery <= publishBefore)
    faults.push(
      `KEY_ROTATE_EVERY is ${rotateEvery}s but must be more than KEY_PUBLISH_BEFORE (${publishBefore}s). ` +
        'Otherwise the next key could not be published in time.',
    );
  return faults;
}

/**
 * For how long after the end of its turn some replica may still sign with a key: one has not refreshed yet, and
 * its clock is behind (each of two clocks is off by up to `clockSkew`). The private part is kept for so long.
 */
export function signFor(policy: KeyPolicy): number {
  return policy.replicaRefresh + 2 * policy.clockSkew + CLOCK_GRAIN;
}

/**
 * When a key whose private part was destroyed at `destroyedAt` leaves the set: the last token that it signed has expired by
 * the clock of the slowest verifier (`2 * clockSkew`).
 *
 * What it signed must be on record by then. The destruction shows that the store could be written at that moment; a replica
 * that could not write before pays what it owes at its next refresh.
 */
export function retiresAt(destroyedAt: number, tokensExpireAt: number | null, policy: KeyPolicy): number {
  const recordedBy = destroyedAt + policy.replicaRefresh + 2 * policy.clockSkew + CLOCK_GRAIN;
  return Math.max(recordedBy, (tokensExpireAt ?? 0) + 2 * policy.clockSkew);
}

/**
 * The last expiry that can come to be on record for a key whose turn ends at `endedAt`: until they notice, replicas go on
 * signing with it, and put that on record up to `replicaRefresh` ahead.
 */
export function lastExpiryAt(endedAt: number, policy: KeyPolicy): number {
  return endedAt + signFor(policy) + policy.tokenLifetime + policy.replicaRefresh;
}

/** The latest that `retiresAt` can come to be for a key whose turn ends at `endedAt`, if nothing holds the servers up. */
export function retiresBy(endedAt: number, tokensExpireAt: number | null, policy: KeyPolicy): number {
  const last = Math.max(lastExpiryAt(endedAt, policy), tokensExpireAt ?? 0);
  return retiresAt(endedAt + signFor(policy), last, policy);
}

/** By when, on any clock, every verifier that keeps within `verifierCache` has forgotten a key that was revoked at `revokedAt`. */
export function forgottenAt(revokedAt: number, policy: KeyPolicy): number {
  const { replicaRefresh, jwksMaxAge, verifierCache, clockSkew } = policy;
  return revokedAt + CLOCK_GRAIN + replicaRefresh + jwksMaxAge + verifierCache + 2 * clockSkew;
}

/**
 * When a revoked key may leave the record: some time after every verifier has forgotten it, and the last token has expired that a
 * replica may have signed with it before it knew. That it was revoked stays on record. Null while it is not.
 */
export function forgetAt(
  { revokedAt, ...key }: { readonly revokedAt: number | null; readonly tokensExpireAt?: number | null },
  policy: KeyPolicy,
): number | null {
  if (revokedAt === null) return null;
  const lastExpiry = Math.max(key.tokensExpireAt ?? 0, lastExpiryAt(revokedAt, policy)) + 2 * policy.clockSkew;
  return Math.max(forgottenAt(revokedAt, policy), lastExpiry) + policy.keepRevoked;
}

/**
 * How long before a key begins to sign its own successor is made, so that from the first moment of its turn there is a standby
 * that every verifier knows: an emergency may come then, too. Replicas notice late, and by their own clocks, as in `signFor`.
 */
export function succeedBefore(policy: KeyPolicy): number {
  return policy.publishBefore + CLOCK_GRAIN + signFor(policy);
}

/** The earliest moment at which a key published at `publishedAt` may sign: every verifier has fetched it by then. */
export function knownAt(publishedAt: number, policy: KeyPolicy): number {
  return publishedAt + policy.publishBefore + CLOCK_GRAIN;
}
