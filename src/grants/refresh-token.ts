import type { Source } from '../audit/event.ts';
import type { AuthenticatedClient } from '../clients/authentication.ts';
import type { Sessions } from '../tokens/session.ts';
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
    const outcome = await sessions.refresh({ presented, client, resource, scope }, source);
    if (outcome === undefined) return refuse('invalid_grant', 'The refresh token does not work.');
    if ('fault' in outcome)
      return outcome.fault === 'invalid_target' ? invalidTarget : refuseScope(scope, outcome.grantable);
    return issued(await issueTokens(outcome, outcome.scope, client));
  };
}
