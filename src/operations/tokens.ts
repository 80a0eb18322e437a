/** The OAuth operations: each an ordered list of checks, then one answer. */
import type { AuthenticateClient, ClientCredentials } from '../clients/authentication.ts';
import type { Grants } from '../grants/grants.ts';
import { refuse, refuseClient, unauthenticated } from '../grants/refusals.ts';
import type { Handler, Reply } from '../http/contract.ts';
import { basicChallenge } from '../tokens/challenge.ts';
import { type Introspect, type Observer, introspectionScope } from '../tokens/introspection.ts';
import type { RevokeToken } from '../tokens/revocation.ts';
import { hasScope } from '../tokens/scope.ts';

export function issueToken({
  authenticateClient,
  grants,
}: {
  authenticateClient: AuthenticateClient;
  /** Without a password grant, where there is none. */
  grants: Grants;
}): Handler<'issueToken'> {
  return async (request) => {
    const { body, source } = request;
    const client = await authenticateClient(credentialsOf(request), source);
    if ('error' in client) return refuseClient(client);
    const { grant_type: grantType } = body;
    const grant = grants[grantType];
    if (grant === undefined) return refuse('unsupported_grant_type', 'The password grant is turned off.');
    if (!client.grantTypes.includes(grantType)) {
      return refuse('unauthorized_client', `The client may not use the ${grantType} grant.`);
    }
    return grant(body, client, source);
  };
}

export function revokeToken(deps: {
  authenticateClient: AuthenticateClient;
  revoke: RevokeToken;
}): Handler<'revokeToken'> {
  return async (request) => {
    const client = await deps.authenticateClient(credentialsOf(request), request.source);
    if ('error' in client) return refuseClient(client);
    const outcome = await deps.revoke(request.body.token, client.id, request.source);
    if (outcome === 'not-yours') return refuse('invalid_grant', 'The token was issued to another client.');
    return { status: 200 };
  };
}

export function introspectToken(deps: {
  authenticateClient: AuthenticateClient;
  introspect: Introspect;
}): Handler<'introspectToken'> {
  const { authenticateClient, introspect } = deps;

  return async (request) => {
    const { body, caller } = request;
    const { token } = body;
    if (caller !== undefined) {
      if (body.client_secret !== undefined || body.client_assertion !== undefined)
        return refuse('invalid_request', 'Only one method of authentication may be used.');
      return answer(token, { clientId: caller.claims.client_id, seesAll: true });
    }
    const client = await authenticateClient(credentialsOf(request), request.source);
    if ('error' in client || !client.isConfidential) {
      const reply = refuseClient('error' in client ? client : unauthenticated);
      return reply.status === 400 ? reply : { ...reply, headers: { 'WWW-Authenticate': basicChallenge } };
    }
    return answer(token, { clientId: client.id, seesAll: hasScope(client.scope ?? '', introspectionScope) });
  };

  async function answer(token: string, observer: Observer): Promise<Reply<'introspectToken'>> {
    return { status: 200, body: (await introspect(token, observer)) ?? { active: false } };
  }
}

/** How the client authenticates, or tries to. */
function credentialsOf(request: {
  readonly authorization: string | undefined;
  readonly body: Partial<Omit<ClientCredentials, 'authorization'>>;
}): ClientCredentials {
  const { client_id, client_secret, client_assertion_type, client_assertion } = request.body;
  const { authorization } = request;
  return { authorization, client_id, client_secret, client_assertion_type, client_assertion };
}
