import type { ChangeProfile } from '../users/profile-change.ts';
import { networkOf } from './network.ts';
import { policies } from './policies.ts';
import type { Reserve } from './reservation.ts';

/**
 * Limits changes of an account, each of which leaves an event, so that nobody fills the audit trail. One of the username
 * tells whether a name is taken, as a registration does, and is counted as one.
 */
export function throttledProfileChange(change: ChangeProfile, reserve: Reserve): ChangeProfile {
  return async (user, profile, cause) => {
    const isRename = profile.username !== undefined;
    await reserve(
      cause,
      { policy: policies.profileChange, of: [user.id], owner: user.id },
      ...(isRename ? [{ policy: policies.registration, of: [networkOf(cause.address)], owner: null }] : []),
    );
    return change(user, profile, cause);
  };
}
