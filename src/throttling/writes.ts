/**
 * Limits writes that succeed, each of which leaves a row or an event for good. Each is reserved when all is judged and
 * nothing is left but to write, so that nobody spends what is another's by failing; and what is found out on the way, such
 * as that a used token came again, is dealt with whether or not there is anything left.
 */
import type { RevokeAccessToken } from '../tokens/revocation.ts';
import type { SessionStore } from '../tokens/store.ts';
import type { UserStore } from '../users/store.ts';
import { type Policy, policies } from './policies.ts';
import { type Requester, type OwnedBudget, type Reserve, anonymous, write as writeReserved } from './reservation.ts';

/** Makes a write that says whether it was made: only then it counts. */
type Write = (context: Requester, budget: OwnedBudget, make: () => Promise<boolean>) => Promise<boolean>;

function limitedWrite(reserve: Reserve): Write {
  return async (context, budget, make) => writeReserved(await reserve(context, budget), make);
}

/**
 * Sign-ins of an account, and refreshes of a session. What was refused leaves the token as it is, unused. Repeats that are
 * forgiven have a budget of their own: one that had to wait for the next minute would come when its time is over, and end the
 * session.
 */
export function throttledSessionStore(store: SessionStore, reserve: Reserve): SessionStore {
  const write = limitedWrite(reserve);
  const refresh = (
    policy: Policy,
    sessionId: string,
    { address }: { address: string | null },
    make: () => Promise<boolean>,
  ) => write({ actor: anonymous, address }, { policy, of: [sessionId], owner: sessionId }, make);
  return {
    ...store,
    startSession(...start) {
      const [{ userId }, , , occasion] = start;
      const make = () => store.startSession(...start);
      return write(occasion, { policy: policies.signIn, of: [userId], owner: userId }, make);
    },
    rotateRefreshToken(...rotation) {
      const [, { successor, use }] = rotation;
      return refresh(policies.refresh, successor.sessionId, use, () => store.rotateRefreshToken(...rotation));
    },
    repeatRefreshToken(...repeat) {
      const [token, , noted] = repeat;
      return refresh(policies.repeat, token.sessionId, noted, () => store.repeatRefreshToken(...repeat));
    },
  };
}

/** The store is used for changes of passwords, and nothing else is changed through it. */
export function throttledPasswordStore(store: UserStore, reserve: Reserve): UserStore {
  const write = limitedWrite(reserve);
  return {
    ...store,
    replacePasswordHash(id, change, occasion) {
      const budget = { policy: policies.newPassword, of: [id], owner: id };
      return write(occasion, budget, () => store.replacePasswordHash(id, change, occasion));
    },
  };
}

/** A token that was revoked already is revoked again for nothing. */
export function throttledRevocation(revoke: RevokeAccessToken, reserve: Reserve): RevokeAccessToken {
  const write = limitedWrite(reserve);
  return (claims, cause) => {
    const { sid, client_id: clientId } = claims;
    const budget =
      sid === undefined
        ? { policy: policies.clientRevocation, of: [clientId], owner: clientId }
        : { policy: policies.revocation, of: [sid], owner: sid };
    return write(cause, budget, () => revoke(claims, cause));
  };
}
