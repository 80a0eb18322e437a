import type { AccessTokenClaims, VerifyAccessToken } from './access-token.ts';
import type { Caller } from './caller.ts';
import type { AccessTokenStore } from './store.ts';

export type Authenticate = (token: string) => Promise<Caller | 'expired' | 'invalid'>;

/** Finds whom an access token speaks for: the token is in order, and nothing behind it has ended. */
export function authenticator(deps: { verify: VerifyAccessToken; store: AccessTokenStore }): Authenticate {
  const { verify, store } = deps;
  return async (token) => {
    const claims = await verify(token);
    if (typeof claims === 'string') return claims;
    return (await callerOf(claims)) ?? 'invalid';
  };

  async function callerOf(claims: AccessTokenClaims): Promise<Caller | undefined> {
    const { jti, sid: sessionId, sub, client_id: clientId } = claims;
    if (sessionId === undefined) {
      if (sub !== clientId || !(await store.isClientTokenGood({ jti, clientId }))) return undefined;
      return { kind: 'client', claims };
    }
    const user = await store.findTokenUser({ jti, sessionId, userId: sub });
    return user && { kind: 'user', user, sessionId, claims };
  }
}
