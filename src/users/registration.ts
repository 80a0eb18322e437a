import type { Cause } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import { newId } from '../secret.ts';
import { isDisplayName, notADisplayName } from './display-name.ts';
import { findPasswordFault } from './password-policy.ts';
import type { PasswordHasher } from './password-hasher.ts';
import type { Role, User, UserStore } from './store.ts';
import { prepareUsername } from './username.ts';

export type NewAccount = {
  readonly username: string;
  readonly password: string;
  readonly name: string | null;
  readonly roles: readonly Role[];
};

export type RegistrationOutcome =
  | { readonly kind: 'registered'; readonly user: User }
  | { readonly kind: 'taken' }
  | { readonly kind: 'fault'; readonly member: 'username' | 'password' | 'name'; readonly detail: string };

export type RegisterUser = (account: NewAccount, cause: Cause) => Promise<RegistrationOutcome>;

/** What `prepareUsername` wants. */
export const notAUsername = 'A username has letters, digits and ASCII punctuation, and no spaces (RFC 8265).';

/** Registers accounts, for the operation and for the command line alike. */
export function userRegistrar(deps: { store: UserStore; hasher: PasswordHasher; clock: Clock }): RegisterUser {
  const { store, hasher, clock } = deps;
  return async ({ username, password, name, roles }, cause) => {
    const prepared = prepareUsername(username);
    if (prepared === null) return { kind: 'fault', member: 'username', detail: notAUsername };
    if (name !== null && !isDisplayName(name)) return { kind: 'fault', member: 'name', detail: notADisplayName };
    const fault = await findPasswordFault(password, { username: prepared.username });
    if (fault !== null) return { kind: 'fault', member: 'password', detail: fault };

    const now = clock();
    const user: User = {
      id: newId('usr_'),
      username: prepared.username,
      usernameKey: prepared.key,
      name,
      passwordHash: await hasher.hash(password),
      roles,
      disabledAt: null,
      createdAt: now,
      updatedAt: now,
    };
    return (await store.insertUser(user, { ...cause, at: now })) ? { kind: 'registered', user } : { kind: 'taken' };
  };
}
