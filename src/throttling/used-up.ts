import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { type Policy, policies } from './policies.ts';
import type { Budget, UsedUp } from './store.ts';

/**
 * Of whose budgets this process remembers that they are used up: all but those at passwords, whose tries come back as soon as
 * one was right.
 */
const remembered: ReadonlySet<Policy> = new Set<Policy>([
  policies.client,
  policies.clientNetwork,
  policies.registration,
  policies.refresh,
  policies.repeat,
  policies.revocation,
  policies.clientRevocation,
  policies.signIn,
  policies.profileChange,
  policies.newPassword,
  policies.sessionEnd,
]);

/** Seconds, and no more: a server of the version before may give a try back to them. */
const rememberedFor = 5;

const mostRemembered = 10_000;

export type UsedUpBudgets = {
  /** Those of the budgets that are known to be used up at `now` (epoch seconds). */
  among(budgets: readonly Budget[], now: number): UsedUp[];
  note(budgets: readonly Budget[], found: { readonly usedUp: readonly UsedUp[]; readonly now: number }): void;
};

/**
 * Whoever goes on at a limit that is reached costs no transaction for each try: with SQLite, it would hold up all others, and
 * PostgreSQL keeps the rows of each until vacuum, though it comes to nothing.
 */
export function createUsedUpBudgets(): UsedUpBudgets {
  const known = new LRUCache<string, { readonly from: number; readonly until: number }>({ max: mostRemembered });
  return {
    among: (budgets, now) =>
      budgets.flatMap((budget) => {
        const found = remembered.has(budget.policy) ? known.get(keyOf(budget)) : undefined;
        if (found === undefined || now < found.from || now >= Math.min(found.until, found.from + rememberedFor))
          return [];
        return [{ policy: budget.policy.name, retryAfter: found.until - now }];
      }),

    note(budgets, { usedUp, now }) {
      for (const budget of budgets) {
        const found = usedUp.find(({ policy }) => policy === budget.policy.name);
        if (found === undefined || !remembered.has(budget.policy)) continue;
        known.set(keyOf(budget), { from: now, until: now + found.retryAfter });
      }
    },
  };
}

/** Of one size, whatever somebody typed. */
function keyOf({ policy, of }: Budget): string {
  return createHash('sha256')
    .update(JSON.stringify([policy.name, ...of]))
    .digest('base64url');
}
