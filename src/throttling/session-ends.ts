import type { Sessions } from '../tokens/session.ts';
import { policies } from './policies.ts';
import { type Reserve, write } from './reservation.ts';

/**
 * Limits how often a user ends sessions. Where there is none to end nothing is reserved, so that who asks for that at once
 * and over and over holds no try that the owner needs. Who has one session of another's can spend something of that only by
 * ending the others, of which there are fewer; and nothing at all of what changes the password.
 */
export function throttledSessionEnds(sessions: Sessions, reserve: Reserve): Sessions {
  return {
    ...sessions,
    async end(session, cause) {
      if (!(await sessions.isAnyOpen(session))) return false;
      const budget = { policy: policies.sessionEnd, of: [session.userId], owner: session.userId };
      return write(await reserve(cause, budget), () => sessions.end(session, cause));
    },
    async endAll(user, cause) {
      if (!(await sessions.isAnyOpen(user))) return false;
      const budget = { policy: policies.sessionEnd, of: [user.userId, 'all others'], owner: user.userId };
      return write(await reserve(cause, budget), () => sessions.endAll(user, cause));
    },
  };
}
