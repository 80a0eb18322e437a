import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect, promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { KeyEncryptionKeyError } from '../../../src/keys/errors.ts';
import {
  addKeyEncryptionKey,
  loadKeyEncryptionKey,
  loadKeyEncryptionKeys,
  parseKeyEncryptionKey,
  removeOlderKeyFiles,
} from '../../../src/keys/sealing/key-encryption-key.ts';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tessera-keys-'));
  file = join(folder, 'key-encryption-key');
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const load = (sealedKeysExist = false): ReturnType<typeof loadKeyEncryptionKey> =>
  loadKeyEncryptionKey({ keysDir: folder, sealedKeysExist });

async function messageOf(attempt: Promise<unknown>): Promise<string> {
  const fault: unknown = await attempt.then(
    () => null,
    (error: unknown) => error,
  );
  expect(fault).toBeInstanceOf(KeyEncryptionKeyError);
  return String(fault);
}

describe('the first start', () => {
  test('makes a key that only its owner may open, and finds it again', async () => {
    const made = await load();
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, 'utf8')).toMatch(/^[A-Za-z0-9_-]{43}\n$/);
    expect((await load(true)).id).toBe(made.id);
  });

  test('leaves nothing else behind', async () => {
    await load();
    expect(await readdir(folder)).toEqual(['key-encryption-key']);
  });

  test('makes the folder too', async () => {
    const keysDir = join(folder, 'deep', 'keys');
    await loadKeyEncryptionKey({ keysDir, sealedKeysExist: false });
    expect(await readdir(keysDir)).toEqual(['key-encryption-key']);
  });

  test('of many processes at once leaves all of them with the same key', async () => {
    const script = join(import.meta.dirname, 'load-key-encryption-key.ts');
    const runs = Array.from({ length: 6 }, () => promisify(execFile)(process.execPath, [script, folder]));
    const ids = (await Promise.all(runs)).map(({ stdout }) => stdout);
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]).toMatch(/^[0-9a-f]{16}$/);
    expect(await readdir(folder)).toEqual(['key-encryption-key']);
  });

  test('of many at once in one process does too', async () => {
    const keks = await Promise.all(Array.from({ length: 50 }, () => load()));
    expect(new Set(keks.map(({ id }) => id)).size).toBe(1);
  });

  test('says so when the folder cannot hold the key', async () => {
    const keysDir = join(file, 'not-a-folder');
    await writeFile(file, '');
    expect(await messageOf(loadKeyEncryptionKey({ keysDir, sealedKeysExist: false }))).toContain(keysDir);
  });
});

describe('a later start', () => {
  test('never makes a new key over keys that were sealed under a lost one', async () => {
    const message = await messageOf(load(true));
    expect(message).toContain(`missing: there is no file ${file}, and KEY_ENCRYPTION_KEY is not set`);
    expect(message).toContain('never made over existing keys');
    expect(await readdir(folder)).toEqual([]);
  });

  test.each(['0604', '0660', '0644', '0666'])('refuses a file of mode %s, and says what to run', async (mode) => {
    await load();
    await chmod(file, parseInt(mode, 8));
    const message = await messageOf(load());
    expect(message).toContain(`mode ${mode}`);
    expect(message).toContain(`chmod 600 ${file}`);
  });

  test.each(['0440', '0640'])(
    'takes a file of mode %s where root has given it to a group, and nowhere else',
    async (mode) => {
      const { id } = await load();
      await chmod(file, parseInt(mode, 8));
      // What Kubernetes makes of a volume with `fsGroup`: owned by root, and by links to a folder that is swapped.
      await mkdir(join(folder, '..data'));
      await rename(file, join(folder, '..data', 'key-encryption-key'));
      await symlink('..data/key-encryption-key', file);
      if (process.geteuid?.() === 0) {
        await chown(file, 0, 4711);
        expect((await load(true)).id).toBe(id);
        await chown(file, 4711, 4711);
        expect(await messageOf(load())).toContain('belongs to another user (uid 4711)');
      } else expect(await messageOf(load())).toContain(`mode ${mode}`);
    },
  );

  test.each([
    ['empty', ''],
    ['short', randomBytes(31).toString('base64url')],
    ['long', randomBytes(33).toString('base64url')],
    ['hex', randomBytes(32).toString('hex')],
    ['not base64', `${randomBytes(32).toString('base64url')}!`],
    ['two lines', `${randomBytes(32).toString('base64url')}\n${randomBytes(32).toString('base64url')}`],
  ])('refuses a malformed file: %s', async (_, text) => {
    await writeFile(file, text, { mode: 0o600 });
    const message = await messageOf(load());
    expect(message).toContain(`${file} is malformed: expected 32 bytes in base64`);
    if (text !== '') expect(message).not.toContain(text.slice(0, 8));
  });
});

