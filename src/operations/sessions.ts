/** Where users are signed in, and how they end that. */
import { viewSession } from '../views/session.ts';
import { endedByUser } from '../tokens/session-end.ts';
import type { Handler } from '../http/contract.ts';
import type { Sessions } from '../tokens/session.ts';
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

const noSuchSession = { status: 404, body: { detail: 'There is no such session.' } } as const;
