import type { JWK } from 'jose';
import type { Occasion } from '../audit/event.ts';
import type { SigningAlgorithm } from './algorithm.ts';
import type { RowName } from './row-name.ts';

/**
 * The facts about a signing key. There is no status among them: what a key is for at a moment is what `planKeys` says.
 * Moments are epoch seconds, durations seconds.
 */
export type KeyRecord = {
  /** RFC 7638 thumbprint of the public key, unless it was imported under another name. */
  readonly kid: string;
  /** The kid that this key follows in the line of succession; `FIRST` for the first. Unique: a key has one successor. */
  readonly succeeds: string;
  readonly alg: SigningAlgorithm;
  readonly publishedAt: number;
  readonly activatesAt: number;
  /** When its taking over was put on record; null until then. What a key is for never depends on it. */
  readonly tookOverAt: number | null;
  readonly revokedAt: number | null;
  /** By when every token that it has signed so far will have expired; null while it has signed none. */
  readonly tokensExpireAt: number | null;
  readonly publicJwk: JWK;
  /** Sealed by `sealing/seal.ts`; null once destroyed. */
  readonly sealedPrivateKey: string | null;
  /** When the private part was destroyed, its turn being over. A revocation does that, too, and leaves this null. */
  readonly destroyedAt: number | null;
  /** Of the facts that never change, by `sealing/facts-mac.ts`; null where a version that knew of none made the key. */
  readonly factsMac: string | null;
};

/** A MAC that is to be in place of the one that was read. */
export type MacChange = RowName & {
  readonly from: string | null;
  readonly to: string;
  /** The private part, sealed anew so that it tells of the MAC. */
  readonly resealed: { readonly from: string; readonly to: string } | null;
};

/** What is left of a revoked key when its row is gone. `thumbprint` is that of RFC 7638; null where it was no key at all. */
export type ForgottenKey = { readonly kid: string; readonly thumbprint: string | null };

/** What the first key of an installation succeeds. */
export const FIRST = '';

/**
 * Where signing keys are kept. Implemented in `database/`; every method is one transaction, and what it changes leaves its
 * event in the audit trail.
 */
export interface KeyStore {
  /** All keys, in the order of insertion. */
  listKeys(): Promise<KeyRecord[]>;

  /**
   * Adds a key at the end of the line: false, and nothing stored, when something else succeeds what it does by
   * now (`isPlaceFree`): another process was faster, so read again. False, too, when the kid is taken.
   */
  insertKey(key: KeyRecord, event: 'key.created' | 'key.imported', occasion: Occasion): Promise<boolean>;

  /** Brings `activatesAt` from `from` forward to `to`. False when it is not `from` any more, or the key is revoked or has taken over. */
  promoteKey(kid: string, change: { from: number; to: number }, occasion: Occasion): Promise<boolean>;

  /**
   * Revokes `kid` for good and destroys its private part; in the same transaction brings the standby forward and appends
   * a spare successor. False, and nothing changed, when the key is unknown or revoked already, when `promote` names a key
   * that has been revoked meanwhile, or when the spare's place in the line is taken: read again.
   */
  revokeKey(
    kid: string,
    change: { promote: string | null; spare: KeyRecord | null },
    occasion: Occasion,
  ): Promise<boolean>;

  /**
   * Puts on record that tokens signed by `kid` may live until `expireAt`. Never lowers what is there. False when the key is
   * revoked or unknown: nothing may be signed with it.
   */
  noteTokens(kid: string, expireAt: number): Promise<boolean>;

  /** Carries out what a plan found due. Repeating it changes nothing, and leaves no second event. */
  settleKeys(
    due: {
      /** Keys that have begun to sign by their schedule. */
      tookOver: readonly string[];
      /** Keys whose private part is destroyed. */
      destroyPrivate: readonly string[];
      /** Keys that leave the table, except any that was revoked meanwhile. */
      remove: readonly string[];
      /** Revoked keys that leave the table, those of other issuers, too. `findForgotten` knows them for ever. No event. */
      forget?: readonly ForgottenKey[];
    },
    occasion: Occasion,
  ): Promise<void>;

  /** When a key of this name, or this key under any name, was revoked, if it has left the table since; null otherwise. */
  findForgotten(key: ForgottenKey): Promise<number | null>;

  /** Replaces a sealed private part. False when it is not `from` any more. */
  resealKey(kid: string, change: { from: string; to: string }, occasion: Occasion): Promise<boolean>;

  /** Puts MACs in place, of verify-only keys, too: all, or none of them and false, where one row is not as it was read. No event. */
  writeMacs(changes: readonly MacChange[]): Promise<boolean>;
}

/** A new key that has no place in the line yet. */
export type NewKey = Pick<KeyRecord, 'kid' | 'alg' | 'publicJwk'> & { readonly sealedPrivateKey: string };
