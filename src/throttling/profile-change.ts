import type { ChangeProfile } from '../users/profile-change.ts';
import { networkOf } from './network.ts';
import { policies } from './policies.ts';
import type { Reserve } from './reservation.ts';

/**
 * Limits changes of the username: each tells whether a name is taken, as a registration does, and is counted as one, whatever
 * becomes of it. So is one that another limit refuses: a name that is taken is refused before that one is asked. What of an
 * account is changed is counted when it is written (`writes.ts`).
 */
export function throttledProfileChange(change: ChangeProfile, reserve: Reserve): ChangeProfile {
  return async (user, profile, cause) => {
    if (profile.username === undefined) return change(user, profile, cause);
    const budget = { policy: policies.registration, of: [networkOf(cause.address)], owner: null };
    await reserve(cause, budget);
    return change(user, profile, cause);
  };
}
