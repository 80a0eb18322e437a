/** What of repeats is kept with a session: read for the rule in `repeats.ts`, and put into words for the store. */
import type { Occasion } from '../audit/event.ts';
import { type ForgivenRepeat, type Repeats, afterRotations, rotationsRemembered } from './repeats.ts';
import type { NotedRepeat, RefreshToken, Session, SessionStore } from './store.ts';

/**
 * What the session remembers as of its last rotation, which gave out `newest`. A server of the version before counts no
 * rotation of its own, so those are counted here, by their tokens, as far back as used tokens are kept.
 */
export async function findRepeats(
  store: Pick<SessionStore, 'countRotations'>,
  { id, repeats }: Pick<Session, 'id' | 'repeats'>,
  newest: Pick<RefreshToken, 'issuedAt'>,
): Promise<Repeats> {
  if (repeats.countedTo === null || repeats.countedTo === newest.issuedAt) return repeats;
  const missed = await store.countRotations(id, repeats.countedTo, rotationsRemembered);
  // One at least, even if the clock of the server that made it was behind.
  return afterRotations(repeats, Math.max(missed, 1), newest.issuedAt);
}

export function noteRepeat(
  session: Pick<Session, 'userId' | 'repeats'>,
  { isElsewhere, isTold, repeats }: ForgivenRepeat,
  occasion: Occasion,
): NotedRepeat {
  const detail = `from ${isElsewhere ? 'another' : 'the same'} network, of ${session.userId}`;
  return {
    isElsewhere,
    address: occasion.address ?? null,
    repeats: { from: session.repeats, to: repeats },
    occasion: isTold ? { ...occasion, detail } : null,
  };
}
