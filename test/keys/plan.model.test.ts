import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planKeys } from '../../src/keys/plan.ts';
import type { KeyPolicy } from '../../src/keys/policy.ts';
import { none } from './fake-keys.ts';
import { scenarios, validPolicies } from './scenarios.ts';
import { simulate, type Planner, type Tally } from './simulation.ts';

test('no verifier ever refuses a live token, whatever clocks, caches, outages and operators do', () => {
  const total: Tally = { rotations: 0, refusals: 0, outages: 0, keys: 0, retired: 0 };
  fc.assert(
    fc.property(scenarios(), (scenario) => {
      const tally = simulate(scenario);
      total.rotations += tally.rotations;
      total.refusals += tally.refusals;
      total.outages += tally.outages;
      total.keys += tally.keys;
      total.retired += tally.retired;
    }),
    { numRuns: 500 },
  );
  // The runs were about something.
  expect(total.rotations).toBeGreaterThan(200);
  expect(total.refusals).toBeGreaterThan(200);
  expect(total.outages).toBeGreaterThan(50);
  expect(total.retired).toBeGreaterThan(500);
});

describe('the model notices', () => {
  /** What the first breach among many scenarios was. */
  function findBreach(policies: fc.Arbitrary<KeyPolicy>, planner?: Planner): string {
    const found = fc.check(
      fc.property(scenarios(policies), (scenario) => {
        simulate(scenario, planner);
      }),
      { numRuns: 1_000, endOnFailure: true },
    );
    return found.errorInstance instanceof Error ? found.errorInstance.message : 'none';
  }

  /** Plans as planKeys does, but carries out one `part` of the plan `seconds` early. */
  function hasten(part: 'published' | 'destroyPrivate', seconds: number): Planner {
    return (keys, now, policy) => ({
      ...planKeys(keys, now, policy, none),
      [part]: planKeys(keys, now + seconds, policy, none)[part],
    });
  }

  test('a KEY_PUBLISH_BEFORE that is 3 seconds short', () => {
    const tooShort = validPolicies
      .map((policy) => ({
        ...policy,
        publishBefore: policy.replicaRefresh + policy.jwksMaxAge + policy.verifierCache + 2 * policy.clockSkew - 3,
      }))
      .filter(({ publishBefore }) => publishBefore >= 10);
    expect(findBreach(tooShort)).toContain('a verifier refuses a token');
  });

  test('keys that leave the set 3 seconds early', () => {
    expect(findBreach(validPolicies, hasten('published', 3))).toContain('a verifier refuses a token');
  });

  test('private parts that are destroyed 3 seconds early', () => {
    expect(findBreach(validPolicies, hasten('destroyPrivate', 3))).toContain('was destroyed while in use');
  });

  test('keys that stay in the set 3 seconds too long, and then for another refresh', () => {
    const late: Planner = (keys, now, policy) =>
      planKeys(keys, now, { ...policy, clockSkew: policy.clockSkew + 3 }, none);
    expect(findBreach(validPolicies, late)).toContain('published for too long');
  });

  test('tokens that live longer than was recorded with their key', () => {
    const forgetful: Planner = (keys, now, policy) => {
      const plan = planKeys(keys, now, policy, none);
      return { ...plan, extend: [], signer: plan.signer && { ...plan.signer, tokensLiveFor: Infinity } };
    };
    expect(findBreach(validPolicies, forgetful)).toContain('a verifier refuses a token');
  });

  test('a standby that is made only when the last one begins to sign', () => {
    const late: Planner = (keys, now, policy) => {
      const plan = planKeys(keys, now, policy, none);
      const isLate = plan.signer === null || plan.standbys.length === 0;
      return { ...plan, create: isLate ? plan.create : null };
    };
    expect(findBreach(validPolicies, late)).toContain('no published standby');
  });
});
