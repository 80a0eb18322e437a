import { expect, it } from 'vitest';
import { newPassword } from '../../../src/users/password-generation.ts';
import { findPasswordFault } from '../../../src/users/password-policy.ts';

it('makes five groups of five base32 letters, which the policy accepts [ASVS-6.4.1]', async () => {
  const password = newPassword();
  expect(password).toMatch(/^[a-z2-7]{5}(?:-[a-z2-7]{5}){4}$/);
  expect(await findPasswordFault(password, { username: 'ada' })).toBeNull();
});

it('uses every letter in every place, as 125 random bits do [ASVS-6.4.1]', () => {
  const passwords = Array.from({ length: 1000 }, newPassword);
  expect(new Set(passwords).size).toBe(1000);
  for (let at = 0; at < 29; at += 1) {
    if (at % 6 === 5) continue;
    // That a place lacks one of 32 letters in 1,000 passwords comes up once in 10^10 tries of this test.
    expect(new Set(passwords.map((password) => password[at])).size).toBe(32);
  }
});
