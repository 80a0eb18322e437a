import type { Clock } from '../clock.ts';
import { type PasswordCost, hashPassword, verifyPassword } from './password.ts';
import type { User, UserStore } from './store.ts';
import { prepareUsername } from './username.ts';

export type AuthenticateUser = (username: string, password: string) => Promise<User | undefined>;

/**
 * Finds the user whom username and password belong to. An unknown name, a wrong password and a disabled account take the
 * same work and get the same answer. A hash below the wanted cost is replaced while the password is at hand.
 */
export function userAuthenticator(deps: { store: UserStore; cost: PasswordCost; clock: Clock }): AuthenticateUser {
  const { store, cost, clock } = deps;
  return async function authenticate(username, password) {
    const prepared = prepareUsername(username);
    const user = prepared === null ? undefined : await store.findUserByUsername(prepared.key);
    const { ok, rehash } = await verifyPassword(user?.passwordHash ?? null, password, cost);
    if (user === undefined || !ok || user.disabledAt !== null) return undefined;
    if (!rehash) return user;
    const to = await hashPassword(password, cost);
    const change = { from: user.passwordHash, to, at: clock() };
    if (await store.replacePasswordHash(user.id, change)) return { ...user, passwordHash: to };
    // Another login has replaced it, or the password itself has changed: only a new look tells.
    return authenticate(username, password);
  };
}
