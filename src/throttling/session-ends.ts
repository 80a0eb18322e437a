import type { Sessions } from '../tokens/session.ts';
import { policies } from './policies.ts';
import { type Reserve, attempt } from './reservation.ts';

/**
 * Limits how often a user ends sessions. Who has one session of another's can spend nothing of that but by ending the others,
 * of which there are fewer; and nothing at all of what ends all others at once, nor of what changes the password.
 */
export function throttledSessionEnds(sessions: Sessions, reserve: Reserve): Sessions {
  return {
    ...sessions,
    async end(session, cause) {
      return attempt(
        await reserve(cause, { policy: policies.sessionEnd, of: [session.userId], owner: session.userId }),
        () => sessions.end(session, cause),
        (isEnded) => isEnded,
      );
    },
    async endAll(user, cause) {
      return attempt(
        await reserve(cause, { policy: policies.sessionEnd, of: [user.userId, 'all others'], owner: user.userId }),
        () => sessions.endAll(user, cause),
        (isAnyEnded) => isAnyEnded,
      );
    },
  };
}
