import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/config/config.ts';
import { UnusableDatabase } from '../../src/database/open.ts';
import { explain } from '../../src/server/explain.ts';
import { KeyEncryptionKeyError } from '../../src/keys/errors.ts';
import { Unavailable } from '../../src/unavailable.ts';

const failure = 'Tessera cannot start';

describe('explain', () => {
  it('says of what the operator has to mend no more than its message', () => {
    for (const error of [new ConfigError('Set PORT.'), new KeyEncryptionKeyError('Set PORT.')])
      expect([explain(error), explain(error, failure)]).toEqual(['Set PORT.', 'Set PORT.']);
  });

  it('introduces what lies around Tessera by what has failed', async () => {
    const system = await readFile('/nowhere').catch((error: unknown) => error);
    expect(explain(system)).toBe("ENOENT: no such file or directory, open '/nowhere'");
    const database = new UnusableDatabase('The database x cannot be used: it is locked', { cause: new Error('y') });
    expect(explain(database)).toBe(database.message);
    expect(explain(database, failure)).toBe(`${failure}: ${database.message}`);
    const away = new Unavailable('The database is unavailable.', { cause: new Error('database is locked') });
    expect(explain(away)).toBe('The database is unavailable. (database is locked)');
  });

  it('tells of a fault of our own where it comes from, cause included', () => {
    const text = explain(new TypeError('x is undefined', { cause: new RangeError('too far') }), failure);
    expect(text).toMatch(/^TypeError: x is undefined\n {4}at .*explain\.test\.ts/);
    expect(text).toMatch(/RangeError: too far/);
    const argument = Object.assign(new TypeError('not a string'), { code: 'ERR_INVALID_ARG_TYPE' });
    expect(explain(argument)).toMatch(/\n {4}at /);
    expect(explain('thrown')).toBe("'thrown'");
  });
});
