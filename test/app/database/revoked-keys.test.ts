import { describe, expect, it } from 'vitest';
import { FIRST } from '../../../src/keys/store.ts';
import { aKey, aVerifyOnlyKey, occasion } from '../../support/records.ts';
import { atOnce, event, insertAll, type KeyStores, makers, recordedBy } from '../../support/database/key-stores.ts';

const [revokedAt, now] = [occasion(2000), occasion(9000)];
const nothing = { tookOver: [], destroyPrivate: [], remove: [] };
const forget = [
  { kid: 'a', thumbprint: 'print of a' },
  { kid: 'b', thumbprint: 'print of b' },
  { kid: 'v', thumbprint: null },
  { kid: 'w', thumbprint: 'print of w' },
  { kid: 'nobody', thumbprint: 'print of nobody' },
];

describe.each(Object.entries(makers))('the keys that are forgotten, in %s', (_, make) => {
  /** Of two signing keys and two of another issuer, one each is revoked. */
  async function start(): Promise<KeyStores> {
    const stores = await make();
    await insertAll(stores, [aKey('a', FIRST), aKey('b', 'a')]);
    for (const kid of ['v', 'w'])
      expect(await stores.verifyOnlyKeys.insertVerifyOnlyKey(aVerifyOnlyKey(kid), revokedAt)).toBe(true);
    expect(await stores.keys.revokeKey('a', { promote: null, spare: null }, revokedAt)).toBe(true);
    expect(await stores.verifyOnlyKeys.revokeVerifyOnlyKey('v', revokedAt)).toBe(true);
    return stores;
  }

  it('are those that are revoked, and leave no event', async () => {
    const stores = await start();
    const recorded = await recordedBy(stores, () => stores.keys.settleKeys({ ...nothing, forget }, now));
    expect(recorded).toEqual([]);
    expect((await stores.keys.listKeys()).map(({ kid }) => kid)).toEqual(['b']);
    expect((await stores.verifyOnlyKeys.listVerifyOnlyKeys()).map(({ kid }) => kid)).toEqual(['w']);
  });

  it('are known by name and by thumbprint ever after, and nothing else is', async () => {
    const stores = await start();
    await stores.keys.settleKeys({ ...nothing, forget }, now);
    const { keys } = stores.elsewhere;
    for (const key of [
      { kid: 'a', thumbprint: null },
      { kid: 'a', thumbprint: 'another' },
      { kid: 'another', thumbprint: 'print of a' },
      { kid: 'v', thumbprint: 'print of v' },
    ])
      expect(await keys.findForgotten(key)).toBe(2000);
    for (const key of [
      { kid: 'another', thumbprint: null },
      ...['b', 'w', 'nobody'].map((kid) => ({ kid, thumbprint: `print of ${kid}` })),
    ])
      expect(await keys.findForgotten(key)).toBeNull();
  });

  it('are forgotten once where many ask at once, and stay known since when they are revoked', async () => {
    const stores = await start();
    await atOnce(stores, 10, ({ keys }, at) => keys.settleKeys({ ...nothing, forget }, occasion(9000 + at)));
    expect((await stores.keys.listKeys()).map(({ kid }) => kid)).toEqual(['b']);
    expect(await stores.keys.findForgotten({ kid: 'a', thumbprint: null })).toBe(2000);
  });

  it('do not come back as any kind of key', async () => {
    const stores = await start();
    await stores.keys.settleKeys({ ...nothing, forget }, now);
    const recorded = await recordedBy(stores, async () => {
      for (const kid of ['a', 'v']) {
        expect(await stores.keys.insertKey(aKey(kid, 'b'), 'key.imported', now)).toBe(false);
        expect(await stores.verifyOnlyKeys.insertVerifyOnlyKey(aVerifyOnlyKey(kid), now)).toBe(false);
        const spare = aKey(kid, 'b');
        expect(await stores.keys.revokeKey('b', { promote: null, spare }, now)).toBe(false);
      }
    });
    expect(recorded).toEqual([]);
    expect(await recordedBy(stores, () => stores.keys.insertKey(aKey('c', 'b'), 'key.created', now))).toEqual([
      event('key.created', 'c', now),
    ]);
  });

  it('may be all that there are: the next key is the first', async () => {
    const stores = await make();
    await insertAll(stores, [aKey('a', FIRST)]);
    await stores.keys.revokeKey('a', { promote: null, spare: null }, revokedAt);
    await stores.keys.settleKeys({ ...nothing, forget }, now);
    expect(await stores.keys.insertKey(aKey('c', FIRST), 'key.created', now)).toBe(true);
  });
});
