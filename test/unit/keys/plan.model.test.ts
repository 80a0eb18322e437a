import fc, { cases } from '../../support/property.ts';
import { expect, test } from 'vitest';
import { scenarios } from './scenarios.ts';
import { newTally, simulate, type Tally } from './simulation.ts';

test('no verifier ever refuses a live token, whatever clocks, caches, outages and operators do', () => {
  const total = newTally();
  fc.assert(
    fc.property(scenarios(), (scenario) => {
      const tally = simulate(scenario);
      for (const name of Object.keys(total) as (keyof Tally)[]) total[name] += tally[name];
    }),
    { numRuns: cases(1_500) },
  );
  // The runs were about something.
  expect(Object.values(total).every((count) => count > 100)).toBe(true);
});
