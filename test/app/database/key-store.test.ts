import { describe, expect, it } from 'vitest';
import { lastMoment } from '../../../src/clock.ts';
import { FIRST, type KeyRecord } from '../../../src/keys/store.ts';
import { aKey, aVerifyOnlyKey, occasion } from '../../support/records.ts';
import {
  atOnce,
  before,
  event,
  insertAll,
  makers,
  recordedBy,
  type KeyStores,
} from '../../support/database/key-stores.ts';

describe.each(Object.entries(makers))('a KeyStore in %s', (_, makeStores) => {
  const a = aKey('a', FIRST);
  const b = aKey('b', 'a', { activatesAt: 3000 });
  const c = aKey('c', 'b', { activatesAt: 4000 });
  const now = occasion(2500, { actor: { kind: 'caller', sub: 'usr_1', clientId: 'cli_1' }, reason: 'it was due' });
  const later = occasion(2600);

  async function storesOf(...keys: KeyRecord[]): Promise<KeyStores> {
    const stores = await makeStores();
    await insertAll(stores, keys);
    return stores;
  }

  describe('insertKey', () => {
    it('appends to the line, which is listed in order of succession, fact by fact', async () => {
      const { keys } = await storesOf();
      expect(await keys.listKeys()).toEqual([]);
      const nothing = { revokedAt: null, tookOverAt: null, tokensExpireAt: null, destroyedAt: null };
      const all = {
        tookOverAt: 2001,
        tokensExpireAt: lastMoment,
        destroyedAt: 3,
        revokedAt: 0,
        sealedPrivateKey: null,
      };
      const odd = aKey('z', FIRST, { ...all, alg: 'EdDSA', publishedAt: 0 });
      const plain = aKey('a', 'z', nothing);
      for (const key of [odd, plain, aKey('m', 'a')]) expect(await keys.insertKey(key, 'key.created', now)).toBe(true);
      expect(await keys.listKeys()).toEqual([odd, plain, aKey('m', 'a')]);
    });

    it('takes a first key only where there is none', async () => {
      const { keys } = await storesOf(a);
      expect(await keys.insertKey(aKey('x', FIRST), 'key.created', now)).toBe(false);
      expect(await keys.listKeys()).toEqual([a]);
    });

    it('takes a key only behind the last one', async () => {
      const { keys } = await storesOf(a, b);
      for (const succeeds of ['a', 'nobody', 'x'])
        expect(await keys.insertKey(aKey('x', succeeds), 'key.created', now)).toBe(false);
      expect(await keys.listKeys()).toEqual([a, b]);
      const { keys: none } = await storesOf();
      expect(await none.insertKey(b, 'key.created', now)).toBe(false);
      expect(await none.listKeys()).toEqual([]);
    });

    it('refuses a kid that another key has, in the line or for verifying only, whoever revoked that', async () => {
      const stores = await storesOf(a, b);
      await stores.verifyOnlyKeys.insertVerifyOnlyKey(aVerifyOnlyKey('v'), before);
      await stores.verifyOnlyKeys.insertVerifyOnlyKey(aVerifyOnlyKey('w'), before);
      await stores.verifyOnlyKeys.revokeVerifyOnlyKey('w', before);
      const recorded = await recordedBy(stores, async () => {
        for (const kid of ['a', 'b', 'v', 'w'])
          expect(await stores.keys.insertKey(aKey(kid, 'b'), 'key.imported', now)).toBe(false);
      });
      expect(recorded).toEqual([]);
      expect(await stores.keys.listKeys()).toEqual([a, b]);
    });

    it('puts on record whether the key was made or brought in, by whom and why', async () => {
      const stores = await storesOf();
      const schedule = occasion(1000, { actor: { kind: 'schedule' } });
      const recorded = await recordedBy(stores, async () => {
        await stores.keys.insertKey(a, 'key.created', schedule);
        await stores.keys.insertKey(b, 'key.imported', now);
      });
      expect(recorded).toEqual([event('key.created', 'a', schedule), event('key.imported', 'b', now)]);
    });

    it('puts nothing on record where the place is taken', async () => {
      const stores = await storesOf(a);
      const recorded = await recordedBy(stores, async () => {
        for (const key of [a, b, b, aKey('x', 'a'), aKey('x', 'nobody')])
          await stores.keys.insertKey(key, 'key.created', now);
      });
      expect(recorded).toEqual([event('key.created', 'b', now)]);
    });

    it('lets one of many that come at once have the place', async () => {
      const stores = await storesOf();
      let last = FIRST;
      for (const round of ['first', 'second']) {
        const place = last;
        const asked = () =>
          atOnce(stores, 20, ({ keys }, at) => keys.insertKey(aKey(`${round}${at}`, place), 'key.created', now));
        const recorded = await recordedBy(stores, async () => {
          const won = await asked();
          expect(won.filter(Boolean)).toHaveLength(1);
          last = `${round}${won.indexOf(true)}`;
        });
        expect(recorded).toEqual([event('key.created', last, now)]);
        expect((await stores.keys.listKeys()).at(-1)).toEqual(aKey(last, place));
      }
      expect(await stores.keys.listKeys()).toHaveLength(2);
    });

    it('goes on behind a line whose first keys have left', async () => {
      const { keys } = await storesOf(a, b);
      await keys.settleKeys({ tookOver: [], destroyPrivate: [], remove: ['a'] }, now);
      expect(await keys.insertKey(aKey('x', 'a'), 'key.created', now)).toBe(false);
      expect(await keys.insertKey(aKey('x', FIRST), 'key.created', now)).toBe(false);
      expect(await keys.insertKey(c, 'key.created', now)).toBe(true);
      expect(await keys.listKeys()).toEqual([b, c]);
    });
  });

  describe('noteTokens', () => {
    it('remembers the latest moment that it was told, in whatever order', async () => {
      const { keys } = await storesOf(a, b);
      for (const [at, kept] of [
        [3400, 3400],
        [3400, 3400],
        [3399, 3400],
        [0, 3400],
        [3401, 3401],
      ] as const) {
        expect(await keys.noteTokens('a', at)).toBe(true);
        expect(await keys.listKeys()).toEqual([{ ...a, tokensExpireAt: kept }, b]);
      }
    });

    it('keeps the latest of many that come at once', async () => {
      const stores = await storesOf(a, b);
      const moments = Array.from({ length: 20 }, (_each, at) => 3000 + ((at * 7) % 20));
      await atOnce(stores, moments.length, ({ keys }, at) => keys.noteTokens('a', moments[at] ?? 0));
      expect(await stores.keys.listKeys()).toEqual([{ ...a, tokensExpireAt: 3019 }, b]);
    });

    it('leaves no event, and touches no other key', async () => {
      const stores = await storesOf(a, b, c);
      expect(await recordedBy(stores, () => stores.keys.noteTokens('b', 3400))).toEqual([]);
      expect(await stores.keys.listKeys()).toEqual([a, { ...b, tokensExpireAt: 3400 }, c]);
    });

    it('does nothing, and says so, for a key that is unknown or revoked', async () => {
      const stores = await storesOf(a, b);
      await stores.verifyOnlyKeys.insertVerifyOnlyKey(aVerifyOnlyKey('v'), before);
      await stores.keys.noteTokens('b', 3400);
      await stores.keys.revokeKey('b', { promote: null, spare: null }, now);
      const kept = await stores.keys.listKeys();
      const recorded = await recordedBy(stores, async () => {
        for (const kid of ['x', 'A', '', 'v', 'b'])
          expect({ kid, done: await stores.elsewhere.keys.noteTokens(kid, 3500) }).toEqual({ kid, done: false });
      });
      expect(recorded).toEqual([]);
      expect(await stores.keys.listKeys()).toEqual(kept);
    });

    it('still takes note for a key whose private part is destroyed: what it signed is to be verified', async () => {
      const { keys } = await storesOf(a, b);
      await keys.settleKeys({ tookOver: [], destroyPrivate: ['a'], remove: [] }, now);
      expect(await keys.noteTokens('a', 3400)).toBe(true);
      expect((await keys.listKeys()).map(({ tokensExpireAt }) => tokensExpireAt)).toEqual([3400, null]);
    });
  });

  describe('settleKeys', () => {
    const nothing = { tookOver: [], destroyPrivate: [], remove: [] };
    const due = { tookOver: ['c'], destroyPrivate: ['b'], remove: ['a'] };
    const after = [
      { ...b, sealedPrivateKey: null, destroyedAt: now.at },
      { ...c, tookOverAt: now.at },
    ];
    const settled = [
      event('key.activated', 'c', now),
      event('key.destroyed', 'b', now),
      event('key.retired', 'a', now),
    ];

    it('does what it is told to, and no more, and puts each change on record', async () => {
      const stores = await storesOf(a, b, c);
      expect(await recordedBy(stores, () => stores.keys.settleKeys(due, now))).toEqual(settled);
      expect(await stores.keys.listKeys()).toEqual(after);
    });

    it('takes several keys at once, for each of the three', async () => {
      const stores = await storesOf(a, b, c, aKey('d', 'c'), aKey('e', 'd'), aKey('f', 'e'));
      const many = { tookOver: ['f', 'e'], destroyPrivate: ['c', 'd'], remove: ['a', 'b'] };
      const recorded = await recordedBy(stores, () => stores.keys.settleKeys(many, now));
      const subjects = (type: string) => recorded.filter((each) => each.type === type).map(({ subject }) => subject);
      expect(subjects('key.activated').sort()).toEqual(['e', 'f']);
      expect(subjects('key.destroyed').sort()).toEqual(['c', 'd']);
      expect(subjects('key.retired').sort()).toEqual(['a', 'b']);
      expect(recorded).toHaveLength(6);
      expect((await stores.keys.listKeys()).map(({ kid }) => kid)).toEqual(['c', 'd', 'e', 'f']);
    });

    it('does nothing when it is repeated, and puts nothing on record', async () => {
      const stores = await storesOf(a, b, c);
      await stores.keys.settleKeys(due, now);
      expect(await recordedBy(stores, () => stores.keys.settleKeys(due, later))).toEqual([]);
      expect(await stores.elsewhere.keys.listKeys()).toEqual(after);
    });

    it('is done once where many ask at once', async () => {
      const stores = await storesOf(a, b, c);
      const settle = () => atOnce(stores, 10, ({ keys }) => keys.settleKeys(due, now));
      expect(await recordedBy(stores, settle)).toEqual(settled);
      expect(await stores.keys.listKeys()).toEqual(after);
    });

    it('does nothing where nothing is due, or the keys are unknown', async () => {
      const stores = await storesOf(a, b);
      const recorded = await recordedBy(stores, async () => {
        await stores.keys.settleKeys(nothing, now);
        await stores.keys.settleKeys({ tookOver: ['x'], destroyPrivate: ['x'], remove: ['x'] }, now);
      });
      expect(recorded).toEqual([]);
      expect(await stores.keys.listKeys()).toEqual([a, b]);
    });

    it('does not put on record again that a key signs which was promoted', async () => {
      const stores = await storesOf(a, b);
      await stores.keys.promoteKey('b', { from: 3000, to: 2400 }, occasion(2400));
      expect(await recordedBy(stores, () => stores.keys.settleKeys({ ...nothing, tookOver: ['b'] }, now))).toEqual([]);
      expect(await stores.keys.listKeys()).toEqual([a, { ...b, activatesAt: 2400, tookOverAt: 2400 }]);
    });

    it('keeps a key that was revoked meanwhile as it is: that is remembered for good', async () => {
      const stores = await storesOf(a, b);
      await stores.keys.revokeKey('a', { promote: 'b', spare: null }, now);
      const kept = await stores.keys.listKeys();
      const settle = () => stores.keys.settleKeys({ ...nothing, destroyPrivate: ['a'], remove: ['a'] }, later);
      expect(await recordedBy(stores, settle)).toEqual([]);
      expect(await stores.keys.listKeys()).toEqual(kept);
    });
  });
});
