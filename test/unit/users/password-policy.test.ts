import { describe, expect, test } from 'vitest';
import { findPasswordFault } from '../../../src/users/password-policy.ts';

const findFault = (password: string, username = 'juliet') => findPasswordFault(password, { username });

describe('a password is accepted', () => {
  test.each([
    ['a passphrase', 'correct horse battery staple'],
    ['8 characters', 'x7#kQ!z2'],
    ['spaces at its ends', '  verona  '],
    ['8 characters outside the basic plane', '🐢🦊🐙🦉🐝🦄🐞🦋'],
    ['any script', 'замок на песке'],
    ['256 characters', 'ab'.repeat(128)],
    ['256 characters outside the basic plane', '🐢🦊'.repeat(128)],
    ['256 characters in their longest spelling', 'ᾂᾃ'.repeat(128).normalize('NFD')],
    ['a common password within it', 'password1 is a bad one'],
    ['the username within it', 'juliet of verona'],
    ['the separators of the list', 'password","12345678'],
    ['a backslash', 'back\\slash\\'],
  ])('with %s [ASVS-6.2.1]', async (_, password) => {
    expect(await findFault(password)).toBeNull();
  });
});

describe('a password is refused', () => {
  test.each([
    ['7 characters', 'x7#kQ!z', 'fewer than 8'],
    ['no character', '', 'fewer than 8'],
    ['7 characters outside the basic plane', '🐢🦊🐙🦉🐝🦄🐞', 'fewer than 8'],
    ['8 characters that NFKC makes 7', 'x7#kQ!e\u0301', 'fewer than 8'],
    ['257 characters', 'a'.repeat(257), 'more than 256'],
    ['256 characters that NFKC makes more', 'ﬁ' + 'ab'.repeat(127) + 'c', 'more than 256'],
    ['a million characters', 'a\u0315\u0316'.repeat(333_333), 'more than 256'],
    ['a lone surrogate', 'verona\uD83Dverona', 'well-formed'],
    ['a line break', 'verona verona\n', 'control character'],
    ['a NUL', 'verona\0verona', 'control character'],
    ['one character over and over', 'aaaaaaaaaaaa', 'over and over'],
    ['one character over and over, in another casing', 'AaAaAaAa', 'over and over'],
    ['one character outside the basic plane over and over', '🐢'.repeat(9), 'over and over'],
  ])('with %s [ASVS-6.2.1]', async (_, password, fault) => {
    expect(await findFault(password)).toContain(fault);
  });

  test.each([
    'password',
    'password1',
    'Password1',
    'PASSWORD123',
    'qwertyuiop',
    '12345678',
    '1q2w3e4r5t',
    'p@ssw0rd',
    'iloveyou',
    'trustno1',
    'ｐａｓｓｗｏｒｄ１',
    'ka12rm12',
  ])('as common: %s [ASVS-6.2.4]', async (password) => {
    expect(await findFault(password)).toContain('common');
  });

  test.each([
    ['juliet.capulet', 'juliet.capulet'],
    ['JULIET.capulet', 'Juliet.Capulet'],
    ['ｊｕｌｉｅｔ.capulet', 'juliet.capulet'],
    ['juliet.capulet', 'ｊｕｌｉｅｔ.capulet'],
    ['Zoë@verona'.normalize('NFD'), 'zoë@verona'],
  ])('when it is the username: %s for %s', async (password, username) => {
    expect(await findFault(password, username)).toContain('the username');
  });

  test.each(['x7#kQ!z', 'a'.repeat(300), 'password1', 'verona\tverona', 'juliet-capulet'])(
    'without being repeated: %s',
    async (password) => {
      const fault = await findFault(password, 'juliet-capulet');
      expect(fault).toMatch(/^The password .+\.$/);
      expect(fault).not.toContain(password);
    },
  );
});
