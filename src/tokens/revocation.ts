import type { Actor, Source } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { VerifyAccessToken } from './access-token.ts';
import type { Sessions } from './session.ts';
import type { AccessTokenStore } from './store.ts';

export type RevokeToken = (token: string, clientId: string, source: Source) => Promise<'done' | 'not-yours'>;

/**
 * Revokes what `clientId` was issued (RFC 7009): a refresh token, used or not, ends its session; an access token ends
 * alone. A token that is unknown or does not work is done with already.
 */
export function tokenRevoker(deps: {
  verify: VerifyAccessToken;
  sessions: Sessions;
  store: AccessTokenStore;
  clock: Clock;
}): RevokeToken {
  const { verify, sessions, store, clock } = deps;
  return async (token, clientId, { address }) => {
    const causeBy = (sub: string) => ({
      actor: { kind: 'caller', sub, clientId } satisfies Actor,
      reason: null,
      address,
    });
    if (token.startsWith('trt_')) {
      const session = await sessions.of(token);
      if (session === undefined) return 'done';
      if (session.clientId !== clientId) return 'not-yours';
      await sessions.end(session, { ...causeBy(session.userId), detail: 'signed out' });
      return 'done';
    }
    const claims = await verify(token);
    if (typeof claims === 'string') return 'done';
    if (claims.client_id !== clientId) return 'not-yours';
    const occasion = { ...causeBy(claims.sub), at: clock() };
    await store.revokeAccessToken({ jti: claims.jti, expiresAt: claims.exp }, occasion);
    return 'done';
  };
}
