import type { AuthenticatedClient } from '../clients/authentication.ts';
import type { RefreshToken, Session } from './store.ts';

export type RefreshDecision = 'rotate' | 'repeat' | 'refuse' | 'end-session';

/** A refresh token, what it belongs to, and the successor sealed in it, if there is one and it is stored. */
export type Presented = {
  readonly token: RefreshToken;
  readonly session: Pick<Session, 'clientId' | 'expiresAt' | 'endedAt'>;
  readonly successor: Pick<RefreshToken, 'usedAt' | 'expiresAt'> | undefined;
};

/**
 * Decides what becomes of a refresh token that `clientId` presents at `now` (epoch seconds).
 *
 * A token works once, for the client it was issued to. The one that its family used last may come again within `grace`
 * seconds, since the reply may have been lost, and is answered with the same successor. Any other use of a used token ends
 * the whole session, since one of its two users is a thief (RFC 9700, 4.14.2). The clock that it was used by may be ahead
 * of ours. Pure: the caller carries it out, and the store lets only one of many rotate.
 */
export function decideRefresh(
  { token, session, successor }: Presented,
  { clientId, now, grace }: { clientId: string; now: number; grace: number },
): RefreshDecision {
  if (session.clientId !== clientId) return 'refuse';
  if (session.endedAt !== null || session.expiresAt <= now) return 'refuse';
  if (token.usedAt === null) return token.expiresAt > now ? 'rotate' : 'refuse';
  if (grace === 0 || now - token.usedAt > grace) return 'end-session';
  if (successor === undefined || successor.usedAt !== null || successor.expiresAt <= now) return 'end-session';
  return 'repeat';
}

/**
 * Whether `client`, which has authenticated as it must, may get tokens of a session. Not where it is public and the session got
 * its last tokens by a secret or key: the client has become public since, and whoever stole refresh tokens has waited for that.
 */
export function goesOnWith(
  { isConfidential }: Pick<AuthenticatedClient, 'isConfidential'>,
  { credentialId }: Pick<Session, 'credentialId'>,
): boolean {
  return isConfidential || credentialId === null;
}
