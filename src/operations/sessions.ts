/** Where users are signed in, and how they end that. */
import { toMinute, toRfc3339 } from '../clock.ts';
import type { Handler } from '../http/contract.ts';
import { networkIn } from '../network.ts';
import type { Sessions } from '../tokens/session.ts';
import type { Session } from '../tokens/store.ts';
import { causeOf } from './cause.ts';
import { usersOnly } from './replies.ts';

export function listCurrentUserSessions(sessions: Pick<Sessions, 'list'>): Handler<'listCurrentUserSessions'> {
  return async ({ caller }) => {
    if (caller.kind !== 'user') return usersOnly;
    const found = await sessions.list(caller.user.id);
    return { status: 200, body: { sessions: found.map((session) => viewSession(session, caller.sessionId)) } };
  };
}

export function endCurrentUserSessions(sessions: Pick<Sessions, 'endAll'>): Handler<'endCurrentUserSessions'> {
  return async ({ caller, source, query: { current = 'keep' } }) => {
    if (caller.kind !== 'user') return usersOnly;
    const userId = caller.user.id;
    const ended = current === 'end' ? { userId } : { userId, but: caller.sessionId };
    await sessions.endAll(ended, { ...causeOf(caller, source), detail: endedByUser });
    return { status: 204 };
  };
}

export function endSession(sessions: Pick<Sessions, 'end'>): Handler<'endSession'> {
  return async ({ caller, source, path }) => {
    if (caller.kind !== 'user') return usersOnly;
    const session = { id: path.sessionId, userId: caller.user.id };
    const isEnded = await sessions.end(session, { ...causeOf(caller, source), detail: endedByUser });
    return isEnded ? { status: 204 } : noSuchSession;
  };
}

/**
 * The one place that says what of a session leaves the server: its address to the network only, and its last use to the
 * minute only.
 */
export function viewSession(session: Session, currentId: string | undefined) {
  return {
    id: session.id,
    current: session.id === currentId,
    client_id: session.clientId,
    scope: session.scope,
    created_at: toRfc3339(session.createdAt),
    last_used_at: toRfc3339(toMinute(session.lastUsedAt)),
    expires_at: toRfc3339(session.expiresAt),
    user_agent: session.userAgent,
    address: session.address === null ? null : networkIn(session.address, coarse),
  };
}

/** Enough to say roughly where somebody is, and no more. */
const coarse = { ipv4: 24, ipv6: 48 } as const;

const endedByUser = 'ended by the user';

const noSuchSession = { status: 404, body: { detail: 'There is no such session.' } } as const;