describe('a key from the environment', () => {
  test.each(['base64', 'base64url'] as const)('may be written in %s, and comes before the file', async (encoding) => {
    const fromFile = await load();
    const bytes = Buffer.alloc(32, 0xfb);
    const kek = await loadKeyEncryptionKey({
      keysDir: folder,
      fromEnvironment: bytes.toString(encoding),
      sealedKeysExist: true,
    });
    expect(kek.id).not.toBe(fromFile.id);
    expect(kek.source).toBe('KEY_ENCRYPTION_KEY');
    expect(kek.secret.export()).toEqual(bytes);
  });

  test('leaves the folder alone', async () => {
    const fromEnvironment = randomBytes(32).toString('base64');
    await loadKeyEncryptionKey({ keysDir: folder, fromEnvironment, sealedKeysExist: false });
    expect(await readdir(folder)).toEqual([]);
  });

  test('is refused when malformed, under the name of the variable', async () => {
    const message = await messageOf(
      loadKeyEncryptionKey({ keysDir: folder, fromEnvironment: 'hunter2', sealedKeysExist: false }),
    );
    expect(message).toContain('KEY_ENCRYPTION_KEY is malformed');
    expect(message).not.toContain('hunter2');
  });
});

test('a key does not show its bytes when it is printed or serialised', async () => {
  const kek = await load();
  const text = (await readFile(file, 'utf8')).trim();
  const hex = Buffer.from(text, 'base64url').toString('hex');
  for (const shown of [JSON.stringify(kek), inspect(kek, { depth: 9, showHidden: true })]) {
    expect(shown).not.toContain(text.slice(0, 10));
    expect(shown).not.toContain(hex.slice(0, 12));
  }
});

