/** The model of `plan.model.test.ts`, given planners and policies that are wrong. */
import fc, { cases } from '../../support/property.ts';
import { describe, expect, test } from 'vitest';
import { planKeys } from '../../../src/keys/timeline/plan.ts';
import { signFor, type KeyPolicy } from '../../../src/keys/timeline/policy.ts';
import type { KeyRecord } from '../../../src/keys/store.ts';
import { none } from '../../support/keys/fake-keys.ts';
import { scenarios, validPolicies } from './scenarios.ts';
import { simulate, type Planner } from './simulation.ts';

describe('the model notices', () => {
  /** What the first breach among many scenarios was: the same ones in each run, as one fault can breach several rules. */
  function findBreach(policies: fc.Arbitrary<KeyPolicy>, planner?: Planner, kind = scenarios(policies)): string {
    const found = fc.check(
      fc.property(kind, (scenario) => {
        simulate(scenario, planner);
      }),
      { numRuns: cases(1_000), endOnFailure: true, seed: 1 },
    );
    return found.errorInstance instanceof Error ? found.errorInstance.message : 'none';
  }

  /** Plans as planKeys does, but carries out one `part` of the plan `seconds` early. */
  function hasten(part: 'published' | 'destroyPrivate', seconds: number): Planner {
    return (keys, now, policy, unreadable, readAt) => ({
      ...planKeys(keys, now, policy, unreadable, readAt),
      [part]: planKeys(keys, now + seconds, policy, unreadable, (readAt ?? now) + seconds)[part],
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

  test('revoked keys that are forgotten 3 seconds early', () => {
    const hasty: Planner = (keys, now, policy, unreadable, readAt) => ({
      ...planKeys(keys, now, policy, unreadable, readAt),
      forget: planKeys(keys, now, { ...policy, keepRevoked: policy.keepRevoked - 3 }, unreadable, readAt).forget,
    });
    expect(findBreach(validPolicies, hasty)).toContain('is forgotten');
  });

  test('keys that stay in the set 3 seconds too long, and then for another refresh', () => {
    const late: Planner = (keys, now, policy) =>
      planKeys(keys, now, { ...policy, clockSkew: policy.clockSkew + 3 }, none);
    expect(findBreach(validPolicies, late)).toContain('published for too long');
  });

  /** Plans as planKeys does, by facts that are not quite those on record. */
  function misremember(change: (key: KeyRecord) => Partial<KeyRecord>): Planner {
    return (keys, now, policy, unreadable, readAt) =>
      planKeys(
        keys.map((key) => ({ ...key, ...change(key) })),
        now,
        policy,
        unreadable,
        readAt,
      );
  }

  test('keys that leave the set by nothing but their turn, whatever they signed', () => {
    const forgetful = misremember(() => ({ tokensExpireAt: null }));
    expect(findBreach(validPolicies, forgetful)).toContain('a verifier refuses a token');
  });

  test('tokens that are on record as expiring 3 seconds early', () => {
    const early = misremember(({ tokensExpireAt: at }) => ({ tokensExpireAt: at && at - 3 }));
    const withoutSpare = validPolicies.map((policy) => ({
      ...policy,
      replicaRefresh: Math.min(policy.replicaRefresh, 2),
    }));
    expect(findBreach(withoutSpare, early)).toContain('a verifier refuses a token');
  });

  test('keys that leave before all replicas could pay what they owe after a full disk', () => {
    const impatient = misremember(({ destroyedAt: at }) => ({ destroyedAt: at && at - 100 }));
    // The disk is full from well before the end of a turn until some time after it; replicas look again far apart.
    const policy: KeyPolicy = {
      algorithm: 'RS256',
      rotateEvery: 60,
      publishBefore: 8,
      jwksMaxAge: 0,
      verifierCache: 0,
      replicaRefresh: 8,
      clockSkew: 0,
      tokenLifetime: 40,
      keepRevoked: 0,
    };
    const fullDisk = fc.record({
      at: fc.double({ min: 0.14, max: 0.2, noNaN: true }),
      replica: fc.constant(0),
      size: fc.double({ min: 0.4, max: 0.6, noNaN: true }),
      kind: fc.constant('full-disk' as const),
    });
    const throughTurns = fc.record({ fullDisk, seed: fc.integer() }).map((each) => ({
      policy,
      skews: [0, 0, 0, 0],
      events: [each.fullDisk],
      isEager: false,
      turns: 4,
      seed: each.seed,
    }));
    expect(findBreach(validPolicies, impatient, throughTurns)).toContain('a verifier refuses a token');
    expect(findBreach(validPolicies, planKeys, throughTurns)).toBe('none');
  });

  test('a successor that is made too late to be known when its turn to stand by comes', () => {
    const late: Planner = (keys, now, policy, unreadable, readAt) => {
      const plan = planKeys(keys, now, policy, unreadable, readAt);
      const newest = plan.standbys.at(-1);
      const isEarly = newest !== undefined && newest.activatesAt > now + signFor(policy);
      return { ...plan, create: isEarly ? null : plan.create };
    };
    expect(findBreach(validPolicies, late)).toContain('stands by unknown');
  });

  test('a standby that is made only when the last one begins to sign', () => {
    const late: Planner = (keys, now, policy) => {
      const plan = planKeys(keys, now, policy, none);
      const isLate = plan.signer === null || plan.standbys.length === 0;
      return { ...plan, create: isLate ? plan.create : null };
    };
    expect(findBreach(validPolicies, late)).toMatch(/no published standby|stands by unknown/);
  });
});
