import type { Source } from '../audit/event.ts';
import type { AuthenticatedClient } from '../clients/authentication.ts';
import type { IssueAccessToken } from '../tokens/access-token.ts';
import type { OpenSession, Sessions } from '../tokens/session.ts';

/** What a session gives out, as RFC 6749, 5.1 has it. */
type SessionTokens = {
  access_token: string;
  token_type: 'Bearer';
  expires_in: number;
  refresh_token?: string;
  scope: string;
};

/** Issues an access token with `scope`, and says what else the session gives out. */
export type IssueSessionTokens = (
  open: OpenSession,
  scope: string,
  client: Pick<AuthenticatedClient, 'accessTokenLifetime' | 'credentialId'>,
) => Promise<SessionTokens>;

export function sessionTokenIssuer(issueAccessToken: IssueAccessToken): IssueSessionTokens {
  return async ({ session, user, audience: aud, refreshToken }, scope, client) => {
    const { accessTokenLifetime: lifetime } = client;
    const { id: sid, clientId: client_id, expiresAt: until } = session;
    const grant = { sub: user.id, client_id, aud, scope, sid, ...credentialClaim(client) };
    const { token, expiresIn } = await issueAccessToken(grant, { lifetime, until });
    return {
      access_token: token,
      token_type: 'Bearer',
      expires_in: expiresIn,
      ...(refreshToken !== null && { refresh_token: refreshToken }),
      scope,
    };
  };
}

/** What the token ends with: what the client authenticated with at this request, whatever its session began with. */
export function credentialClaim({ credentialId }: Pick<AuthenticatedClient, 'credentialId'>) {
  return credentialId === null ? {} : { client_credential_id: credentialId };
}

/** The same of a session that has just begun: it ends again where nobody gets its tokens. */
export type IssueFirstTokens = (
  open: OpenSession,
  scope: string,
  client: Parameters<IssueSessionTokens>[2],
  source: Source,
) => Promise<SessionTokens>;

export function firstTokenIssuer(deps: {
  issueAccessToken: IssueAccessToken;
  sessions: Pick<Sessions, 'end'>;
}): IssueFirstTokens {
  const issueTokens = sessionTokenIssuer(deps.issueAccessToken);
  return async (open, scope, client, source) => {
    try {
      return await issueTokens(open, scope, client);
    } catch (fault) {
      const { id, userId, clientId } = open.session;
      const actor = { kind: 'caller', sub: userId, clientId } as const;
      const cause = { actor, address: source.address, reason: null, detail: 'no tokens could be issued' };
      // Where that fails, too, it is left to end by itself: what the caller has to know of is the first fault.
      await deps.sessions.end({ id, userId }, cause).catch(() => false);
      throw fault;
    }
  };
}
