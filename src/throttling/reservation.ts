import type { Cause } from '../audit/event.ts';
import type { RecordOnce } from '../audit/once.ts';
import type { Clock } from '../clock.ts';
import { Overloaded, Unavailable } from '../unavailable.ts';
import type { Budget, Taken, ThrottleStore } from './store.ts';
import { Throttled } from './throttled.ts';

export type Reservation = {
  giveBack(): Promise<void>;
  /**
   * Gives it back now, or before this server reserves the next one. May give it back twice, where it was, and the reply got lost:
   * only for what may be counted too low.
   */
  giveBackSurely(): Promise<void>;
};

/**
 * A budget, and whose it is: the id of an account, a session or a client, for the audit trail. Null of a network. What takes
 * a look is looked for when the budget is used up.
 */
export type OwnedBudget = Budget & { readonly owner: string | null | (() => Promise<string | null>) };

/** Who asks, and from where. */
export type Requester = Pick<Cause, 'actor' | 'address'>;

export const anonymous = { kind: 'anonymous' } as const;

/**
 * Takes one try from every budget. Throws `Throttled`, and takes none, when there is none left in one of them; the first time
 * that happens to a budget before it begins anew leaves an event.
 */
export type Reserve = (context: Requester, ...budgets: readonly OwnedBudget[]) => Promise<Reservation>;

export function reserver(deps: { store: ThrottleStore; clock: Clock; recordOnce: RecordOnce }): Reserve {
  const { store, clock, recordOnce } = deps;
  const owed = debts(store);
  return async (context, ...budgets) => {
    await owed.settle();
    const now = clock();
    const outcome = await store.take(budgets, now);
    if (outcome.kind === 'taken') {
      const { taken } = outcome;
      return { giveBack: () => store.giveBack(taken), giveBackSurely: () => owed.add(taken) };
    }
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
    { actor, address }: Requester,
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

/** Of so many tries this server remembers that they are to be given back. Those past that stay used until their time is over. */
const mostOwed = 10_000;

/** What could not be given back while the database was away. */
function debts(store: Pick<ThrottleStore, 'giveBack'>) {
  let owed: Taken[] = [];
  let settling: Promise<void> | undefined;

  return {
    async add(taken: readonly Taken[]): Promise<void> {
      if (owed.length < mostOwed) owed.push(...taken);
      await settle();
    },
    settle,
  };

  /** Tries to give back all. Whoever asks meanwhile waits, or would find used up what nobody has made. */
  async function settle(): Promise<void> {
    await settling;
    if (owed.length === 0) return;
    settling ??= giveBack().finally(() => {
      settling = undefined;
    });
    await settling;
  }

  async function giveBack(): Promise<void> {
    const all = owed;
    owed = [];
    try {
      await store.giveBack(all);
    } catch (error) {
      owed.push(...all);
      if (!(error instanceof Unavailable)) throw error;
    }
  }
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

/**
 * Makes a write that has been reserved, and that says whether it was made. The reservation is given back unless it was, also
 * after a fault that leaves that open: nobody learns anything by a write too many, while a count that is kept for none takes
 * from the owner what somebody else asked for in vain.
 */
export async function write(reservation: Reservation, make: () => Promise<boolean>): Promise<boolean> {
  let isMade = false;
  try {
    isMade = await make();
  } finally {
    if (!isMade) await reservation.giveBackSurely();
  }
  return isMade;
}
