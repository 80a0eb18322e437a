import type { Clock } from '../clock.ts';
import { Overloaded } from '../unavailable.ts';
import type { Budget, ThrottleStore } from './store.ts';
import { Throttled } from './throttled.ts';

export type Reservation = { giveBack(): Promise<void> };

/** Takes one try from every budget. Throws `Throttled`, and takes none, when there is none left in one of them. */
export type Reserve = (...budgets: readonly Budget[]) => Promise<Reservation>;

export function reserver(deps: { store: ThrottleStore; clock: Clock }): Reserve {
  const { store, clock } = deps;
  return async (...budgets) => {
    const outcome = await store.take(budgets, clock());
    if (outcome.kind === 'refused') throw new Throttled(outcome.retryAfter, outcome.policies);
    return { giveBack: () => store.giveBack(outcome.taken) };
  };
}

/**
 * Makes an attempt that has been reserved, and gives the reservation back unless it failed. Only that: what others used up
 * stays used. An attempt that was not begun is given back as well; one that broke off may have been judged, and is not.
 */
export async function attempt<Outcome>(
  reservation: Reservation,
  make: () => Promise<Outcome>,
  hasFailed: (outcome: Outcome) => boolean,
): Promise<Outcome> {
  let outcome: Outcome;
  try {
    outcome = await make();
  } catch (fault) {
    if (fault instanceof Overloaded) await reservation.giveBack();
    throw fault;
  }
  // What is done is done: that a try cannot be given back must not say otherwise.
  if (!hasFailed(outcome)) await reservation.giveBack().catch(() => undefined);
  return outcome;
}
