import type { Clock } from '../clock.ts';
import { findPasswordFault } from './password-policy.ts';
import { type PasswordCost, hashPassword, verifyPassword } from './password.ts';
import type { User, UserStore } from './store.ts';

export type ChangePassword = (
  user: User,
  change: { current: string; next: string; endSessionsBut: string },
) => Promise<'changed' | 'wrong-password' | { fault: string }>;

/** Replaces a password by one who knows it; every session of the user but `endSessionsBut` ends with it. */
export function passwordChanger(deps: { store: UserStore; cost: PasswordCost; clock: Clock }): ChangePassword {
  const { store, cost, clock } = deps;
  return async (user, { current, next, endSessionsBut }) => {
    const { ok } = await verifyPassword(user.passwordHash, current, cost);
    if (!ok) return 'wrong-password';
    const fault = await findPasswordFault(next, { username: user.username });
    if (fault !== null) return { fault };
    const to = await hashPassword(next, cost);
    const change = { from: user.passwordHash, to, at: clock(), endSessionsBut };
    return (await store.replacePasswordHash(user.id, change)) ? 'changed' : 'wrong-password';
  };
}
