import type { User } from '../users/store.ts';

/** What one login began: a family of refresh tokens and the access tokens issued with them. Moments are epoch seconds. */
export type Session = {
  readonly id: string;
  readonly userId: string;
  readonly clientId: string;
  /** What the login was granted, separated by spaces; a refresh may narrow it for one access token. */
  readonly scope: string;
  readonly createdAt: number;
  readonly endedAt: number | null;
};

/** A refresh token as it is stored: never itself, only its SHA-256. */
export type RefreshToken = {
  readonly hash: string;
  readonly sessionId: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly usedAt: number | null;
};

/**
 * Where sessions and refresh tokens are kept. Implemented in `database/`; every method is one transaction. What has
 * ended, been used or expired stays until the account is deleted: nothing cleans it up yet.
 */
export interface SessionStore {
  /**
   * Stores the session and its first token. False, and nothing stored, when the account is gone or disabled, or its
   * password hash is not `passwordHash` any more: a login that began before such a change must not outlive it.
   */
  startSession(session: Session, first: RefreshToken, passwordHash: string): Promise<boolean>;

  findRefreshToken(hash: string): Promise<{ token: RefreshToken; session: Session; user: User } | undefined>;

  /**
   * Marks the token used and stores its successor: true for exactly one of several callers at once. False, and nothing
   * stored, when the token has been used or its session has ended.
   */
  rotateRefreshToken(hash: string, usedAt: number, successor: RefreshToken): Promise<boolean>;

  /** Ends the session with all its tokens. Ending it again changes nothing. */
  endSession(id: string, at: number): Promise<void>;
}

/** What the database knows against an access token that is itself in order. */
export interface AccessTokenStore {
  /** The user behind a session, unless the token, the session or the account has ended. */
  findTokenUser(token: { jti: string; sessionId: string; userId: string }): Promise<User | undefined>;

  /** Whether the client is still registered and the token has not been revoked. */
  isClientTokenGood(token: { jti: string; clientId: string }): Promise<boolean>;

  /** Remembers that the token, which expires at `expiresAt`, is revoked. Nothing forgets it yet; it may be once expired. */
  revokeAccessToken(jti: string, expiresAt: number): Promise<void>;
}
