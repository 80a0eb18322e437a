import { InvalidArgumentError } from 'commander';
import type { viewAccount } from '../../src/views/account.ts';
import {
  type AdministrationRefusal,
  type Role,
  type User,
  type UserStore,
  isRole,
  roles,
} from '../../src/users/store.ts';
import { prepareUsername } from '../../src/users/username.ts';
import { CommandFailure } from '../command-line.ts';

/** The account that an argument names, by its id or by its username in any case. */
export async function findAccount(store: UserStore, named: string): Promise<User> {
  const prepared = prepareUsername(named);
  const user = (await store.findUser(named)) ?? (prepared && (await store.findUserByUsername(prepared.key)));
  if (!user) throw noSuchAccount(named);
  return user;
}

/** The account may have gone since it was found. */
export function mustBeDone<T extends object | string>(
  outcome: T | AdministrationRefusal | undefined,
  { username }: User,
): Exclude<T, AdministrationRefusal> {
  if (outcome === undefined) throw noSuchAccount(username);
  if (outcome === 'last-administrator') {
    throw new CommandFailure('refused', `${username} is the last administrator. Make another one first.`);
  }
  if (outcome === 'out-of-bounds') throw new CommandFailure('refused', `${username} is out of bounds.`);
  return outcome as Exclude<T, AdministrationRefusal>;
}

function noSuchAccount(named: string): CommandFailure {
  return new CommandFailure('notFound', `There is no account ${JSON.stringify(named)}.`);
}

/** For people: one line. */
export function describeAccount(account: ReturnType<typeof viewAccount>): string {
  const { id, username, name, roles: has, disabled_at: disabledAt } = account;
  return [
    id,
    username,
    name !== null && `(${name})`,
    has.join(', '),
    disabledAt !== null && `disabled since ${disabledAt}`,
  ]
    .filter(Boolean)
    .join('  ');
}

/** Collects the roles that an option or an argument gives, one at a time. */
export function collectRole(text: string, before: readonly Role[] = []): Role[] {
  if (!isRole(text)) throw new InvalidArgumentError(`The roles are ${roles.join(', ')}.`);
  return [...new Set([...before, text])];
}
