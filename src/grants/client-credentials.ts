import type { AuthenticatedClient } from '../clients/authentication.ts';
import type { IssueAccessToken } from '../tokens/access-token.ts';
import { chooseAudience } from '../tokens/audience.ts';
import { grantScope, splitScope } from '../tokens/scope.ts';
import { type Grant, type TokenRequest, issued } from './grants.ts';
import { invalidTarget, refuseScope } from './refusals.ts';
import { credentialClaim } from './session-tokens.ts';

/** The client credentials grant (RFC 6749, 4.4): a token for the client itself, without a session. */
export function createClientCredentialsGrant(issueAccessToken: IssueAccessToken): Grant {
  return async function grantByClientCredentials({ scope, resource }: TokenRequest, client: AuthenticatedClient) {
    const { id, audiences, accessTokenLifetime: lifetime } = client;
    const aud = chooseAudience(resource, audiences);
    if (aud === null) return invalidTarget;
    const grantable = splitScope(client.scope ?? '');
    const granted = grantScope(scope, grantable);
    if (granted === null) return refuseScope(scope, grantable);
    const grant = { sub: id, client_id: id, aud, scope: granted, ...credentialClaim(client) };
    const { token, expiresIn } = await issueAccessToken(grant, { lifetime });
    return issued({ access_token: token, token_type: 'Bearer', expires_in: expiresIn, scope: granted });
  };
}
