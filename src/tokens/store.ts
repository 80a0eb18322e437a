import type { Occasion } from '../audit/event.ts';
import type { Limited } from '../throttling/store.ts';
import type { User } from '../users/store.ts';
import type { ClientBounds } from './client-bounds.ts';
import type { Repeats } from './repeats.ts';

/** What one login began: a family of refresh tokens and the access tokens issued with them. Moments are epoch seconds. */
export type Session = {
  readonly id: string;
  readonly userId: string;
  readonly clientId: string;
  /** What the login was granted, separated by spaces; a refresh may narrow it for one access token. */
  readonly scope: string;
  /** Whom its access tokens are for; null for the server's own audience. */
  readonly audience: string | null;
  readonly createdAt: number;
  /** When it last got tokens. */
  readonly lastUsedAt: number;
  /** When it ends, however much it is used. */
  readonly expiresAt: number;
  /** By when every token of it has expired: then it has ended by itself. */
  readonly tokensExpireAt: number;
  readonly endedAt: number | null;
  /** What the client called itself, and where it was, at the login or the last rotation: a repeat may be a thief's. */
  readonly userAgent: string | null;
  readonly address: string | null;
  /** Names the secret or key that the client got those with; null for a public client, and at servers of the version before. */
  readonly credentialId: string | null;
  readonly repeats: Repeats;
};

/** What changes about a session at each rotation. */
export type SessionUse = Pick<Session, 'lastUsedAt' | 'tokensExpireAt' | 'userAgent' | 'address' | 'credentialId'>;

/** What changes about it when a repeat is forgiven: not where it is, since throttles know devices by that. */
export type RepeatedUse = Omit<SessionUse, 'userAgent' | 'address'>;

/** How what a session remembers of repeats is to change, if it is still `from`. */
export type RepeatsChange = { readonly from: Repeats; readonly to: Repeats };

/** What is noted of a repeat that is forgiven. */
export type NotedRepeat = {
  /** Whether it came from another network than the rotation. */
  readonly isElsewhere: boolean;
  readonly address: string | null;
  readonly repeats: RepeatsChange;
  /** Of its event; null where none is due. */
  readonly occasion: Occasion | null;
};

/** A refresh token as it is stored: never itself, only its SHA-256. */
export type RefreshToken = {
  readonly hash: string;
  readonly sessionId: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly usedAt: number | null;
  /** Of the token that its family used last, its successor, which only the holder of this one can open. */
  readonly sealedSuccessor: string | null;
};

/**
 * Where sessions and refresh tokens are kept. Implemented in `database/`; every method is one transaction, its audit event
 * and what it takes from its limits included. What has ended or expired stays for a while, a used token until it has expired:
 * `database/stores/expired-rows.ts`.
 */
export interface SessionStore {
  /**
   * Stores the session and its first token, if it has one. False, and nothing stored, when the account is gone or disabled,
   * its password hash is not `passwordHash` any more, or the client is gone: a login that began before such a change must
   * not outlive it. Where the account has `most` already, the one that was used least lately ends: of the same client, as
   * long as that has any. With `inPlaceOf`, false as well where all sessions were ended again after that one was with all.
   */
  startSession(
    session: Session,
    first: RefreshToken | null,
    passwordHash: string,
    occasion: Occasion,
    how?: { readonly most?: number; readonly inPlaceOf?: string } & Limited,
  ): Promise<boolean>;

  findRefreshToken(hash: string): Promise<{ token: RefreshToken; session: Session; user: User } | undefined>;

  /**
   * Marks the token used and stores its successor: true for exactly one of several callers at once. From then on the token
   * alone is the one that its family used last. False, and nothing stored, when the token has been used or has expired, its
   * session or account has ended, or the session remembers other repeats than `repeats` starts from. The moment is
   * `use.lastUsedAt`.
   */
  rotateRefreshToken(
    hash: string,
    rotation: { successor: RefreshToken; sealedSuccessor: string; use: SessionUse; repeats: RepeatsChange },
    limited?: Limited,
  ): Promise<boolean>;

  /**
   * Notes that a used token got its successor once more. False, and nothing changed, when it is not the one that its family
   * used last any more, its session or account has ended, or the session remembers other repeats.
   */
  repeatRefreshToken(token: RefreshToken, use: RepeatedUse, repeat: NotedRepeat, limited?: Limited): Promise<boolean>;

  /** How many rotations there were of the session since it gave out a token at `issuedAt`; `most` at most. */
  countRotations(sessionId: string, issuedAt: number, most: number): Promise<number>;

  /** Whether or not it has ended. */
  findSession(id: string): Promise<Session | undefined>;

  /** The sessions of a user that have not ended by `now`, the one used last first. */
  listSessions(userId: string, now: number): Promise<Session[]>;

  /**
   * Whether there is a session of the user, that of `id` or any but `but` where those are given, which has not been ended. One
   * that ended by itself is open: another server's clock may think otherwise.
   */
  isAnyOpen(sessions: { readonly userId: string; readonly id?: string; readonly but?: string }): Promise<boolean>;

  /** Ends a session of a user, with all its tokens. False when there is none such, or it has ended already. */
  endSession(
    session: { readonly id: string; readonly userId: string },
    occasion: Occasion,
    limited?: Limited,
  ): Promise<boolean>;

  /**
   * Ends all sessions of a user, but for one of them where `but` is given, by one small write however many there are. That
   * leaves an event for each, at once or soon. False when there was none to end.
   */
  endAllSessions(
    user: { readonly userId: string; readonly but?: string },
    occasion: Occasion,
    limited?: Limited,
  ): Promise<boolean>;

  /** Ends a session because a used token of it came again; `detail` of the occasion says more of it, if there is more. */
  endReusedSession(id: string, occasion: Occasion): Promise<void>;
}

/** What the database knows against an access token that is itself in order. */
export interface AccessTokenStore {
  /**
   * The user behind a session and the client of it, unless the token, the session or the account has ended by `now`, or the
   * client does not have the credential any more, where the token names one.
   */
  findTokenUser(token: {
    jti: string;
    sessionId: string;
    userId: string;
    credentialId: string | undefined;
    now: number;
  }): Promise<{ user: User; client: ClientBounds } | undefined>;

  /**
   * The client that acts for itself, if it is still registered, has the credential, where the token names one, and the token
   * has not been revoked.
   */
  findTokenClient(token: {
    jti: string;
    clientId: string;
    credentialId: string | undefined;
  }): Promise<ClientBounds | undefined>;

  /**
   * Remembers, until it has expired, that the token, which expires at `expiresAt`, is revoked. False when it was already:
   * that changes nothing, and leaves no other event.
   */
  revokeAccessToken(token: { jti: string; expiresAt: number }, occasion: Occasion, limited?: Limited): Promise<boolean>;

  /** Whether the token is remembered as revoked. Costs one look. */
  isRevoked(jti: string): Promise<boolean>;
}
