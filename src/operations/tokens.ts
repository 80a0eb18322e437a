/** The OAuth operations: each an ordered list of checks, then one answer. */
import type { Source } from '../audit/event.ts';
import type { AuthenticateClient, AuthenticatedClient, ClientCredentials } from '../clients/authentication.ts';
import type { Handler, Reply, Request } from '../http/contract.ts';
import type { IssueAccessToken } from '../tokens/access-token.ts';
import { chooseAudience } from '../tokens/audience.ts';
import { basicChallenge } from '../tokens/challenge.ts';
import { type Introspect, type Observer, introspectionScope } from '../tokens/introspection.ts';
import type { RevokeToken } from '../tokens/revocation.ts';
import { grantScope, hasScope, scopesThrough, splitScope } from '../tokens/scope.ts';
import type { Sessions } from '../tokens/session.ts';
import type { AuthenticateUser } from '../users/authentication.ts';
import type { User } from '../users/store.ts';
import { credentialClaim, firstTokenIssuer, sessionTokenIssuer } from './session-tokens.ts';
import { invalidTarget, refuse, refuseClient, refuseScope, unauthenticated } from './oauth-refusals.ts';

export function issueToken(deps: {
  authenticateClient: AuthenticateClient;
  authenticateUser: AuthenticateUser;
  sessions: Sessions;
  issueAccessToken: IssueAccessToken;
  /** Whether there is a password grant at all. */
  passwordGrant: boolean;
}): Handler<'issueToken'> {
  const { authenticateClient, authenticateUser, sessions, issueAccessToken, passwordGrant: isPasswordGrantOn } = deps;
  const issueTokens = sessionTokenIssuer(issueAccessToken);
  const issueFirstTokens = firstTokenIssuer({ issueAccessToken, sessions });

  return async (request) => {
    const { body, source } = request;
    const client = await authenticateClient(credentialsOf(request), source);
    if ('error' in client) return refuseClient(client);
    const { grant_type: grantType } = body;
    if (grantType === 'password' && !isPasswordGrantOn) {
      return refuse('unsupported_grant_type', 'The password grant is turned off.');
    }
    if (!client.grantTypes.includes(grantType)) {
      return refuse('unauthorized_client', `The client may not use the ${grantType} grant.`);
    }
    switch (grantType) {
      case 'password':
        return passwordGrant(body, client, source);
      case 'refresh_token':
        return refreshGrant(body, client, source);
      case 'client_credentials':
        return clientCredentialsGrant(body, client);
    }
  };

  async function passwordGrant(request: TokenRequest, client: AuthenticatedClient, source: Source) {
    const { username: typed, password, refresh_token: device, scope, resource } = request;
    if (typed === undefined || password === undefined) {
      return refuse('invalid_request', 'The password grant needs username and password.');
    }
    // Keyboards and forms leave blanks behind, and no username has any.
    const username = typed.trim();
    const audience = chooseAudience(resource, client.audiences);
    if (audience === null) return invalidTarget;
    const user = await authenticateUser({ username, password, device, clientId: client.id }, source);
    if (user === undefined) return refuse('invalid_grant', 'The username or password is wrong.');
    const grantable = scopesThrough(client, user.roles);
    const granted = grantScope(scope, grantable);
    if (granted === null) return refuseScope(scope, grantable);
    const open = await sessions.start(user, { client, scope: granted, audience }, source);
    if (open === undefined) return refuse('invalid_grant', 'The username or password is wrong.');
    return issued(await issueFirstTokens(open, granted, client, source));
  }

  async function refreshGrant(request: TokenRequest, client: AuthenticatedClient, source: Source) {
    const { refresh_token: presented, scope, resource } = request;
    if (presented === undefined) return refuse('invalid_request', 'The refresh grant needs refresh_token.');
    let grantable: string[] = [];
    const open = await sessions.refresh({ presented, client, resource, grant }, source);
    if (open === 'invalid_scope') return refuseScope(scope, grantable);
    if (open === 'invalid_target') return invalidTarget;
    if (open === undefined) return refuse('invalid_grant', 'The refresh token does not work.');
    return issued(await issueTokens(open, open.scope, client));

    function grant(granted: string, user: User): string | null {
      grantable = scopesThrough(client, user.roles).filter((each) => hasScope(granted, each));
      return grantScope(scope, grantable);
    }
  }

  async function clientCredentialsGrant({ scope, resource }: TokenRequest, client: AuthenticatedClient) {
    const { id, audiences, accessTokenLifetime: lifetime } = client;
    const aud = chooseAudience(resource, audiences);
    if (aud === null) return invalidTarget;
    const grantable = splitScope(client.scope ?? '');
    const granted = grantScope(scope, grantable);
    if (granted === null) return refuseScope(scope, grantable);
    const grant = { sub: id, client_id: id, aud, scope: granted, ...credentialClaim(client) };
    const { token, expiresIn } = await issueAccessToken(grant, { lifetime });
    return issued({ access_token: token, token_type: 'Bearer', expires_in: expiresIn, scope: granted });
  }
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

type TokenRequest = Request<'issueToken'>['body'];
type Issued = Extract<Reply<'issueToken'>, { status: 200 }>;

/** How the client authenticates, or tries to. */
function credentialsOf(request: {
  readonly authorization: string | undefined;
  readonly body: Partial<Omit<ClientCredentials, 'authorization'>>;
}): ClientCredentials {
  const { client_id, client_secret, client_assertion_type, client_assertion } = request.body;
  const { authorization } = request;
  return { authorization, client_id, client_secret, client_assertion_type, client_assertion };
}

function issued(body: Issued['body']): Issued {
  return { status: 200, body };
}
