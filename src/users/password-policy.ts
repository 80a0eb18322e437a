/** Which new passwords are accepted: NIST SP 800-63B-3, 5.1.1.2, without composition rules. */
import { readFile } from 'node:fs/promises';
import { MAX_PASSWORD_LENGTH, preparePassword } from './password.ts';

const MIN_PASSWORD_LENGTH = 8;

/**
 * What a person should change about `password`, in a sentence that does not repeat it; null when it is accepted.
 * Lengths are in code points after NFKC. Judges new passwords only: one already in use stays good.
 */
export async function findPasswordFault(password: string, { username }: { username: string }): Promise<string | null> {
  if (!password.isWellFormed()) return 'The password is not well-formed Unicode.';
  const prepared = preparePassword(password);
  const tooLong = `The password has more than ${MAX_PASSWORD_LENGTH} characters.`;
  if (prepared === null) return tooLong;
  const { length } = Array.from(prepared);
  if (length > MAX_PASSWORD_LENGTH) return tooLong;
  if (length < MIN_PASSWORD_LENGTH) return `The password has fewer than ${MIN_PASSWORD_LENGTH} characters.`;
  if (/\p{Cc}/u.test(prepared)) return 'The password has a control character in it, such as a tab or a line break.';
  const folded = prepared.toLowerCase();
  if (folded === username.normalize('NFKC').toLowerCase()) return 'The password is the username.';
  if (/^(.)\1*$/u.test(folded)) return 'The password is one character over and over.';
  if (await isCommon(folded)) return 'The password is one of the most common ones, which are guessed first.';
  return null;
}

/**
 * The list that zxcvbn-ts keeps up, chosen for that: 49,233 passwords from public leaks, most used first, in lower case;
 * 17,950 have 8 characters or more. Read on first use as JSON text (7 ms, 1 MB) and searched as text (0.2 ms): as a
 * module and a Set it takes 60 ms of the event loop and 18 MB, for one look per new password.
 */
const COMMON_PASSWORDS = new URL(import.meta.resolve('@zxcvbn-ts/language-common/src/passwords.json'));
let commonPasswords: Promise<string> | undefined;

/** A password as a JSON string, quotes included, matches only a whole entry: a quote within one is escaped. */
async function isCommon(folded: string): Promise<boolean> {
  commonPasswords ??= readFile(COMMON_PASSWORDS, 'utf8');
  return (await commonPasswords).includes(JSON.stringify(folded));
}
