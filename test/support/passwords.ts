/** Passwords that cost next to nothing: for every test but those about their cost. */
import { createPasswordHasher } from '../../src/users/password-hasher.ts';

export const password = 'correct horse battery';

/** The least that argon2 takes (RFC 9106, 3.1). A parameter of the app, so that no setting goes below the floor. */
export const cheapest = { memoryKiB: 8, passes: 1, lanes: 1 };

export const createCheapHasher = () => createPasswordHasher({ cost: cheapest });
