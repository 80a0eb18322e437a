import type { AuthenticatedClient } from '../clients/authentication.ts';
import type { IssueAccessToken } from '../tokens/access-token.ts';
import type { OpenSession } from '../tokens/session.ts';

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
    const grant = { sub: user.id, client_id, aud, scope, sid, ...credentialOf(client) };
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
export function credentialOf({ credentialId }: Pick<AuthenticatedClient, 'credentialId'>) {
  return credentialId === null ? {} : { client_credential_id: credentialId };
}
