import type { Clock } from '../clock.ts';
import type { AccessTokenClaims, VerifyAccessToken } from './access-token.ts';
import type { Caller } from './caller.ts';
import { scopeLeft } from './scope.ts';
import type { AccessTokenStore } from './store.ts';

/** With `audience`, a token that is for somebody else is invalid. */
export type Authenticate = (token: string, audience?: string) => Promise<Caller | 'expired' | 'invalid'>;

/**
 * Finds whom an access token speaks for: the token is in order, and nothing behind it has ended. Its scope is what the user
 * still has of it, so that roles which are taken away are gone at once.
 */
export function authenticator(deps: {
  verify: VerifyAccessToken;
  store: AccessTokenStore;
  clock: Clock;
}): Authenticate {
  const { verify, store, clock } = deps;
  return async (token, audience) => {
    const claims = await verify(token);
    if (typeof claims === 'string') return claims;
    if (audience !== undefined && claims.aud !== audience) return 'invalid';
    return (await callerOf(claims)) ?? 'invalid';
  };

  async function callerOf(claims: AccessTokenClaims): Promise<Caller | undefined> {
    const { jti, sid: sessionId, sub, client_id: clientId } = claims;
    if (sessionId === undefined) {
      if (sub !== clientId || !(await store.isClientTokenGood({ jti, clientId }))) return undefined;
      return { kind: 'client', claims };
    }
    const user = await store.findTokenUser({ jti, sessionId, userId: sub, now: clock() });
    if (user === undefined) return undefined;
    const scope = scopeLeft(claims.scope, user.roles);
    return scope === '' ? undefined : { kind: 'user', user, sessionId, claims: { ...claims, scope } };
  }
}
