/** Accounts, for the people they belong to. */
import { viewUser } from '../views/account.ts';
import type { Clock } from '../clock.ts';
import type { Handler } from '../http/contract.ts';
import { bearerChallenge } from '../tokens/challenge.ts';
import type { RenewSession } from '../tokens/renewal.ts';
import { Unavailable } from '../unavailable.ts';
import type { ChangePassword } from '../users/password-change.ts';
import type { ChangeProfile } from '../users/profile-change.ts';
import type { RegisterUser } from '../users/registration.ts';
import type { UserStore } from '../users/store.ts';
import { anonymousCause, causeOf } from './cause.ts';
import { badRequest, lastAdministrator, usersOnly } from './replies.ts';
import type { IssueFirstTokens } from '../grants/session-tokens.ts';

export function registerUser(deps: { register: RegisterUser; issuerPath: string }): Handler<'registerUser'> {
  return async ({ body, source }) => {
    const account = { ...body, name: body.name ?? null, roles: [] };
    const outcome = await deps.register(account, anonymousCause(source));
    if (outcome.kind === 'taken') return usernameTaken;
    if (outcome.kind === 'fault') return badRequest(`/body/${outcome.member}`, outcome.detail);
    return { status: 201, headers: { Location: `${deps.issuerPath}/users/me` }, body: viewUser(outcome.user) };
  };
}

export function getCurrentUser(): Handler<'getCurrentUser'> {
  return ({ caller }) => (caller.kind === 'user' ? { status: 200, body: viewUser(caller.user) } : usersOnly);
}

export function updateCurrentUser(change: ChangeProfile): Handler<'updateCurrentUser'> {
  return async ({ caller, source, body }) => {
    if (caller.kind !== 'user') return usersOnly;
    const outcome = await change(caller.user, body, causeOf(caller, source));
    if (outcome === 'taken') return usernameTaken;
    if (outcome === 'gone') return accountGone;
    if ('fault' in outcome) return badRequest('/body/username', outcome.fault);
    return { status: 200, body: viewUser(outcome) };
  };
}

export function deleteCurrentUser(deps: { store: UserStore; clock: Clock }): Handler<'deleteCurrentUser'> {
  return async ({ caller, source }) => {
    if (caller.kind !== 'user') return usersOnly;
    const outcome = await deps.store.deleteUser(caller.user.id, { ...causeOf(caller, source), at: deps.clock() });
    // Done twice at the same moment, the second finds nothing left to do.
    return outcome === 'last-administrator' ? lastAdministrator : { status: 204 };
  };
}

export function changePassword(deps: {
  change: ChangePassword;
  renewSession: RenewSession;
  issueTokens: IssueFirstTokens;
  log: { debug(detail: object, message: string): void; error(detail: object, message: string): void };
}): Handler<'changePassword'> {
  const { change, renewSession, issueTokens, log } = deps;
  return async ({ caller, source, body }) => {
    if (caller.kind !== 'user') return usersOnly;
    const { current_password: current, new_password: next } = body;
    const outcome = await change(caller.user, { current, next, sessionId: caller.sessionId }, causeOf(caller, source));
    if (outcome === 'wrong-password') return badRequest('/body/current_password', wrongPassword, wrongPassword);
    if ('fault' in outcome) return badRequest('/body/new_password', outcome.fault);
    try {
      const renewed = await renewSession(outcome, caller.sessionId, source);
      if (renewed === undefined) return { status: 204 };
      return { status: 200, body: await issueTokens(renewed.open, renewed.scope, renewed.client, source) };
    } catch (error) {
      // The password is changed all the same, and no reply may say otherwise: the user can sign in with it.
      const line = { err: error };
      if (error instanceof Unavailable) log.debug(line, 'no session begins behind a new password');
      else log.error(line, 'no session begins behind a new password');
      return { status: 204 };
    }
  };
}

const wrongPassword = 'This is not the current password.';

const usernameTaken = { status: 409, body: { detail: 'This username is taken.' } } as const;

const accountGone = {
  status: 401,
  headers: { 'WWW-Authenticate': bearerChallenge({ error: 'invalid_token', description: 'The account is gone.' }) },
  body: { detail: 'The account is gone.' },
} as const;
