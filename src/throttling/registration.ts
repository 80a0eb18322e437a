import type { RegisterUser } from '../users/registration.ts';
import type { AtOnce } from './at-once.ts';
import { networkOf } from './network.ts';
import { policies } from './policies.ts';
import type { Reserve } from './reservation.ts';

/** Limits registrations, those that fail included: each takes the work of a hash, or tells whether a name is taken. */
export function throttledRegistration(
  register: RegisterUser,
  { reserve, atOnce }: { reserve: Reserve; atOnce: AtOnce },
): RegisterUser {
  return (account, cause) => {
    const network = networkOf(cause.address);
    return atOnce(network, async () => {
      await reserve(cause, { policy: policies.registration, of: [network], owner: null });
      return register(account, cause);
    });
  };
}
