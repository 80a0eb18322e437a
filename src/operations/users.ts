/**
 * Accounts, for the people they belong to.
 *
 * This folder owns what each operation of the contract answers, one file for each tag: it reads a request that is in
 * order, calls the domain, and puts the outcome into words. It leaves HTTP to `http/`, and the rules to the domain.
 */
import { type Clock, toRfc3339 } from '../clock.ts';
import type { Handler, Reply } from '../http/contract.ts';
import { bearerChallenge } from '../tokens/challenge.ts';
import { type RegisterUser, notAUsername } from '../users/registration.ts';
import type { ChangePassword } from '../users/password-change.ts';
import type { User, UserChanges, UserStore } from '../users/store.ts';
import { prepareUsername } from '../users/username.ts';

export function registerUser(register: RegisterUser): Handler<'registerUser'> {
  return async ({ body }) => {
    const outcome = await register({ ...body, name: body.name ?? null, roles: [] });
    if (outcome.kind === 'taken') return usernameTaken;
    if (outcome.kind === 'fault') return badRequest(`/body/${outcome.member}`, outcome.detail);
    return { status: 201, body: viewUser(outcome.user) };
  };
}

export function getCurrentUser(): Handler<'getCurrentUser'> {
  return ({ caller }) => (caller.kind === 'user' ? { status: 200, body: viewUser(caller.user) } : usersOnly);
}

export function updateCurrentUser(deps: { store: UserStore; clock: Clock }): Handler<'updateCurrentUser'> {
  return async ({ caller, body }) => {
    if (caller.kind !== 'user') return usersOnly;
    const changes: UserChanges = { updatedAt: deps.clock(), ...(body.name !== undefined && { name: body.name }) };
    if (body.username !== undefined) {
      const prepared = prepareUsername(body.username);
      if (prepared === null) return badRequest('/body/username', notAUsername);
      Object.assign(changes, { username: prepared.username, usernameKey: prepared.key });
    }
    const outcome = await deps.store.updateUser(caller.user.id, changes);
    if (outcome === 'taken') return usernameTaken;
    if (outcome === undefined) return accountGone;
    return { status: 200, body: viewUser(outcome) };
  };
}

export function deleteCurrentUser(store: UserStore): Handler<'deleteCurrentUser'> {
  return async ({ caller }) => {
    if (caller.kind !== 'user') return usersOnly;
    await store.deleteUser(caller.user.id);
    return { status: 204 };
  };
}

export function changePassword(change: ChangePassword): Handler<'changePassword'> {
  return async ({ caller, body }) => {
    if (caller.kind !== 'user') return usersOnly;
    const { current_password: current, new_password: next } = body;
    const outcome = await change(caller.user, { current, next, endSessionsBut: caller.sessionId });
    if (outcome === 'wrong-password') return badRequest('/body/current_password', wrongPassword, wrongPassword);
    if (outcome !== 'changed') return badRequest('/body/new_password', outcome.fault);
    return { status: 204 };
  };
}

/** The one place that says what of an account leaves the server. */
function viewUser(user: User) {
  return {
    id: user.id,
    username: user.username,
    name: user.name,
    roles: [...user.roles],
    created_at: toRfc3339(user.createdAt),
    updated_at: toRfc3339(user.updatedAt),
  };
}

function badRequest(pointer: string, detail: string, summary = 'The request does not fit the contract.') {
  return {
    status: 400,
    body: { detail: summary, errors: [{ pointer, detail }] },
  } as const satisfies Reply<'changePassword'>;
}

const wrongPassword = 'This is not the current password.';

const usernameTaken = { status: 409, body: { detail: 'This username is taken.' } } as const;

const usersOnly = {
  status: 403,
  headers: { 'WWW-Authenticate': bearerChallenge({ error: 'insufficient_scope' }) },
  body: { detail: 'This needs the access token of a user.' },
} as const;

const accountGone = {
  status: 401,
  headers: { 'WWW-Authenticate': bearerChallenge({ error: 'invalid_token', description: 'The account is gone.' }) },
  body: { detail: 'The account is gone.' },
} as const;
