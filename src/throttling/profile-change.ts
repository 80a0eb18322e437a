import type { ChangeProfile } from '../users/profile-change.ts';
import { networkOf } from './network.ts';
import { policies } from './policies.ts';
import { type Reserve, attempt } from './reservation.ts';

/**
 * Limits changes of the username: each tells whether a name is taken, as a registration does, and is counted as one, whatever
 * becomes of it. What of an account is changed is counted when it is written (`writes.ts`); what that limit refuses is not
 * counted here.
 */
export function throttledProfileChange(change: ChangeProfile, reserve: Reserve): ChangeProfile {
  return async (user, profile, cause) => {
    if (profile.username === undefined) return change(user, profile, cause);
    const budget = { policy: policies.registration, of: [networkOf(cause.address)], owner: null };
    return attempt(
      await reserve(cause, budget),
      () => change(user, profile, cause),
      () => true,
    );
  };
}
