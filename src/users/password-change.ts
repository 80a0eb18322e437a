import type { AuditStore, Cause } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import { findPasswordFault } from './password-policy.ts';
import type { PasswordHasher } from './password-hasher.ts';
import type { User, UserStore } from './store.ts';

export type ChangePassword = (
  user: User,
  change: { current: string; next: string; sessionId: string },
  cause: Cause,
) => Promise<User | 'wrong-password' | { fault: string }>;

/**
 * Replaces a password by one who knows it; every session of the user ends with it, so that nobody else is left in any. It
 * has to be open until then: whoever was signed out meanwhile changes nothing. The outcome is the account after the change. Whoever does not know the password leaves an event: an access token in other
 * hands is tried out here.
 */
export function passwordChanger(deps: {
  store: UserStore;
  audit: Pick<AuditStore, 'recordEvent'>;
  hasher: PasswordHasher;
  clock: Clock;
}): ChangePassword {
  const { store, audit, hasher, clock } = deps;
  return async (user, { current, next, sessionId }, cause) => {
    const { ok } = await hasher.verify(user.passwordHash, current);
    if (!ok) return refuse(user, cause);
    const fault = await findPasswordFault(next, { username: user.username });
    if (fault !== null) return { fault };
    const to = await hasher.hash(next);
    const at = clock();
    const change = { from: user.passwordHash, to, endsSessionsBy: sessionId };
    const isChanged = await store.replacePasswordHash(user.id, change, { ...cause, at });
    return isChanged ? { ...user, passwordHash: to, updatedAt: at } : refuse(user, cause);
  };

  async function refuse({ id }: User, cause: Cause): Promise<'wrong-password'> {
    await audit.recordEvent('user.password_refused', id, { ...cause, at: clock() });
    return 'wrong-password';
  }
}