describe('a newer key', () => {
  const loadAll = (more: object = {}) => loadKeyEncryptionKeys({ keysDir: folder, sealedKeysExist: true, ...more });
  const random = () => randomBytes(32).toString('base64url');

  test('is a file of its own beside the older one, and seals from then on; both open', async () => {
    const first = await load();
    const second = await addKeyEncryptionKey(folder, first);
    expect(second.source).toBe(`${file}.2`);
    expect((await stat(`${file}.2`)).mode & 0o777).toBe(0o600);
    expect((await readdir(folder)).sort()).toEqual(['key-encryption-key', 'key-encryption-key.2']);
    expect((await load(true)).id).toBe(second.id);
    expect((await loadAll()).map(({ id }) => id)).toEqual([second.id, first.id]);
  });

  test('is told by its number, past nine, too', async () => {
    let newest = await load();
    for (let count = 2; count <= 11; count += 1) newest = await addKeyEncryptionKey(folder, newest);
    expect(newest.source).toBe(`${file}.11`);
    const [sealing, ...others] = await loadAll();
    expect(sealing.id).toBe(newest.id);
    expect(others).toHaveLength(10);
  });

  test('made by many at once is one', async () => {
    const first = await load();
    const made = await Promise.all(Array.from({ length: 20 }, () => addKeyEncryptionKey(folder, first)));
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
    expect(await readdir(folder)).toHaveLength(2);
  });

  test('is not made where there is one already', async () => {
    const first = await load();
    const second = await addKeyEncryptionKey(folder, first);
    expect((await addKeyEncryptionKey(folder, first)).id).toBe(second.id);
    expect(await readdir(folder)).toHaveLength(2);
  });

  test('may stand alone, the older ones being gone', async () => {
    const second = await addKeyEncryptionKey(folder, await load());
    await rm(file);
    expect((await load(true)).id).toBe(second.id);
    expect((await addKeyEncryptionKey(folder, second)).source).toBe(`${file}.3`);
  });

  test('is not looked for under other names', async () => {
    const first = await load();
    for (const name of ['.1', '.02', '.2.bak', '.x', '.2.4711.abcdef01', '-2', '.2~'])
      await writeFile(`${file}${name}`, 'nothing of the kind', { mode: 0o600 });
    expect((await loadAll()).map(({ id }) => id)).toEqual([first.id]);
  });

  test.each(['', '.2'])('that is beside one that others may open is refused: key-encryption-key%s', async (open) => {
    await addKeyEncryptionKey(folder, await load());
    await chmod(`${file}${open}`, 0o644);
    const message = await messageOf(loadAll());
    expect(message).toContain(`${file}${open} is open to others than its owner (mode 0644)`);
  });

  test('that is malformed is refused: an older one does not take its place', async () => {
    await load();
    await writeFile(`${file}.2`, 'half a ke', { mode: 0o600 });
    expect(await messageOf(load(true))).toContain(`${file}.2 is malformed`);
    await rm(`${file}.2`);
    await mkdir(`${file}.2`);
    expect(await messageOf(load(true))).toContain(`${file}.2 is not a file`);
  });

  test('lets the files of older ones be removed', async () => {
    const first = await load();
    const second = await addKeyEncryptionKey(folder, first);
    const third = await addKeyEncryptionKey(folder, second);
    expect(await removeOlderKeyFiles(folder, third)).toEqual([file, `${file}.2`]);
    expect(await readdir(folder)).toEqual(['key-encryption-key.3']);
    expect(await removeOlderKeyFiles(folder, third)).toEqual([]);
  });

  test('that came meanwhile is left alone when older files are removed', async () => {
    const first = await load();
    const second = await addKeyEncryptionKey(folder, first);
    await addKeyEncryptionKey(folder, second);
    expect(await removeOlderKeyFiles(folder, second)).toEqual([file]);
    expect((await readdir(folder)).sort()).toEqual(['key-encryption-key.2', 'key-encryption-key.3']);
  });

  test('is the last to be removed, whatever is asked', async () => {
    await addKeyEncryptionKey(folder, await load());
    const unknown = parseKeyEncryptionKey(random(), 'elsewhere');
    expect(await removeOlderKeyFiles(folder, unknown)).toEqual([]);
    expect(await readdir(folder)).toHaveLength(2);
  });

  test('from the environment seals; the previous one opens, and files do not count', async () => {
    await load();
    const [fromEnvironment, previousFromEnvironment] = [random(), random()];
    const keks = await loadAll({ fromEnvironment, previousFromEnvironment });
    expect(keks.map(({ source }) => source)).toEqual(['KEY_ENCRYPTION_KEY', 'KEY_ENCRYPTION_KEY_PREVIOUS']);
    expect(await loadAll({ fromEnvironment, previousFromEnvironment: fromEnvironment })).toHaveLength(1);
    const message = await messageOf(loadAll({ fromEnvironment, previousFromEnvironment: 'hunter2' }));
    expect(message).toContain('KEY_ENCRYPTION_KEY_PREVIOUS is malformed');
    expect(message).not.toContain('hunter2');
  });

  test('in a file seals, too, where the environment has the previous one', async () => {
    const first = await load();
    const keks = await loadAll({ previousFromEnvironment: random() });
    expect(keks.map(({ source }) => source)).toEqual([first.source, 'KEY_ENCRYPTION_KEY_PREVIOUS']);
  });
});
