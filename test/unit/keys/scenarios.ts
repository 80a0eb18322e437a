import fc from '../../support/property.ts';
import type { KeyPolicy } from '../../../src/keys/timeline/policy.ts';
import type { Scenario } from './simulation.ts';

/** Extremes are where inequalities break, so they come up more often than not. */
function extremeOrBetween(least: number, most: number): fc.Arbitrary<number> {
  return fc.oneof(fc.constant(least), fc.constant(most), fc.integer({ min: least, max: most }));
}

/** Policies that `findPolicyFaults` passes, most of them with nothing to spare. */
export const validPolicies: fc.Arbitrary<KeyPolicy> = fc
  .record({
    replicaRefresh: extremeOrBetween(1, 8),
    jwksMaxAge: extremeOrBetween(0, 10),
    verifierCache: extremeOrBetween(0, 10),
    clockSkew: extremeOrBetween(0, 4),
    tokenLifetime: extremeOrBetween(1, 40),
    keepRevoked: extremeOrBetween(0, 60),
    spare: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 10 })),
    longer: extremeOrBetween(1, 120),
  })
  .map(({ spare, longer, ...policy }) => {
    const { replicaRefresh, jwksMaxAge, verifierCache, clockSkew } = policy;
    const publishBefore = replicaRefresh + jwksMaxAge + verifierCache + 2 * clockSkew + spare;
    return { algorithm: 'RS256', ...policy, publishBefore, rotateEvery: publishBefore + longer };
  });

const fraction = fc.double({ min: 0, max: 0.999, noNaN: true });

export function scenarios(policies: fc.Arbitrary<KeyPolicy> = validPolicies): fc.Arbitrary<Scenario> {
  return policies.chain((policy) =>
    fc.record({
      policy: fc.constant(policy),
      skews: fc.array(
        extremeOrBetween(-4, 4).map((quarters) => (quarters / 4) * policy.clockSkew),
        { minLength: 2, maxLength: 4 },
      ),
      events: fc.array(
        fc.record({
          at: fraction,
          replica: fraction,
          size: fraction,
          kind: fc.constantFrom('rotate', 'rotate', 'rotate', 'revoke', 'lifetime', 'partition', 'outage', 'full-disk'),
        }),
        { maxLength: 12 },
      ),
      isEager: fc.boolean(),
      turns: fc.constant(4),
      seed: fc.integer(),
    }),
  );
}
