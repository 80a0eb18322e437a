/** Passwords that cost next to nothing: for every test but those about their cost. */
import type { AppDependencies } from '../../src/server/app-dependencies.ts';
import { OWASP_FLOOR } from '../../src/users/password-hash.ts';
import { type PasswordHasher, createPasswordHasher } from '../../src/users/password-hasher.ts';
import { gatherResults } from './gather.ts';

export const password = 'correct horse battery';

/** The least that argon2 takes (RFC 9106, 3.1). A parameter of the app, so that no setting goes below the floor. */
const cheapest = { memoryKiB: 8, passes: 1, lanes: 1 };

export function createCheapHasher(): PasswordHasher {
  return createPasswordHasher({ cost: cheapest });
}

/** For `startTessera`: passwords cost what they cost by default. */
export function atFullCost(): Partial<AppDependencies> {
  return { passwordHasher: createPasswordHasher({ cost: OWASP_FLOOR }) };
}

/**
 * For races. From `begin(count)` on nobody gets a result of this hasher before `count` have one, so that all of them go on at
 * the same moment, however quick each hash is.
 */
export function createRacingHasher(): { readonly hasher: PasswordHasher; begin(count: number): void } {
  const cheap = createCheapHasher();
  let atHash = gatherResults(0);
  let atVerify = gatherResults(0);
  return {
    hasher: {
      ...cheap,
      hash: (...given) => atHash(cheap.hash(...given)),
      verify: (...given) => atVerify(cheap.verify(...given)),
    },
    begin(count) {
      atHash = gatherResults(count);
      atVerify = gatherResults(count);
    },
  };
}
