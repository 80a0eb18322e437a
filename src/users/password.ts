/** What becomes of a password before it is hashed. Which passwords are accepted is the business of password-policy.ts. */

/** In code points, after NFKC. */
export const MAX_PASSWORD_LENGTH = 256;

/** A code point of NFKC comes of at most 4, each of at most 2 UTF-16 units. */
const MAX_INPUT_UNITS = MAX_PASSWORD_LENGTH * 4 * 2;

/**
 * NFKC and nothing else: no trimming, no case change (NIST SP 800-63B-3, 5.1.1.2). Null for what can be nobody's password:
 * lone surrogates, which UTF-8 would turn into one another, and input beyond what 256 characters can come from, on which
 * NFKC, quadratic in its length, would take seconds.
 */
export function preparePassword(password: string): string | null {
  return password.length <= MAX_INPUT_UNITS && password.isWellFormed() ? password.normalize('NFKC') : null;
}
