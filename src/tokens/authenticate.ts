import type { Clock } from '../clock.ts';
import type { AccessTokenClaims, VerifyAccessToken } from './access-token.ts';
import type { Caller } from './caller.ts';
import { scopeWithin } from './client-bounds.ts';
import { scopeLeft } from './scope.ts';
import type { AccessTokenStore } from './store.ts';

/** With `audience`, a token that is for somebody else is invalid. */
export type Authenticate = (token: string, audience?: string) => Promise<Caller | 'expired' | 'invalid'>;

/**
 * Finds whom an access token speaks for: the token is in order, and nothing behind it has ended. Its scope is what the user
 * and the client still have of it, so that roles which are taken away are gone at once, and so is what a client has lost.
 * `audience` is the server's own.
 */
export function authenticator(deps: {
  verify: VerifyAccessToken;
  store: AccessTokenStore;
  clock: Clock;
  audience: string;
}): Authenticate {
  const { verify, store, clock, audience } = deps;
  return async (token, wanted) => {
    const claims = await verify(token);
    if (typeof claims === 'string') return claims;
    if (wanted !== undefined && claims.aud !== wanted) return 'invalid';
    return (await callerOf(claims)) ?? 'invalid';
  };

  async function callerOf(claims: AccessTokenClaims): Promise<Caller | undefined> {
    const { jti, sid: sessionId, sub, client_id: clientId, client_credential_id: credentialId } = claims;
    if (sessionId === undefined) {
      const client = sub === clientId ? await store.findTokenClient({ jti, clientId, credentialId }) : undefined;
      const scope =
        client === undefined ? '' : scopeWithin(client, claims, { audience, grants: ['client_credentials'] });
      return scope === '' ? undefined : { kind: 'client', claims: withScope(claims, scope) };
    }
    const found = await store.findTokenUser({ jti, sessionId, userId: sub, credentialId, now: clock() });
    if (found === undefined) return undefined;
    const { user, client } = found;
    const scope = scopeLeft(
      scopeWithin(client, claims, { audience, grants: ['password', 'refresh_token'] }),
      user.roles,
    );
    return scope === '' ? undefined : { kind: 'user', user, sessionId, claims: withScope(claims, scope) };
  }
}

function withScope(claims: AccessTokenClaims, scope: string): AccessTokenClaims {
  return scope === claims.scope ? claims : { ...claims, scope };
}
