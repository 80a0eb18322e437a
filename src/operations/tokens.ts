/** The OAuth operations: each an ordered list of checks, then one answer. */
import {
  type AuthenticateClient,
  type AuthenticatedClient,
  type ClientFault,
  firstParty,
} from '../clients/authentication.ts';
import type { Handler, Reply, Request } from '../http/contract.ts';
import type { IssueAccessToken } from '../tokens/access-token.ts';
import { basicChallenge } from '../tokens/challenge.ts';
import { type Introspect, type Observer, introspectionScope } from '../tokens/introspection.ts';
import type { RevokeToken } from '../tokens/revocation.ts';
import { grantScope, scopesOfUser } from '../tokens/scope.ts';
import type { OpenSession, Sessions } from '../tokens/session.ts';
import type { AuthenticateUser } from '../users/authentication.ts';
import type { User } from '../users/store.ts';

export function issueToken(deps: {
  authenticateClient: AuthenticateClient;
  authenticateUser: AuthenticateUser;
  sessions: Sessions;
  issueAccessToken: IssueAccessToken;
}): Handler<'issueToken'> {
  const { authenticateClient, authenticateUser, sessions, issueAccessToken } = deps;

  return async ({ body, authorization }) => {
    const { client_id, client_secret } = body;
    const client = await authenticateClient({ authorization, client_id, client_secret });
    if ('error' in client) return refuseClient(client);
    switch (body.grant_type) {
      case 'password':
        return passwordGrant(body, client);
      case 'refresh_token':
        return refreshGrant(body, client);
      case 'client_credentials':
        return clientCredentialsGrant(body, client);
    }
  };

  async function passwordGrant({ username, password, scope }: TokenRequest, client: AuthenticatedClient) {
    if (username === undefined || password === undefined) {
      return refuse('invalid_request', 'The password grant needs username and password.');
    }
    const user = await authenticateUser(username, password);
    if (user === undefined) return refuse('invalid_grant', 'The username or password is wrong.');
    const granted = grantScope(scope, scopesFor(user, client));
    if (granted === null) return invalidScope;
    const open = await sessions.start(user, client.id, granted);
    if (open === undefined) return refuse('invalid_grant', 'The username or password is wrong.');
    return tokensOf(open, granted);
  }

  async function refreshGrant({ refresh_token, scope }: TokenRequest, client: AuthenticatedClient) {
    if (refresh_token === undefined) return refuse('invalid_request', 'The refresh grant needs refresh_token.');
    const open = await sessions.refresh(refresh_token, client.id, (session, user) => {
      const stillAllowed = scopesFor(user, client).filter((each) => session.scope.split(' ').includes(each));
      return grantScope(scope, stillAllowed);
    });
    if (open === 'invalid_scope') return invalidScope;
    if (open === undefined) return refuse('invalid_grant', 'The refresh token does not work.');
    return tokensOf(open, open.scope);
  }

  async function clientCredentialsGrant({ scope }: TokenRequest, client: AuthenticatedClient) {
    if (!('secretHash' in client)) {
      return refuse('unauthorized_client', 'The client_credentials grant needs an authenticated client.');
    }
    const granted = grantScope(scope, client.scope.split(' '));
    if (granted === null) return invalidScope;
    const { token, expiresIn } = await issueAccessToken({ sub: client.id, client_id: client.id, scope: granted });
    return issued({ access_token: token, token_type: 'Bearer', expires_in: expiresIn, scope: granted });
  }

  async function tokensOf({ session, user, refreshToken }: OpenSession, scope: string) {
    const grant = { sub: user.id, client_id: session.clientId, scope, sid: session.id };
    const { token, expiresIn } = await issueAccessToken(grant);
    return issued({
      access_token: token,
      token_type: 'Bearer',
      expires_in: expiresIn,
      refresh_token: refreshToken,
      scope,
    });
  }
}

export function revokeToken(deps: {
  authenticateClient: AuthenticateClient;
  revoke: RevokeToken;
}): Handler<'revokeToken'> {
  return async ({ body, authorization }) => {
    const { token, client_id, client_secret } = body;
    const client = await deps.authenticateClient({ authorization, client_id, client_secret });
    if ('error' in client) return refuseClient(client);
    const outcome = await deps.revoke(token, client.id);
    if (outcome === 'not-yours') return refuse('invalid_grant', 'The token was issued to another client.');
    return { status: 200 };
  };
}

export function introspectToken(deps: {
  authenticateClient: AuthenticateClient;
  introspect: Introspect;
}): Handler<'introspectToken'> {
  const { authenticateClient, introspect } = deps;

  return async ({ body, authorization, caller }) => {
    const { token, client_id, client_secret } = body;
    if (caller !== undefined) {
      if (client_secret !== undefined)
        return refuse('invalid_request', 'Only one method of authentication may be used.');
      return answer(token, { clientId: caller.claims.client_id, seesAll: true });
    }
    const client = await authenticateClient({ authorization, client_id, client_secret });
    if ('error' in client || !('secretHash' in client)) {
      const reply = refuseClient('error' in client ? client : unauthenticated);
      return reply.status === 400 ? reply : { ...reply, headers: { 'WWW-Authenticate': basicChallenge } };
    }
    return answer(token, { clientId: client.id, seesAll: client.scope.split(' ').includes(introspectionScope) });
  };

  async function answer(token: string, observer: Observer): Promise<Reply<'introspectToken'>> {
    return { status: 200, body: (await introspect(token, observer)) ?? { active: false } };
  }
}

type TokenRequest = Request<'issueToken'>['body'];
type Issued = Extract<Reply<'issueToken'>, { status: 200 }>;
type OAuthError = Extract<Reply<'issueToken'>, { status: 400 }>['body']['error'];

function issued(body: Issued['body']): Issued {
  return { status: 200, body };
}

function refuse(error: OAuthError, error_description: string) {
  return { status: 400, body: { error, error_description } } as const;
}

/** 401 for a client that failed to authenticate, 400 for everything else (RFC 6749, 5.2). */
function refuseClient({ error, description }: ClientFault) {
  if (error !== 'invalid_client') return refuse(error, description);
  return { status: 401, body: { error, error_description: description } } as const;
}

const unauthenticated: ClientFault = { error: 'invalid_client', description: 'This needs an authenticated client.' };

const invalidScope = {
  status: 400,
  body: { error: 'invalid_scope', error_description: 'The scope is malformed, or asks for more than can be granted.' },
} as const;

/** What a user may be granted through a client: a registered one passes on no more than it is registered for. */
function scopesFor(user: User, client: AuthenticatedClient): string[] {
  const scopes = scopesOfUser(user.roles);
  if (client.id === firstParty || !('scope' in client)) return scopes;
  const registered = client.scope.split(' ');
  return scopes.filter((scope) => registered.includes(scope));
}
