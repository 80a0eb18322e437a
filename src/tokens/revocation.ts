import type { VerifyAccessToken } from './access-token.ts';
import type { Sessions } from './session.ts';
import type { AccessTokenStore } from './store.ts';

export type RevokeToken = (token: string, clientId: string) => Promise<'done' | 'not-yours'>;

/**
 * Revokes what `clientId` was issued (RFC 7009): a refresh token, used or not, ends its session; an access token ends
 * alone. A token that is unknown or does not work is done with already.
 */
export function tokenRevoker(deps: {
  verify: VerifyAccessToken;
  sessions: Sessions;
  store: AccessTokenStore;
}): RevokeToken {
  const { verify, sessions, store } = deps;
  return async (token, clientId) => {
    if (token.startsWith('trt_')) {
      const session = await sessions.of(token);
      if (session === undefined) return 'done';
      if (session.clientId !== clientId) return 'not-yours';
      await sessions.end(session.id);
      return 'done';
    }
    const claims = await verify(token);
    if (typeof claims === 'string') return 'done';
    if (claims.client_id !== clientId) return 'not-yours';
    await store.revokeAccessToken(claims.jti, claims.exp);
    return 'done';
  };
}
