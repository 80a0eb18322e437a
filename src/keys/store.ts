import type { JWK } from 'jose';

/**
 * The facts about a signing key. There is no status among them: what a key is for at a moment is what `planKeys` says.
 * Moments are epoch seconds, durations seconds.
 */
export type KeyRecord = {
  /** RFC 7638 thumbprint of the public key. */
  readonly kid: string;
  /** The kid that this key follows in the line of succession; `FIRST` for the first. Unique: a key has one successor. */
  readonly succeeds: string;
  readonly alg: 'RS256';
  readonly publishedAt: number;
  readonly activatesAt: number;
  readonly revokedAt: number | null;
  /** The longest lifetime of any token that this key may have signed. */
  readonly tokensLiveFor: number;
  readonly publicJwk: JWK;
  /** Sealed by `seal.ts`; null once destroyed. */
  readonly sealedPrivateKey: string | null;
};

/** What the first key of an installation succeeds. */
export const FIRST = '';

/** Where signing keys are kept. Implemented in `database/`; every method is one transaction. */
export interface KeyStore {
  /** All keys, in order of succession (the order of insertion). */
  listKeys(): Promise<KeyRecord[]>;

  /**
   * Adds a key at the end of the line: false, and nothing stored, when `succeeds` is not the last key there (or, for
   * `FIRST`, when any key exists): another process was faster, so read again.
   */
  insertKey(key: KeyRecord): Promise<boolean>;

  /** Brings `activatesAt` forward to `at`. False when the key is unknown, revoked, or already active at `at`. */
  promoteKey(kid: string, at: number): Promise<boolean>;

  /**
   * Revokes `kid` for good and destroys its private part; in the same transaction brings the standby forward and appends
   * a spare successor. False, and nothing changed, when the key is unknown or revoked already, when `promote` names a key
   * that has been revoked meanwhile, or when the spare's place in the line is taken: read again.
   */
  revokeKey(
    kid: string,
    change: { revokedAt: number; promote: string | null; spare: KeyRecord | null },
  ): Promise<boolean>;

  /** Carries out what a plan found due. Repeating it changes nothing. */
  settleKeys(due: {
    /** Keys whose private part is destroyed. */
    destroyPrivate: readonly string[];
    /** Keys that leave the table, except any that was revoked meanwhile: those are kept for good. */
    remove: readonly string[];
    /** Keys whose `tokensLiveFor` rises to at least `tokensLiveFor`. */
    extend: readonly string[];
    tokensLiveFor: number;
  }): Promise<void>;
}
