import type { Cause } from '../audit/event.ts';
import type { RecordOnce } from '../audit/once.ts';
import type { Clock } from '../clock.ts';
import { Overloaded, Unavailable } from '../unavailable.ts';
import type { Budget, ThrottleStore } from './store.ts';
import { Throttled } from './throttled.ts';

export type Reservation = { giveBack(): Promise<void> };

/**
 * A budget, and whose it is: the id of an account, a session or a client, for the audit trail. Null of a network. What takes
 * a look is looked for when the budget is used up.
 */
export type OwnedBudget = Budget & { readonly owner: string | null | (() => Promise<string | null>) };

/** Who asks, and from where. */
export type AuditContext = Pick<Cause, 'actor' | 'address'>;

export const anonymous = { kind: 'anonymous' } as const;

/**
 * Takes one try from every budget. Throws `Throttled`, and takes none, when there is none left in one of them; the first time
 * that happens to a budget before it begins anew leaves an event.
 */
export type Reserve = (context: AuditContext, ...budgets: readonly OwnedBudget[]) => Promise<Reservation>;

export function reserver(deps: { store: ThrottleStore; clock: Clock; recordOnce: RecordOnce }): Reserve {
  const { store, clock, recordOnce } = deps;
  return async (context, ...budgets) => {
    const now = clock();
    const outcome = await store.take(budgets, now);
    if (outcome.kind === 'taken') return { giveBack: () => store.giveBack(outcome.taken) };
    const { usedUp } = outcome;
    for (const { policy, retryAfter } of usedUp) {
      const budget = budgets.find((each) => each.policy.name === policy);
      if (budget !== undefined) await record(budget, context, now + retryAfter);
    }
    throw new Throttled(
      Math.max(...usedUp.map(({ retryAfter }) => retryAfter)),
      usedUp.map(({ policy }) => policy),
    );
  };

  async function record(
    { policy, of, owner }: OwnedBudget,
    { actor, address }: AuditContext,
    until: number,
  ): Promise<void> {
    const once = { of: [policy.name, ...of], until };
    try {
      await recordOnce('limit.reached', once, async () => ({
        ...{ actor, reason: null, address: address ?? null, detail: policy.name },
        subject: typeof owner === 'function' ? await owner() : owner,
      }));
    } catch (error) {
      // It is refused all the same, and whoever goes on has it recorded then.
      if (!(error instanceof Unavailable)) throw error;
    }
  }
}

/**
 * Makes an attempt that has been reserved, and gives the reservation back unless its outcome counts. Only that: what others
 * used up stays used. An attempt that was not begun, or that another limit refused, is given back as well; one that broke
 * off may have been judged, or done, and is not.
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
    if (fault instanceof Overloaded || fault instanceof Throttled) await giveBack(reservation);
    throw fault;
  }
  if (!counts(outcome)) await giveBack(reservation);
  return outcome;
}

/** What is done is done, and what is refused is refused: a database that has gone away since must not say otherwise. */
async function giveBack(reservation: Reservation): Promise<void> {
  try {
    await reservation.giveBack();
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
  }
}
