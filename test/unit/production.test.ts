import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from '../support/property.ts';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { findProductionFaults } from '../../src/config/production.ts';

async function newFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'tessera-')));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** What is said of a key file in `keysDir` and a database in `file`. */
function faultOf(keysDir: string, file: string, more: Partial<Parameters<typeof findProductionFaults>[0]> = {}) {
  const [fault, ...others] = findProductionFaults({
    rateLimits: 'on',
    databaseUrl: `sqlite:${file}`,
    keysDir,
    keyEncryptionKey: undefined,
    keyBesideDatabase: 'refuse',
    ...more,
  });
  expect(others).toEqual([]);
  return fault;
}

function messageOf(environment: Record<string, string>): string {
  try {
    readConfig(environment);
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}

describe('in production, the issuer', () => {
  const expected =
    'ISSUER: expected the public URL of this server, https and with no slash at its end: https://tokens.example.com, https://example.com/auth; ';
  const database = { NODE_ENV: 'production', DATABASE_URL: 'postgres://db.example.com/tessera' };

  it('is https, and is said: it does not follow HOST and PORT', () => {
    expect(readConfig({ ...database, ISSUER: 'https://a.example' }).issuer).toBe('https://a.example');
    expect(messageOf(database)).toContain(`${expected}it is not set`);
    for (const issuer of ['http://a.example', 'http://127.0.0.1:8080', 'https://a.example/', 'ftp://a.example'])
      expect(messageOf({ ...database, ISSUER: issuer })).toContain(`${expected}found "${issuer}"`);
  });

  it('is refused beside every other fault', () => {
    const message = messageOf({ NODE_ENV: 'production', RATE_LIMITS: 'off', PORT: 'x', ISSUER: 'http://a.example' });
    const names = message.split('\n  - ').map((fault) => fault.split(':')[0]);
    expect(names).toEqual(['The environment cannot be used', 'PORT', 'ISSUER', 'RATE_LIMITS', 'KEYS_DIR']);
  });
});

describe('in production, a key-encryption key in a file', () => {
  it('is refused beside the database, with three ways out', async () => {
    const folder = await newFolder();
    expect(faultOf(`${folder}/keys`, `${folder}/data/tessera.db`)).toBe(
      `KEYS_DIR: the key-encryption key in ${folder}/keys would lie beside the database in ${folder}/data, so that one ` +
        'copy or backup could hold both, which is refused where NODE_ENV is production. Have KEYS_DIR elsewhere, not in ' +
        'the same folder, or give KEY_ENCRYPTION_KEY from a secret store, or say KEY_BESIDE_DATABASE=allow',
    );
  });

  it('is beside it in the same folder, one in the other, or two in one, and nowhere else', async () => {
    const folder = await newFolder();
    const beside = [
      ['', 'tessera.db'],
      ['keys', 'keys/tessera.db'],
      ['keys', 'keys/deep/er/tessera.db'],
      ['data/keys', 'data/tessera.db'],
      ['data/deep/er/keys', 'data/tessera.db'],
      ['keys', 'data/tessera.db'],
      ['keys/../other/./keys/', 'other/data/tessera.db'],
    ];
    const apart = [
      ['secrets/keys', 'data/tessera.db'],
      ['keys', 'data/deep/tessera.db'],
      ['data-keys/keys', 'data/tessera.db'],
      ['data/keys', 'other/data/tessera.db'],
    ];
    for (const [keys, file] of beside)
      expect([keys, file, faultOf(join(folder, keys ?? ''), join(folder, file ?? ''))]).toEqual([
        keys,
        file,
        expect.stringMatching(/^KEYS_DIR: /),
      ]);
    for (const [keys, file] of apart)
      expect([keys, file, faultOf(join(folder, keys ?? ''), join(folder, file ?? ''))]).toEqual([
        keys,
        file,
        undefined,
      ]);
  });

  it('is judged by where folders and files really are, whether they are there yet or not', async () => {
    const folder = await newFolder();
    await mkdir(`${folder}/disk/data`, { recursive: true });
    await mkdir(`${folder}/far/off`, { recursive: true });
    await writeFile(`${folder}/disk/data/real.db`, '');
    await symlink(`${folder}/disk`, `${folder}/far/off/link`);
    await symlink(`${folder}/disk/data/real.db`, `${folder}/far/off/linked.db`);
    expect(faultOf(`${folder}/far/off/link/keys`, `${folder}/disk/data/tessera.db`)).toMatch(/^KEYS_DIR: /);
    expect(faultOf(`${folder}/disk/keys`, `${folder}/far/off/linked.db`)).toMatch(/^KEYS_DIR: /);
    expect(faultOf(`${folder}/far/off/keys`, `${folder}/far/off/linked.db`)).toBeUndefined();
    expect(faultOf(`${folder}/far/off/link/not/yet/keys`, `${folder}/disk/not/data/tessera.db`)).toBeUndefined();
  });

  it('may lie there where that is stated, and need not be looked for where the key or the state is elsewhere', () => {
    expect(faultOf('keys', 'data/tessera.db')).toMatch(/^KEYS_DIR: /);
    expect(faultOf('keys', 'data/tessera.db', { keyBesideDatabase: 'allow' })).toBeUndefined();
    expect(faultOf('keys', 'data/tessera.db', { keyEncryptionKey: 'x' })).toBeUndefined();
    expect(faultOf('keys', '', { databaseUrl: 'postgres://db.example.com/tessera' })).toBeUndefined();
  });

  it('is apart from a database exactly when no path leads from one folder to the other by less than two steps up or down', () => {
    const parts = fc.array(fc.constantFrom('a', 'b', 'ab'), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(parts, parts, (keys, data) => {
        const within = (inner: string[], outer: string[]) => outer.every((part, at) => inner[at] === part);
        const siblings = keys.length === data.length && keys.slice(0, -1).join() === data.slice(0, -1).join();
        const isBeside = within(keys, data) || within(data, keys) || siblings;
        const root = '/nowhere/at/all';
        const fault = faultOf(`${root}/${keys.join('/')}`, `${root}/${data.join('/')}/tessera.db`);
        expect(fault !== undefined).toBe(isBeside);
      }),
    );
  });
});
