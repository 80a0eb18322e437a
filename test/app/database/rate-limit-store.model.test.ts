/** Budgets against a few lines that say what they are, over any order of takes, returns and time. */
import fc, { cases } from '../../support/property.ts';
import { expect, it } from 'vitest';
import type { Budget, Take, Taken, UsedUp } from '../../../src/throttling/store.ts';
import { newDatabase } from '../../support/database.ts';

type Entry = { used: number; endsAt: number };

/** What a limit is: so many tries from the first one on, for so many seconds. */
function model() {
  const entries = new Map<string, Entry>();
  const keyOf = ({ policy, of }: Budget) => `${policy.name} ${of.join()}`;
  const current = (budget: Budget, now: number): Entry => {
    const entry = entries.get(keyOf(budget));
    return entry !== undefined && entry.endsAt > now ? entry : { used: 0, endsAt: now + budget.policy.within };
  };
  return {
    take(budgets: readonly Budget[], now: number): { entries: Entry[] } | UsedUp[] {
      const found = budgets.map((budget) => ({ budget, entry: current(budget, now) }));
      const empty = found.filter(({ budget, entry }) => entry.used >= budget.policy.tries);
      if (empty.length > 0)
        return empty.map(({ budget, entry }) => ({ policy: budget.policy.name, retryAfter: entry.endsAt - now }));
      for (const { budget, entry } of found) {
        entry.used += 1;
        entries.set(keyOf(budget), entry);
      }
      return { entries: found.map(({ entry }) => entry) };
    },
    giveBack(taken: Entry[]) {
      for (const entry of taken) entry.used -= 1;
    },
  };
}

const policies = [
  { name: 'narrow', tries: 2, within: 7 },
  { name: 'wide', tries: 5, within: 30 },
];
const budgets = fc
  .tuple(fc.constantFrom('a', 'a', 'b', undefined), fc.constantFrom('a', 'a', 'b', undefined))
  .map((names) =>
    policies.flatMap((policy, n): Budget[] => (names[n] === undefined ? [] : [{ policy, of: [names[n]] }])),
  );
const step = fc.oneof(
  { weight: 6, arbitrary: budgets.map((wanted) => ({ kind: 'take' as const, wanted })) },
  { weight: 3, arbitrary: fc.nat(20).map((which) => ({ kind: 'give back' as const, which })) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 10 }).map((seconds) => ({ kind: 'wait' as const, seconds })) },
);

it('are what a few lines say, whatever is taken, given back and waited for', async () => {
  const { rateLimits: store } = await newDatabase();
  let run = 0;
  let refusals = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 40, maxLength: 80 }), async (steps) => {
      run += 1;
      let now = 1_790_000_000;
      const expected = model();
      const out: { real: readonly Taken[]; model: Entry[] }[] = [];
      for (const each of steps) {
        if (each.kind === 'wait') now += each.seconds;
        if (each.kind === 'give back') {
          const [back] = out.splice(each.which % Math.max(out.length, 1), 1);
          if (back === undefined) continue;
          await store.giveBack(back.real);
          expected.giveBack(back.model);
        }
        if (each.kind === 'take') {
          const outcome: Take = await store.take(own(each.wanted, run), now);
          const wanted = expected.take(each.wanted, now);
          if (outcome.kind === 'refused') {
            expect(outcome.usedUp).toEqual(wanted);
            refusals += 1;
          } else {
            if (Array.isArray(wanted)) throw new Error(`taken from ${JSON.stringify(wanted)}`);
            const { entries } = wanted;
            expect(outcome.taken.map(({ expiresAt }) => expiresAt)).toEqual(entries.map((e) => e.endsAt * 1000));
            out.push({ real: outcome.taken, model: entries });
          }
        }
      }
    }),
    { numRuns: cases(60) },
  );
  expect(refusals).toBeGreaterThan(50);
});

/** Each run has names of its own, so that one database serves all. */
function own(wanted: readonly Budget[], run: number): Budget[] {
  return wanted.map(({ policy, of }) => ({ policy, of: [...of, String(run)] }));
}
