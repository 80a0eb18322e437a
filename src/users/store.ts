import type { Occasion } from '../audit/event.ts';
import type { Limited } from '../throttling/store.ts';

/** The roles there are: named sets of scopes beyond those of every user. */
export const roles = ['admin', 'operator', 'auditor', 'support'] as const;
export type Role = (typeof roles)[number];

export function isRole(name: unknown): name is Role {
  return roles.some((role) => role === name);
}

/** An account. Moments are epoch seconds. */
export type User = {
  /** `usr_` and 128 random bits; `sub` in the user's tokens. */
  readonly id: string;
  /** As the user wrote it, prepared by `prepareUsername`. */
  readonly username: string;
  /** The case-mapped form (RFC 8265, 3.3), unique among accounts. */
  readonly usernameKey: string;
  readonly name: string | null;
  /** An argon2id hash in PHC form. */
  readonly passwordHash: string;
  readonly roles: readonly Role[];
  readonly disabledAt: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
};

/** What users change of their own accounts. */
export type UserChanges = Partial<Pick<User, 'username' | 'usernameKey' | 'name'>>;

/** What others change of an account. */
export type Administration = { readonly disabled?: boolean | undefined; readonly roles?: readonly Role[] | undefined };

/** Whether whoever asks may touch the account, as it is at the moment of the change. */
export type MayTouch = (user: User) => boolean;

/** The account was left as it was: it is out of bounds, or nobody would be left who is an administrator and can sign in. */
export type AdministrationRefusal = 'out-of-bounds' | 'last-administrator';

/**
 * Where accounts are kept. Implemented in `database/`; every method is one transaction, its audit events and what it takes
 * from its limits included. A change that changes nothing leaves no event, and takes nothing.
 */
export interface UserStore {
  findUser(id: string): Promise<User | undefined>;

  findUserByUsername(usernameKey: string): Promise<User | undefined>;

  /**
   * In the order in which they were made, `limit` at most, behind the place of `after`, who may be gone; only those with
   * `search` in their username or display name, whatever the case.
   */
  listUsers(page: {
    after: Pick<User, 'createdAt' | 'id'> | null;
    limit: number;
    search?: string | undefined;
  }): Promise<User[]>;

  /** False, and nothing stored, when the username is taken. */
  insertUser(user: User, occasion: Occasion): Promise<boolean>;

  /** The account after the change; `taken` when the new username is another account's. */
  updateUser(
    id: string,
    changes: UserChanges,
    occasion: Occasion,
    limited?: Limited,
  ): Promise<User | 'taken' | undefined>;

  /**
   * Replaces the hash if it is still `from`: false when another change was faster. With `endsSessionsBy` it is a new password,
   * and every session of the user ends, by that one, which has to be open: false when it is not. Without, it is the same one
   * hashed again, which is no event.
   */
  replacePasswordHash(
    id: string,
    change: { from: string; to: string; endsSessionsBy?: string },
    occasion: Occasion,
    limited?: Limited,
  ): Promise<boolean>;

  /** The account after the change. Whoever is disabled loses all sessions, which do not come back. */
  administerUser(
    id: string,
    changes: Administration,
    occasion: Occasion,
    mayTouch?: MayTouch,
  ): Promise<User | AdministrationRefusal | undefined>;

  /** Ends every session of the account, which leaves an event for each. */
  endSessionsOf(id: string, occasion: Occasion, mayTouch?: MayTouch): Promise<'ended' | 'out-of-bounds' | undefined>;

  /** Removes the account and its sessions. Its audit events stay. */
  deleteUser(
    id: string,
    occasion: Occasion,
    mayTouch?: MayTouch,
  ): Promise<'deleted' | AdministrationRefusal | undefined>;
}
