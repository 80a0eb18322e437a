/**
 * Accounts. This folder owns what an account is, which usernames, names and passwords there may be, and how a password is
 * hashed, checked and changed. It leaves to others where accounts are kept (`database/` implements UserStore) and what
 * a user is granted (`tokens/`).
 */

/** The roles there are: named sets of scopes beyond those of every user. */
export type Role = 'admin';

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

export type UserChanges = Partial<Pick<User, 'username' | 'usernameKey' | 'name' | 'disabledAt'>> &
  Pick<User, 'updatedAt'>;

/** Where accounts are kept. Implemented in `database/`; every method is one transaction. */
export interface UserStore {
  /** False, and nothing stored, when the username is taken. */
  insertUser(user: User): Promise<boolean>;

  findUserByUsername(usernameKey: string): Promise<User | undefined>;

  /** The account after the change; `taken` when the new username is another account's. */
  updateUser(id: string, changes: UserChanges): Promise<User | 'taken' | undefined>;

  /**
   * Replaces the hash if it is still `from`: false when another change was faster. With `endSessionsBut`, ends every other
   * session of the user.
   */
  replacePasswordHash(
    id: string,
    change: { from: string; to: string; at: number; endSessionsBut?: string },
  ): Promise<boolean>;

  /** Removes the account and its sessions. */
  deleteUser(id: string): Promise<void>;
}
