import type { Policy } from './policies.ts';

/** One of the budgets of a policy: that of whom `of` names. */
export type Budget = { readonly policy: Policy; readonly of: readonly string[] };

/**
 * What a write is given besides. It takes a try from each of `limits` in its own transaction and as the last step of it, if
 * there is something that it writes; where one of them has none left it throws `LimitReached`, and nothing is written. So
 * nobody holds a try meanwhile, nothing is to be given back, and what breaks off has taken none.
 */
export type Limited = { readonly limits?: readonly Budget[] | undefined };

/** A try that was taken from a budget, to be given back to it. */
export type Taken = { readonly key: string; readonly expiresAt: number };

export type Take =
  | { readonly kind: 'taken'; readonly taken: readonly Taken[] }
  /** The budgets that have no try left. */
  | { readonly kind: 'refused'; readonly usedUp: readonly UsedUp[] };

/** `policy` is a name; `retryAfter` is what is left of the budget's time, in whole seconds. */
export type UsedUp = { readonly policy: string; readonly retryAfter: number };

/** Where budgets are kept, shared by all replicas. Implemented in `database/`; every method is one transaction. */
export interface ThrottleStore {
  /**
   * Takes one try from every budget at `now` (epoch seconds), or from none when one of them has none left. No two are of one
   * policy.
   */
  take(budgets: readonly Budget[], now: number): Promise<Take>;

  /** Undoes a `take`. Budgets that have begun anew since then stay as they are. */
  giveBack(taken: readonly Taken[]): Promise<void>;

  /**
   * What is known of the device at hand: the session of the account that `refreshToken`, a hash, was ever issued to through
   * the client; else, whether the account has a session on record from `address`. An account that is not there has none.
   */
  findDevice(login: {
    usernameKey: string;
    clientId: string;
    refreshToken: string | null;
    address: string | null;
  }): Promise<Device | undefined>;
}

export type Device = { readonly sessionId: string } | { readonly address: string };
