import type { Clock } from '../clock.ts';
import { Overloaded, Unavailable } from '../unavailable.ts';
import type { OwnedBudget, Refuse, Requester } from './refusal.ts';
import type { ThrottleStore } from './store.ts';
import { Throttled } from './throttled.ts';
import type { UsedUpBudgets } from './used-up.ts';

export type Reservation = { giveBack(): Promise<void> };

/**
 * Takes one try from every budget, for what is to be counted before it is begun. Throws `Throttled`, and takes none, when there
 * is none left in one of them.
 */
export type Reserve = (requester: Requester, ...budgets: readonly OwnedBudget[]) => Promise<Reservation>;

export function reserver(deps: { store: ThrottleStore; clock: Clock; refuse: Refuse; known: UsedUpBudgets }): Reserve {
  const { store, clock, refuse, known } = deps;
  return async (requester, ...budgets) => {
    const now = clock();
    const usedUp = known.among(budgets, now);
    if (usedUp.length > 0) return refuse(requester, budgets, { usedUp, now });
    const outcome = await store.take(budgets, now);
    if (outcome.kind === 'taken') return { giveBack: () => store.giveBack(outcome.taken) };
    known.note(budgets, { usedUp: outcome.usedUp, now });
    return refuse(requester, budgets, { usedUp: outcome.usedUp, now });
  };
}

/**
 * Makes an attempt at what somebody may guess, which has been reserved, and gives the reservation back unless its outcome
 * counts. Only that: what others used up stays used. An attempt that was not begun, or that another limit refused, is given
 * back as well; one that broke off may have been judged, and is not.
 */
export async function attempt<Outcome>(
  reservation: Reservation,
  make: () => Promise<Outcome>,
  counts: (outcome: Outcome) => boolean,
): Promise<Outcome> {
  let outcome: Outcome;
  try {
    outcome = await make();
  } catch (fault) {
    if (fault instanceof Overloaded || fault instanceof Throttled) await giveBackIfPossible(reservation);
    throw fault;
  }
  if (!counts(outcome)) await giveBackIfPossible(reservation);
  return outcome;
}

/** What is done is done, and what went wrong did: that a try cannot be given back must not say otherwise. */
async function giveBackIfPossible(reservation: Reservation): Promise<void> {
  try {
    await reservation.giveBack();
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
  }
}
