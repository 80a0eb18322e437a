import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findPolicyFaults, verifyFor } from '../../src/keys/policy.ts';
import { policy } from './fake-keys.ts';
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

test('a key verifies for longer than any token that a slow replica signs with it', () => {
  fc.assert(
    fc.property(validPolicies, (valid) => {
      const { tokenLifetime, replicaRefresh, clockSkew } = valid;
      return verifyFor(tokenLifetime, valid) >= tokenLifetime + replicaRefresh + 2 * clockSkew;
    }),
  );
});
