import type { Cause } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import { notAUsername } from './registration.ts';
import type { User, UserStore } from './store.ts';
import { prepareUsername } from './username.ts';

/** What users say of themselves. Members that are undefined stay as they are. */
export type Profile = { readonly username?: string | undefined; readonly name?: string | null | undefined };

/** The account after the change; `gone` when it is there no more. */
export type ChangeProfile = (
  user: User,
  profile: Profile,
  cause: Cause,
) => Promise<User | 'taken' | 'gone' | { readonly fault: string }>;

/** Changes the profile of an account, for the user it belongs to. Display names are as the contract wants them. */
export function profileChanger(deps: { store: Pick<UserStore, 'updateUser'>; clock: Clock }): ChangeProfile {
  const { store, clock } = deps;
  return async ({ id }, { username, name }, cause) => {
    const prepared = username === undefined ? undefined : prepareUsername(username);
    if (prepared === null) return { fault: notAUsername };
    const changes = {
      ...(name !== undefined && { name }),
      ...(prepared && { username: prepared.username, usernameKey: prepared.key }),
    };
    return (await store.updateUser(id, changes, { ...cause, at: clock() })) ?? 'gone';
  };
}
