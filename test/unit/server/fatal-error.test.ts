import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../src/config/config.ts';
import { UnusableDatabase } from '../../../src/database/open.ts';
import { describeFatalError } from '../../../src/server/fatal-error.ts';
import { KeyEncryptionKeyError } from '../../../src/keys/errors.ts';
import { Unavailable } from '../../../src/unavailable.ts';

const failure = 'Tessera cannot start';

describe('describeFatalError', () => {
  it('says of what the operator has to mend no more than its message', () => {
    for (const error of [new ConfigError('Set PORT.'), new KeyEncryptionKeyError('Set PORT.')])
      expect([describeFatalError(error), describeFatalError(error, failure)]).toEqual(['Set PORT.', 'Set PORT.']);
  });

  it('introduces what lies around Tessera by what has failed', async () => {
    const system = await readFile('/nowhere').catch((error: unknown) => error);
    expect(describeFatalError(system)).toBe("ENOENT: no such file or directory, open '/nowhere'");
    const database = new UnusableDatabase('The database x cannot be used: it is locked', { cause: new Error('y') });
    expect(describeFatalError(database)).toBe(database.message);
    expect(describeFatalError(database, failure)).toBe(`${failure}: ${database.message}`);
    const away = new Unavailable('The database is unavailable.', { cause: new Error('database is locked') });
    expect(describeFatalError(away)).toBe('The database is unavailable. (database is locked)');
  });

  it('tells of a fault of our own where it comes from, cause included', () => {
    const text = describeFatalError(new TypeError('x is undefined', { cause: new RangeError('too far') }), failure);
    expect(text).toMatch(/^TypeError: x is undefined\n {4}at .*fatal-error\.test\.ts/);
    expect(text).toMatch(/RangeError: too far/);
    const argument = Object.assign(new TypeError('not a string'), { code: 'ERR_INVALID_ARG_TYPE' });
    expect(describeFatalError(argument)).toMatch(/\n {4}at /);
    expect(describeFatalError('thrown')).toBe("'thrown'");
  });
});
