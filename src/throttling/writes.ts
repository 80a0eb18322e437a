/**
 * Limits writes that succeed, each of which leaves a row or an event for good. A try is taken by the write itself, in its
 * transaction and when all else is done, so that nobody spends or holds what is another's by asking for what writes nothing;
 * and what is found out on the way, such as that a used token came again, is dealt with whether or not there is anything left.
 */
import type { Clock } from '../clock.ts';
import type { RevokeAccessToken } from '../tokens/revocation.ts';
import type { AccessTokenStore, SessionStore } from '../tokens/store.ts';
import type { UserStore } from '../users/store.ts';
import { LimitReached } from './limit-reached.ts';
import { type Policy, policies } from './policies.ts';
import { type OwnedBudget, type Refuse, type Requester, anonymous } from './refusal.ts';
import type { Limited } from './store.ts';
import type { UsedUpBudgets } from './used-up.ts';

/** Makes a write that is handed its limit. Throws `Throttled`, and nothing is written, where that is reached. */
export type LimitWrite = <Outcome>(
  requester: Requester,
  budget: OwnedBudget,
  make: (limited: Limited) => Promise<Outcome>,
) => Promise<Outcome>;

export function createWriteLimit(deps: { clock: Clock; refuse: Refuse; known: UsedUpBudgets }): LimitWrite {
  const { clock, refuse, known } = deps;
  return async function limitWrite(requester, budget, make) {
    const now = clock();
    const budgets = [budget];
    const usedUp = known.among(budgets, now);
    if (usedUp.length > 0) return refuse(requester, budgets, { usedUp, now });
    try {
      return await make({ limits: budgets });
    } catch (error) {
      if (!(error instanceof LimitReached)) throw error;
      known.note(budgets, { usedUp: error.usedUp, now });
      return refuse(requester, budgets, { usedUp: error.usedUp, now });
    }
  };
}

/**
 * Sign-ins of an account, refreshes of a session, and sessions that a user ends. What was refused leaves a token as it is,
 * unused. Repeats that are forgiven have a budget of their own: one that had to wait for the next minute would come when its
 * time is over, and end the session. Where there is no session to end a look says so, which is cheaper than a transaction.
 */
export function throttledSessionStore(store: SessionStore, limitWrite: LimitWrite): SessionStore {
  const limitRefresh = <Outcome>(
    policy: Policy,
    sessionId: string,
    { address }: { address: string | null },
    make: (limited: Limited) => Promise<Outcome>,
  ) => limitWrite({ actor: anonymous, address }, { policy, of: [sessionId], owner: sessionId }, make);
  return {
    ...store,
    startSession(session, first, passwordHash, occasion, how) {
      const { userId } = session;
      return limitWrite(occasion, { policy: policies.signIn, of: [userId], owner: userId }, (limited) =>
        store.startSession(session, first, passwordHash, occasion, { ...how, ...limited }),
      );
    },
    rotateRefreshToken(hash, rotation) {
      const { successor, use } = rotation;
      return limitRefresh(policies.refresh, successor.sessionId, use, (limited) =>
        store.rotateRefreshToken(hash, rotation, limited),
      );
    },
    repeatRefreshToken(token, use, repeat) {
      return limitRefresh(policies.repeat, token.sessionId, repeat, (limited) =>
        store.repeatRefreshToken(token, use, repeat, limited),
      );
    },
    async endSession(session, occasion) {
      const { id, userId } = session;
      if (!(await store.isAnyOpen({ id, userId }))) return false;
      return limitWrite(occasion, { policy: policies.sessionEnd, of: [userId], owner: userId }, (limited) =>
        store.endSession(session, occasion, limited),
      );
    },
    async endAllSessions(user, occasion) {
      const { userId } = user;
      if (!(await store.isAnyOpen(user))) return false;
      return limitWrite(
        occasion,
        { policy: policies.sessionEnd, of: [userId, 'all others'], owner: userId },
        (limited) => store.endAllSessions(user, occasion, limited),
      );
    },
  };
}

/** The store is used for what users change of their own accounts: their passwords, and what they say of themselves. */
export function throttledUserStore(store: UserStore, limitWrite: LimitWrite): UserStore {
  return {
    ...store,
    updateUser(id, changes, occasion) {
      return limitWrite(occasion, { policy: policies.profileChange, of: [id], owner: id }, (limited) =>
        store.updateUser(id, changes, occasion, limited),
      );
    },
    replacePasswordHash(id, change, occasion) {
      // A hash that is made anew at a sign-in is no new password.
      if (change.endsSessionsBy === undefined) return store.replacePasswordHash(id, change, occasion);
      return limitWrite(occasion, { policy: policies.newPassword, of: [id], owner: id }, (limited) =>
        store.replacePasswordHash(id, change, occasion, limited),
      );
    },
  };
}

/** A token that was revoked already is revoked again for nothing, and costs a look. */
export function throttledRevocation(
  revoke: RevokeAccessToken,
  { accessTokens, limitWrite }: { accessTokens: Pick<AccessTokenStore, 'isRevoked'>; limitWrite: LimitWrite },
): RevokeAccessToken {
  return async (claims, cause) => {
    if (await accessTokens.isRevoked(claims.jti)) return false;
    const { sid, client_id: clientId } = claims;
    const budget =
      sid === undefined
        ? { policy: policies.clientRevocation, of: [clientId], owner: clientId }
        : { policy: policies.revocation, of: [sid], owner: sid };
    return limitWrite(cause, budget, (limited) => revoke(claims, cause, limited));
  };
}
