import type { Source } from '../audit/event.ts';
import type { AuthenticatedClient } from '../clients/authentication.ts';
import { grantScope, hasScope, scopesThrough } from '../tokens/scope.ts';
import type { Sessions } from '../tokens/session.ts';
import type { User } from '../users/store.ts';
import { type Grant, type TokenRequest, issued } from './grants.ts';
import { invalidTarget, refuse, refuseScope } from './refusals.ts';
import type { IssueSessionTokens } from './session-tokens.ts';

/** The refresh token grant (RFC 6749, 6): each use of a refresh token gives out the next one. */
export function createRefreshGrant({
  sessions,
  issueTokens,
}: {
  sessions: Pick<Sessions, 'refresh'>;
  issueTokens: IssueSessionTokens;
}): Grant {
  return async function grantByRefreshToken(request: TokenRequest, client: AuthenticatedClient, source: Source) {
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
  };
}
