import type { Source } from '../audit/event.ts';
import { hashSecret } from '../secret.ts';
import type { AuthenticateUser, Login } from '../users/authentication.ts';
import type { UserStore } from '../users/store.ts';
import { prepareUsername } from '../users/username.ts';
import type { AtOnce } from './at-once.ts';
import { networkOf } from './network.ts';
import { policies } from './policies.ts';
import { type OwnedBudget, anonymous } from './refusal.ts';
import { type Reserve, attempt } from './reservation.ts';
import type { ThrottleStore } from './store.ts';

/**
 * Limits how often a password may be guessed. Each try is reserved before any work, so that guesses made at once are no
 * more than those made in turn.
 *
 * A device that somebody signed in to the account on before has a budget of its own: who uses up that of the account locks
 * out strangers and not the owner. Only a refresh token tells a device from the others at its address; one that is known
 * by the address is counted with them, too, since anybody there could pass for it with every account that it has seen.
 * An account that is not there is counted like one that nobody has signed in to yet.
 */
export function throttledLogin(
  authenticate: AuthenticateUser,
  deps: {
    reserve: Reserve;
    atOnce: AtOnce;
    store: Pick<ThrottleStore, 'findDevice'>;
    users: Pick<UserStore, 'findUserByUsername'>;
  },
): AuthenticateUser {
  const { reserve, atOnce, store, users } = deps;
  return (login, source) =>
    atOnce(networkOf(source.address), async () => {
      const { address } = source;
      const reservation = await reserve({ actor: anonymous, address }, ...(await budgetsOf(login, source)));
      return attempt(
        reservation,
        () => authenticate(login, source),
        (user) => user === undefined,
      );
    });

  async function budgetsOf({ username, device, clientId }: Login, { address }: Source): Promise<OwnedBudget[]> {
    // What is no username is nobody's, and no account's key is spelled like it.
    const usernameKey = prepareUsername(username)?.key ?? username;
    const refreshToken = device === undefined ? null : hashSecret(device);
    const known = await store.findDevice({ usernameKey, clientId, refreshToken, address });
    // The trail has nothing in it that was typed.
    const owner = async () => (await users.findUserByUsername(usernameKey))?.id ?? null;
    const network = { policy: policies.loginNetwork, of: [networkOf(address)], owner: null };
    if (known === undefined) return [{ policy: policies.loginAccount, of: [usernameKey], owner }, network];
    if ('address' in known)
      return [{ policy: policies.loginDevice, of: [usernameKey, 'address', known.address], owner }, network];
    return [{ policy: policies.loginDevice, of: [usernameKey, 'session', known.sessionId], owner }];
  }
}
