import type { Source } from '../audit/event.ts';
import type { AuthenticatedClient } from '../clients/authentication.ts';
import { chooseAudience } from '../tokens/audience.ts';
import { grantScope, scopesThrough } from '../tokens/scope.ts';
import type { Sessions } from '../tokens/session.ts';
import type { AuthenticateUser } from '../users/authentication.ts';
import { type Grant, type TokenRequest, issued } from './grants.ts';
import { invalidTarget, refuse, refuseScope } from './refusals.ts';
import type { IssueFirstTokens } from './session-tokens.ts';

/** The resource owner password credentials grant (RFC 6749, 4.3), which begins a session. */
export function createPasswordGrant({
  authenticateUser,
  sessions,
  issueFirstTokens,
}: {
  authenticateUser: AuthenticateUser;
  sessions: Pick<Sessions, 'start'>;
  issueFirstTokens: IssueFirstTokens;
}): Grant {
  return async function grantByPassword(request: TokenRequest, client: AuthenticatedClient, source: Source) {
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
  };
}
