import { beforeAll, describe, expect, it } from 'vitest';
import { watchRotations } from '../../support/rotations/watch-rotations.ts';
import type { Tally } from '../../support/rotations/tally.ts';
import { createStrictVerifier } from '../../support/rotations/verifiers.ts';

const ROTATIONS = 6;
const HOUR = 3_600;

describe('rotations under the verifiers of third parties', () => {
  let tally: Tally;
  const isOfCareless = ({ verifier }: { verifier: string }) => verifier.startsWith('careless');

  beforeAll(async () => {
    tally = await watchRotations(ROTATIONS, {
      // Keeps the set for much longer than VERIFIER_CACHE, and fetches for no other reason.
      others: (trust) => [{ ...createStrictVerifier(trust, HOUR), name: `careless at ${trust.jwksUri}` }],
    });
  }, 70_000);

  it('are not noticed by any that keeps within VERIFIER_CACHE', () => {
    expect(tally.failures.filter((failure) => !isOfCareless(failure))).toEqual([]);
    expect(tally.rotations).toBeGreaterThanOrEqual(ROTATIONS);
    expect(tally.tokens).toBeGreaterThan(10 * ROTATIONS);
    // Sixteen verifiers look twice at each, unless this machine is too busy to look in time.
    expect(tally.verifications).toBeGreaterThan(16 * tally.tokens);
  });

  it('are noticed by one that does not, so they can be', () => {
    const [first] = tally.failures.filter(isOfCareless);
    expect(first?.message).toMatch('no applicable key found');
    expect(tally.failures.filter(isOfCareless).length).toBeGreaterThan(tally.rotations);
  });
});
