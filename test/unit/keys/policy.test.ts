import fc from '../../support/property.ts';
import { expect, test } from 'vitest';
import { findPolicyFaults, retiresAt, retiresBy } from '../../../src/keys/timeline/policy.ts';
import { policy } from '../../support/keys/fake-keys.ts';
import { validPolicies } from './scenarios.ts';

test('durations that just fit have no fault', () => {
  expect(findPolicyFaults(policy)).toEqual([]);
  fc.assert(fc.property(validPolicies, (valid) => findPolicyFaults(valid).length === 0));
});

test('a key published too late for caches is reported with every number that counts', () => {
  const [fault, ...others] = findPolicyFaults({ ...policy, publishBefore: 23 });
  expect(others).toEqual([]);
  expect(fault).toContain(
    'KEY_PUBLISH_BEFORE is 23s but must be at least 24s: REPLICA_REFRESH (10s) + JWKS_MAX_AGE (6s) + ' +
      'VERIFIER_CACHE (4s) + 2 * CLOCK_SKEW (2s)',
  );
});

test('turns shorter than the time to publish are reported', () => {
  const [fault] = findPolicyFaults({ ...policy, rotateEvery: 24 });
  expect(fault).toContain('KEY_ROTATE_EVERY is 24s but must be more than KEY_PUBLISH_BEFORE (24s)');
});

test('all faults are reported at once', () => {
  expect(findPolicyFaults({ ...policy, publishBefore: 5, rotateEvery: 5 })).toHaveLength(2);
});

test('a key stays published for longer than any token that a slow replica signs with it', () => {
  fc.assert(
    fc.property(validPolicies, fc.integer({ min: 0, max: 1_000 }), (valid, endedAt) => {
      const { tokenLifetime, replicaRefresh, clockSkew } = valid;
      return retiresBy(endedAt, null, valid) >= endedAt + tokenLifetime + replicaRefresh + 2 * clockSkew;
    }),
  );
});

test('a key that signed longer tokens than are configured now stays for those, and for a clock that is behind', () => {
  fc.assert(
    fc.property(validPolicies, fc.integer({ min: 0, max: 1_000 }), (valid, destroyedAt) => {
      const last = destroyedAt + 10_000;
      return retiresAt(destroyedAt, last, valid) === last + 2 * valid.clockSkew;
    }),
  );
});
