import type { JWK } from 'jose';
import type { Occasion } from '../audit/event.ts';
import type { SigningAlgorithm } from './algorithm.ts';

/**
 * A public key of another issuer, published so that third parties go on verifying what that one signed. It has no place
 * in the line of succession, and Tessera itself takes no token signed by it. Moments are epoch seconds.
 */
export type VerifyOnlyKey = {
  readonly kid: string;
  readonly alg: SigningAlgorithm;
  readonly publicJwk: JWK;
  readonly publishedAt: number;
  /** When it leaves the set by itself. */
  readonly publishedUntil: number;
  readonly revokedAt: number | null;
  /** Of all but `revokedAt`, by `sealing/facts-mac.ts`; null where a version that knew of none published the key. */
  readonly factsMac: string | null;
};

/** Where verify-only keys are kept. Implemented in `database/`; every method is one transaction, with its event. */
export interface VerifyOnlyKeyStore {
  listVerifyOnlyKeys(): Promise<VerifyOnlyKey[]>;

  /** False, and nothing stored, when the kid is taken by any key, or was by one that was revoked. */
  insertVerifyOnlyKey(key: VerifyOnlyKey, occasion: Occasion): Promise<boolean>;

  /** False when there is none, or when it is revoked already. */
  revokeVerifyOnlyKey(kid: string, occasion: Occasion): Promise<boolean>;

  /** Removes those that have left the set by themselves, except any that was revoked. */
  removeVerifyOnlyKeys(kids: readonly string[], occasion: Occasion): Promise<void>;
}

export function isPublishedAt({ publishedUntil, revokedAt }: VerifyOnlyKey, now: number): boolean {
  return revokedAt === null && now < publishedUntil;
}

/** When the next of `keys` leaves the set; null when none will. */
export function nextToLeaveAt(keys: readonly VerifyOnlyKey[], now: number): number | null {
  const ahead = keys.filter((key) => isPublishedAt(key, now)).map(({ publishedUntil }) => publishedUntil);
  return ahead.length === 0 ? null : Math.min(...ahead);
}
