import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FIRST } from '../../../../src/keys/store.ts';
import { newDatabase } from '../../../support/database.ts';
import { aKey, occasion } from '../../../support/records.ts';
import { newFile, openFile } from '../../../support/sqlite.ts';

const secret = 'sealed-private-part-'.repeat(100);
const now = occasion(1);

/** Whether any file of the database holds it: the file itself, its log, or any other that there is beside it. */
function isOnDisk(file: string, text = secret): boolean {
  const folder = dirname(file);
  return readdirSync(folder).some((name) => readFileSync(join(folder, name), 'latin1').includes(text.slice(0, 200)));
}

async function storeWithSecret() {
  const file = await newFile();
  const { keys } = await newDatabase(`sqlite:${file}`);
  await keys.insertKey(aKey('a', FIRST, { sealedPrivateKey: secret }), 'key.created', now);
  await keys.insertKey(aKey('b', 'a', { activatesAt: 3000 }), 'key.created', now);
  expect(isOnDisk(file)).toBe(true);
  return { file, keys };
}

describe('a private part that is destroyed', () => {
  it('leaves no trace in the files of the database when its key is revoked', async () => {
    for (const change of [
      { promote: null, spare: null },
      { promote: 'b', spare: aKey('c', 'b') },
    ]) {
      const { file, keys } = await storeWithSecret();
      expect(await keys.revokeKey('a', change, now)).toBe(true);
      expect(isOnDisk(file)).toBe(false);
    }
  });

  it('leaves none when its turn is over, nor when its key is removed', async () => {
    for (const due of [
      { tookOver: ['b'], destroyPrivate: ['a'], remove: [] },
      { tookOver: [], destroyPrivate: [], remove: ['a'] },
    ]) {
      const { file, keys } = await storeWithSecret();
      await keys.settleKeys(due, now);
      expect(isOnDisk(file)).toBe(false);
    }
  });
});

describe('a private part that is destroyed while somebody reads the database', () => {
  /** Destroyed, and still in the log: for the one who reads, the database is as it was before. */
  async function destroyedBehindAReader() {
    const { file, keys } = await storeWithSecret();
    const reader = openFile(file);
    reader.exec('begin; select * from users');
    expect(await keys.revokeKey('a', { promote: null, spare: null }, now)).toBe(true);
    expect(isOnDisk(file)).toBe(true);
    return { file, keys, reader };
  }

  it('leaves no trace once the keys are read again and nobody is in the way', async () => {
    const { file, keys, reader } = await destroyedBehindAReader();
    for (const [key] of [await keys.listKeys(), await keys.listKeys()]) expect(key?.sealedPrivateKey).toBeNull();
    expect(isOnDisk(file)).toBe(true);
    reader.exec('rollback');
    await keys.listKeys();
    expect(isOnDisk(file)).toBe(false);
  });

  it('leaves none once another process reads the keys, where the one that destroyed it does not', async () => {
    const { file, reader } = await destroyedBehindAReader();
    reader.exec('rollback');
    const { keys } = await newDatabase(`sqlite:${file}`);
    await keys.listKeys();
    expect(isOnDisk(file)).toBe(false);
  });
});

describe('a private part that is sealed anew', () => {
  it('leaves no trace of how it was sealed before, whatever its length is now', async () => {
    for (const length of [10, 100, 1000]) {
      const { file, keys } = await storeWithSecret();
      const anew = 'sealed-another-way--'.repeat(length);
      expect(await keys.resealKey('a', { from: secret, to: anew }, now)).toBe(true);
      expect(isOnDisk(file)).toBe(false);
      expect(isOnDisk(file, anew)).toBe(true);
    }
  });

  it('stays where it is when it is another by now', async () => {
    const { file, keys } = await storeWithSecret();
    expect(await keys.resealKey('a', { from: 'another', to: 'sealed anew' }, now)).toBe(false);
    expect(isOnDisk(file)).toBe(true);
  });
});
