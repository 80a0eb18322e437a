/**
 * Limits writes that succeed, each of which leaves a row or an event for good. Each is reserved when all is judged and
 * nothing is left but to write, so that nobody spends what is another's by failing; and what is found out on the way, such
 * as that a used token came again, is dealt with whether or not there is anything left.
 */
import type { RevokeAccessToken } from '../tokens/revocation.ts';
import type { SessionStore } from '../tokens/store.ts';
import type { UserStore } from '../users/store.ts';
import { policies } from './policies.ts';
import { type Reserve, attempt } from './reservation.ts';
import type { Budget } from './store.ts';

/** Sign-ins of an account, and refreshes of a session. What was refused leaves the token as it is, unused. */
export function throttledSessionStore(store: SessionStore, reserve: Reserve): SessionStore {
  return {
    ...store,
    startSession: (session, ...rest) =>
      write({ policy: policies.signIn, of: [session.userId] }, () => store.startSession(session, ...rest)),
    rotateRefreshToken: (hash, rotation) =>
      write({ policy: policies.refresh, of: [rotation.successor.sessionId] }, () =>
        store.rotateRefreshToken(hash, rotation),
      ),
    repeatRefreshToken: (token, use) =>
      write({ policy: policies.refresh, of: [token.sessionId] }, () => store.repeatRefreshToken(token, use)),
  };

  async function write(budget: Budget, make: () => Promise<boolean>): Promise<boolean> {
    return attempt(await reserve(budget), make, (isDone) => isDone);
  }
}

/** `store` is what passwords are changed in, and nothing else is done with it. */
export function throttledPasswordStore<Store extends Pick<UserStore, 'replacePasswordHash'>>(
  store: Store,
  reserve: Reserve,
): Store {
  return {
    ...store,
    replacePasswordHash: async (id, ...rest) => {
      const reservation = await reserve({ policy: policies.newPassword, of: [id] });
      return attempt(
        reservation,
        () => store.replacePasswordHash(id, ...rest),
        (isReplaced) => isReplaced,
      );
    },
  };
}

/** A token that was revoked already is revoked again for nothing. */
export function throttledRevocation(revoke: RevokeAccessToken, reserve: Reserve): RevokeAccessToken {
  return async (claims, cause) => {
    const { sid, client_id: clientId } = claims;
    const budget =
      sid === undefined
        ? { policy: policies.clientRevocation, of: [clientId] }
        : { policy: policies.revocation, of: [sid] };
    return attempt(
      await reserve(budget),
      () => revoke(claims, cause),
      (isFirst) => isFirst,
    );
  };
}
