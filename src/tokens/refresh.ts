import type { RefreshToken, Session } from './store.ts';

export type RefreshDecision = 'rotate' | 'refuse' | 'end-session';

/**
 * Decides what becomes of a refresh token that `clientId` presents at `now` (epoch seconds).
 *
 * A token works once, for the client it was issued to; using it again ends the whole session, since one of the two users
 * of it is a thief (RFC 9700, 4.14.2). Pure: the caller carries it out, and the store lets only one of many rotate.
 */
export function decideRefresh(token: RefreshToken, session: Session, clientId: string, now: number): RefreshDecision {
  if (session.clientId !== clientId) return 'refuse';
  if (session.endedAt !== null) return 'refuse';
  if (token.usedAt !== null) return 'end-session';
  if (token.expiresAt <= now) return 'refuse';
  return 'rotate';
}
