/** The accounts of others, for whoever looks after them. */
import { endedByAnother } from '../tokens/session-end.ts';
import { viewAccount } from '../views/account.ts';
import type { Clock } from '../clock.ts';
import type { Handler } from '../http/contract.ts';
import { privilegesBeyond } from '../tokens/authority.ts';
import type { Caller } from '../tokens/caller.ts';
import { scopesOfUser } from '../tokens/scope.ts';
import type { Sessions } from '../tokens/session.ts';
import type { MayTouch, Role, UserStore } from '../users/store.ts';
import { causeOf } from './cause.ts';
import { cursorOf, positionOf } from '../views/cursor.ts';
import { pageOf, usualLimit } from '../views/page.ts';
import { insufficientScope, lastAdministrator, noSuchUser, unknownCursor } from './replies.ts';
import { viewSession } from '../views/session.ts';

type Deps = { readonly store: UserStore; readonly clock: Clock };

export function listUsers({ store }: Pick<Deps, 'store'>): Handler<'listUsers'> {
  return async ({ query: { limit = usualLimit, cursor, search } }) => {
    const after = cursor === undefined ? null : positionOf(cursor, 'usr_');
    if (after === undefined) return unknownCursor;
    const found = await store.listUsers({ after, limit: limit + 1, search });
    const { items, next } = pageOf(found, limit, cursorOf);
    return { status: 200, body: { users: items.map(viewAccount), ...next } };
  };
}

export function getUser({ store }: Pick<Deps, 'store'>): Handler<'getUser'> {
  return async ({ path }) => {
    const user = await store.findUser(path.userId);
    return user === undefined ? noSuchUser : { status: 200, body: viewAccount(user) };
  };
}

export function updateUser({ store, clock }: Deps): Handler<'updateUser'> {
  return async ({ caller, source, path, body }) => {
    const { disabled, roles } = body;
    const bounds = boundsOf(caller, roles);
    const occasion = { ...causeOf(caller, source), at: clock() };
    const outcome = await store.administerUser(path.userId, { disabled, roles }, occasion, bounds.mayTouch);
    if (outcome === undefined) return noSuchUser;
    if (outcome === 'out-of-bounds') return insufficientScope(bounds.missing());
    if (outcome === 'last-administrator') return lastAdministrator;
    return { status: 200, body: viewAccount(outcome) };
  };
}

export function deleteUser({ store, clock }: Deps): Handler<'deleteUser'> {
  return async ({ caller, source, path }) => {
    const bounds = boundsOf(caller);
    const occasion = { ...causeOf(caller, source), at: clock() };
    const outcome = await store.deleteUser(path.userId, occasion, bounds.mayTouch);
    if (outcome === undefined) return noSuchUser;
    if (outcome === 'out-of-bounds') return insufficientScope(bounds.missing());
    return outcome === 'deleted' ? { status: 204 } : lastAdministrator;
  };
}

export function listUserSessions(deps: {
  store: UserStore;
  sessions: Pick<Sessions, 'list'>;
}): Handler<'listUserSessions'> {
  return async ({ caller, path: { userId } }) => {
    if ((await deps.store.findUser(userId)) === undefined) return noSuchUser;
    const current = caller.kind === 'user' ? caller.sessionId : undefined;
    const found = await deps.sessions.list(userId);
    return { status: 200, body: { sessions: found.map((session) => viewSession(session, current)) } };
  };
}

export function endUserSessions({ store, clock }: Deps): Handler<'endUserSessions'> {
  return async ({ caller, source, path }) => {
    const bounds = boundsOf(caller);
    const occasion = { ...endedByAnother(causeOf(caller, source)), at: clock() };
    const outcome = await store.endSessionsOf(path.userId, occasion, bounds.mayTouch);
    if (outcome === undefined) return noSuchUser;
    return outcome === 'ended' ? { status: 204 } : insufficientScope(bounds.missing());
  };
}

/**
 * Which accounts the caller's token may touch, to give them `roles`. The store asks within its transaction, so that nobody
 * slips in a change between the look and the deed; `missing` says what was wanting then.
 */
function boundsOf({ claims }: Caller, roles: readonly Role[] = []): { mayTouch: MayTouch; missing(): string[] } {
  let missing: string[] = [];
  return {
    mayTouch: (user) => {
      missing = privilegesBeyond(claims.scope, scopesOfUser([...user.roles, ...roles]));
      return missing.length === 0;
    },
    missing: () => missing,
  };
}
