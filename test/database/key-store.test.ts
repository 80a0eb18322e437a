import { describe, expect, it } from 'vitest';
import { FIRST, type KeyRecord, type KeyStore } from '../../src/keys/store.ts';
import { MemoryKeyStore } from '../support/memory-key-store.ts';
import { aKey, newDatabase } from '../support/sqlite.ts';

const makers: Record<string, () => Promise<KeyStore>> = {
  SQLite: async () => (await newDatabase()).keys,
  memory: async () => new MemoryKeyStore(),
};

describe.each(Object.entries(makers))('a KeyStore in %s', (_, makeStore) => {
  const a = aKey('a', FIRST);
  const b = aKey('b', 'a', { activatesAt: 3000 });
  const c = aKey('c', 'b', { activatesAt: 4000 });

  async function storeOf(...keys: KeyRecord[]): Promise<KeyStore> {
    const store = await makeStore();
    for (const key of keys) expect(await store.insertKey(key)).toBe(true);
    return store;
  }

  describe('insertKey', () => {
    it('appends to the line, which is listed in order of succession, fact by fact', async () => {
      const store = await storeOf();
      expect(await store.listKeys()).toEqual([]);
      const odd = aKey('z', FIRST, { sealedPrivateKey: null, revokedAt: 0, publishedAt: 0, tokensLiveFor: 2 ** 40 });
      expect(await store.insertKey(odd)).toBe(true);
      expect(await store.insertKey(aKey('a', 'z'))).toBe(true);
      expect(await store.insertKey(aKey('m', 'a'))).toBe(true);
      expect(await store.listKeys()).toEqual([odd, aKey('a', 'z'), aKey('m', 'a')]);
    });

    it('takes a first key only where there is none', async () => {
      const store = await storeOf(a);
      expect(await store.insertKey(aKey('x', FIRST))).toBe(false);
      expect(await store.listKeys()).toEqual([a]);
    });

    it('takes a key only behind the last one', async () => {
      const store = await storeOf(a, b);
      for (const succeeds of ['a', 'nobody', 'x']) expect(await store.insertKey(aKey('x', succeeds))).toBe(false);
      expect(await store.listKeys()).toEqual([a, b]);
      const empty = await storeOf();
      expect(await empty.insertKey(b)).toBe(false);
      expect(await empty.listKeys()).toEqual([]);
    });

    it('lets one of many that come at once have the place', async () => {
      const store = await storeOf();
      for (const succeeds of [FIRST, 'winner']) {
        const rivals = Array.from({ length: 20 }, (_each, at) => aKey(`${succeeds}${at}`, succeeds));
        const won = await Promise.all(rivals.map((key) => store.insertKey(key)));
        expect(won.filter(Boolean)).toHaveLength(1);
        if (succeeds !== FIRST) continue;
        const winner = rivals[won.indexOf(true)]?.kid ?? '';
        expect(await store.insertKey(aKey('winner', winner))).toBe(true);
      }
      expect(await store.listKeys()).toHaveLength(3);
    });

    it('goes on behind a line whose first keys have left', async () => {
      const store = await storeOf(a, b);
      await store.settleKeys({ destroyPrivate: [], remove: ['a'], extend: [], tokensLiveFor: 0 });
      expect(await store.insertKey(aKey('x', 'a'))).toBe(false);
      expect(await store.insertKey(aKey('x', FIRST))).toBe(false);
      expect(await store.insertKey(c)).toBe(true);
      expect(await store.listKeys()).toEqual([b, c]);
    });
  });

  describe('promoteKey', () => {
    it('brings the moment forward', async () => {
      const store = await storeOf(a, b);
      expect(await store.promoteKey('b', 2500)).toBe(true);
      expect(await store.listKeys()).toEqual([a, { ...b, activatesAt: 2500 }]);
    });

    it('never puts it off, and does nothing for a key that is active, revoked or unknown', async () => {
      const store = await storeOf(a, b, aKey('r', 'b', { revokedAt: 1, sealedPrivateKey: null, activatesAt: 9000 }));
      const before = await store.listKeys();
      for (const [kid, at] of [
        ['b', 3000],
        ['b', 3001],
        ['a', 2000],
        ['r', 2000],
        ['nobody', 2000],
      ] as const) {
        expect({ kid, at, done: await store.promoteKey(kid, at) }).toEqual({ kid, at, done: false });
      }
      expect(await store.listKeys()).toEqual(before);
    });

    it('is done once where many ask at once', async () => {
      const store = await storeOf(a, b);
      const done = await Promise.all(Array.from({ length: 10 }, () => store.promoteKey('b', 2500)));
      expect(done.filter(Boolean)).toHaveLength(1);
    });
  });

  describe('revokeKey', () => {
    const revoked = { revokedAt: 2500, sealedPrivateKey: null };

    it('revokes, promotes and appends in one', async () => {
      const store = await storeOf(a, b);
      expect(await store.revokeKey('a', { revokedAt: 2500, promote: 'b', spare: c })).toBe(true);
      expect(await store.listKeys()).toEqual([{ ...a, ...revoked }, { ...b, activatesAt: 2500 }, c]);
    });

    it('may revoke alone, and does not put off a key that is active already', async () => {
      const store = await storeOf(a, b);
      expect(await store.revokeKey('b', { revokedAt: 2500, promote: null, spare: null })).toBe(true);
      expect(await store.listKeys()).toEqual([a, { ...b, ...revoked }]);
      const other = await storeOf(a, b);
      expect(await other.revokeKey('b', { revokedAt: 2500, promote: 'a', spare: null })).toBe(true);
      expect(await other.listKeys()).toEqual([a, { ...b, ...revoked }]);
    });

    it('changes nothing where any part of it cannot be done', async () => {
      const gone = aKey('gone', 'b', { revokedAt: 1, sealedPrivateKey: null });
      const store = await storeOf(a, b, gone);
      const before = await store.listKeys();
      const refused: [kid: string, promote: string | null, spare: KeyRecord | null][] = [
        ['nobody', null, null],
        ['gone', null, null],
        ['a', 'gone', null],
        ['a', 'nobody', null],
        ['a', 'b', aKey('x', 'a')],
        ['a', 'b', aKey('x', 'b')],
        ['a', 'b', aKey('x', 'nobody')],
        ['a', null, aKey('x', FIRST)],
        ['nobody', 'b', aKey('x', 'gone')],
        ['a', 'gone', aKey('x', 'gone')],
      ];
      for (const [kid, promote, spare] of refused) {
        const done = await store.revokeKey(kid, { revokedAt: 2500, promote, spare });
        expect({ kid, promote, spare, done }).toMatchObject({ done: false });
      }
      expect(await store.listKeys()).toEqual(before);
    });

    it('is done once where many ask at once', async () => {
      const store = await storeOf(a, b);
      const spares = Array.from({ length: 10 }, (_each, at) => aKey(`spare${at}`, 'b'));
      const asked = spares.map((spare) => store.revokeKey('a', { revokedAt: 2500, promote: 'b', spare }));
      expect((await Promise.all(asked)).filter(Boolean)).toHaveLength(1);
      expect(await store.listKeys()).toHaveLength(3);
    });
  });

  describe('settleKeys', () => {
    const nothing = { destroyPrivate: [], remove: [], extend: [], tokensLiveFor: 900 };

    it('destroys, removes and extends what it is told to, and no more', async () => {
      const store = await storeOf(a, b, c);
      await store.settleKeys({ destroyPrivate: ['b'], remove: ['a'], extend: ['c'], tokensLiveFor: 1800 });
      const after = [
        { ...b, sealedPrivateKey: null },
        { ...c, tokensLiveFor: 1800 },
      ];
      expect(await store.listKeys()).toEqual(after);
      await store.settleKeys({ destroyPrivate: ['b'], remove: ['a'], extend: ['c'], tokensLiveFor: 1800 });
      expect(await store.listKeys()).toEqual(after);
    });

    it('does nothing where nothing is due, or the keys are unknown', async () => {
      const store = await storeOf(a, b);
      await store.settleKeys(nothing);
      await store.settleKeys({ destroyPrivate: ['x'], remove: ['x'], extend: ['x'], tokensLiveFor: 1800 });
      expect(await store.listKeys()).toEqual([a, b]);
    });

    it('never shortens what is on record for the tokens of a key', async () => {
      const store = await storeOf(a);
      await store.settleKeys({ ...nothing, extend: ['a'], tokensLiveFor: 300 });
      expect(await store.listKeys()).toEqual([a]);
    });

    it('keeps a key that was revoked meanwhile: that is remembered for good', async () => {
      const store = await storeOf(a, b);
      await store.revokeKey('a', { revokedAt: 2500, promote: 'b', spare: null });
      const before = await store.listKeys();
      await store.settleKeys({ ...nothing, remove: ['a'] });
      expect(await store.listKeys()).toEqual(before);
    });
  });
});
