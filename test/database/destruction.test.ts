import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FIRST } from '../../src/keys/store.ts';
import { aKey, newDatabase, newFile } from '../support/sqlite.ts';

const secret = 'sealed-private-part-'.repeat(100);

/** Whether any file of the database holds it: the file itself, or its log. */
function isOnDisk(file: string): boolean {
  const files = [file, `${file}-wal`].filter((name) => existsSync(name));
  return files.some((name) => readFileSync(name, 'latin1').includes(secret.slice(0, 200)));
}

async function storeWithSecret() {
  const file = await newFile();
  const { keys } = await newDatabase(file);
  await keys.insertKey(aKey('a', FIRST, { sealedPrivateKey: secret }));
  await keys.insertKey(aKey('b', 'a'));
  expect(isOnDisk(file)).toBe(true);
  return { file, keys };
}

describe('a private part that is destroyed', () => {
  it('leaves no trace in the files of the database when its key is revoked', async () => {
    const { file, keys } = await storeWithSecret();
    expect(await keys.revokeKey('a', { revokedAt: 1, promote: null, spare: null })).toBe(true);
    expect(isOnDisk(file)).toBe(false);
  });

  it('leaves none when its key retires, nor when it is removed', async () => {
    for (const due of [
      { destroyPrivate: ['a'], remove: [] },
      { destroyPrivate: [], remove: ['a'] },
    ]) {
      const { file, keys } = await storeWithSecret();
      await keys.settleKeys({ ...due, extend: [], tokensLiveFor: 1 });
      expect(isOnDisk(file)).toBe(false);
    }
  });
});
