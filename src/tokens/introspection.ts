import { toMinute } from '../clock.ts';
import type { Authenticate } from './authenticate.ts';
import type { Caller } from './caller.ts';
import { type FindClientBounds, scopeWithin } from './client-bounds.ts';
import { goesOnWith } from './refresh.ts';
import { scopeLeft } from './scope.ts';
import type { Sessions } from './session.ts';

/** With it, every token may be inspected. */
export const introspectionScope = 'tokens:introspect';

/** Who inspects: the client sees its own tokens, or all of them. */
export type Observer = { readonly clientId: string; readonly seesAll: boolean };

type ActiveToken = {
  active: true;
  iss: string;
  aud?: string;
  sub: string;
  client_id: string;
  username?: string;
  scope: string;
  token_type?: 'Bearer';
  iat: number;
  exp: number;
  jti?: string;
  sid?: string;
};

export type Introspect = (token: string, observer: Observer) => Promise<ActiveToken | undefined>;

/** What may be said of a token (RFC 7662, 2.2); undefined when it is not active or not for the observer to see. */
export function introspector(deps: {
  issuer: string;
  audience: string;
  authenticate: Authenticate;
  sessions: Sessions;
  findClientBounds: FindClientBounds;
}): Introspect {
  const { issuer, audience, authenticate, sessions, findClientBounds } = deps;
  return async (token, observer) => {
    const found = token.startsWith('trt_') ? await viewRefreshToken(token) : await viewAccessToken(token);
    if (found === undefined) return undefined;
    return observer.seesAll || found.client_id === observer.clientId ? found : undefined;
  };

  async function viewAccessToken(token: string): Promise<ActiveToken | undefined> {
    const caller = await authenticate(token);
    if (typeof caller === 'string') return undefined;
    const { iss, aud, sub, client_id, scope, iat, exp, jti, sid } = caller.claims;
    return {
      active: true,
      iss,
      aud,
      sub,
      client_id,
      ...nameOf(caller),
      scope,
      token_type: 'Bearer',
      iat,
      exp,
      jti,
      ...(sid !== undefined && { sid }),
    };
  }

  async function viewRefreshToken(presented: string): Promise<ActiveToken | undefined> {
    const found = await sessions.inspect(presented);
    if (found === undefined) return undefined;
    const { token, session, user } = found;
    const client = await findClientBounds(session.clientId);
    if (client === undefined) return undefined;
    if (!goesOnWith({ isConfidential: client?.isConfidential === true }, session)) return undefined;
    const granted = { scope: session.scope, aud: session.audience };
    const scope = scopeLeft(scopeWithin(client, granted, { audience, grants: ['refresh_token'] }), user.roles);
    if (scope === '') return undefined;
    return {
      active: true,
      iss: issuer,
      sub: user.id,
      client_id: session.clientId,
      username: user.username,
      scope,
      // It was issued when the session was used last, and most expire so long after that.
      iat: toMinute(token.issuedAt),
      exp: toMinute(token.expiresAt),
      sid: session.id,
    };
  }
}

function nameOf(caller: Caller): { username?: string } {
  return caller.kind === 'user' ? { username: caller.user.username } : {};
}
