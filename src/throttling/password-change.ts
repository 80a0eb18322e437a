import type { ChangePassword } from '../users/password-change.ts';
import type { AtOnce } from './at-once.ts';
import { networkOf } from './network.ts';
import { policies } from './policies.ts';
import { type Reserve, attempt } from './reservation.ts';

/**
 * Limits how often a thief of an access token may guess the password. Reserved before the work, as at a login. Of each session:
 * the thief, who cannot begin another without the password, uses up nothing of what the owner has in another one.
 */
export function throttledPasswordChange(
  change: ChangePassword,
  { reserve, atOnce }: { reserve: Reserve; atOnce: AtOnce },
): ChangePassword {
  return (user, wanted, cause) => {
    const network = networkOf(cause.address);
    return atOnce(network, async () => {
      const reservation = await reserve(
        cause,
        { policy: policies.passwordChange, of: [user.id, wanted.sessionId], owner: user.id },
        { policy: policies.loginNetwork, of: [network], owner: null },
      );
      return attempt(
        reservation,
        () => change(user, wanted, cause),
        (outcome) => outcome === 'wrong-password',
      );
    });
  };
}
