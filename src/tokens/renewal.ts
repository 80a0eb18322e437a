import type { Source } from '../audit/event.ts';
import type { AuthenticatedClient } from '../clients/authentication.ts';
import type { FindPublicClient } from '../clients/public-client.ts';
import type { User } from '../users/store.ts';
import { grantScope, hasScope, scopesThrough } from './scope.ts';
import type { OpenSession, Sessions } from './session.ts';

/** A session that goes on where another ended, and what its first access token may. */
export type RenewedSession = {
  readonly open: OpenSession;
  readonly scope: string;
  readonly client: AuthenticatedClient;
};

export type RenewSession = (user: User, endedId: string, source: Source) => Promise<RenewedSession | undefined>;

/**
 * Begins a session of `user` in place of one that has ended, with the same client, scope and audience, as far as user and
 * client may still have them. Undefined where the client is confidential, since it has to prove again who it is; where
 * nobody may sign in through it with a password; and where a login would not count: the account or the client is gone, the
 * password is another again, or all sessions have been ended once more.
 */
export function sessionRenewer(deps: {
  sessions: Pick<Sessions, 'find' | 'start'>;
  findPublicClient: FindPublicClient;
  /** The server's own. */
  audience: string;
  /** Whether there is a password grant at all. */
  passwordGrant: boolean;
}): RenewSession {
  const { sessions, findPublicClient, audience: ownAudience, passwordGrant } = deps;
  return async function renewSession(user, endedId, source) {
    const ended = await sessions.find(endedId);
    const client = ended && (await findPublicClient(ended.clientId));
    if (ended === undefined || client === undefined) return undefined;
    if (!passwordGrant || !client.grantTypes.includes('password')) return undefined;
    const audience = ended.audience ?? ownAudience;
    if (!client.audiences.includes(audience)) return undefined;
    const left = scopesThrough(client, user.roles).filter((each) => hasScope(ended.scope, each));
    const scope = grantScope(undefined, left);
    if (scope === null) return undefined;
    const open = await sessions.start(user, { client, scope, audience, inPlaceOf: endedId }, source);
    return open && { open, scope, client };
  };
}
