import type { Cause } from '../audit/event.ts';
import type { RecordOnce } from '../audit/once.ts';
import { Unavailable } from '../unavailable.ts';
import type { Budget, UsedUp } from './store.ts';
import { Throttled } from './throttled.ts';

/**
 * A budget, and whose it is: the id of an account, a session or a client, for the audit trail. Null of a network. What takes
 * a look is looked for when the budget is used up.
 */
export type OwnedBudget = Budget & { readonly owner: string | null | (() => Promise<string | null>) };

/** Who asks, and from where. */
export type Requester = Pick<Cause, 'actor' | 'address'>;

export const anonymous = { kind: 'anonymous' } as const;

/** Throws `Throttled` for those of the budgets that were used up at `now`. */
export type Refuse = (
  requester: Requester,
  budgets: readonly OwnedBudget[],
  found: { readonly usedUp: readonly UsedUp[]; readonly now: number },
) => Promise<never>;

/** The first refusal by a budget before it begins anew leaves an event. */
export function createRefusal(recordOnce: RecordOnce): Refuse {
  return async function refuse(requester, budgets, { usedUp, now }) {
    for (const { policy, retryAfter } of usedUp) {
      const budget = budgets.find((each) => each.policy.name === policy);
      if (budget !== undefined) await record(budget, requester, now + retryAfter);
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
