import { describe, expect, it } from 'vitest';
import { FIRST, type KeyRecord, type MacChange } from '../../../src/keys/store.ts';
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

describe.each(Object.entries(makers))('what an operator changes in a KeyStore in %s', (_, makeStores) => {
  const a = aKey('a', FIRST);
  const b = aKey('b', 'a', { activatesAt: 3000 });
  const c = aKey('c', 'b', { activatesAt: 4000 });
  const gone = aKey('gone', 'b', { revokedAt: 1, sealedPrivateKey: null, activatesAt: 9000 });
  const now = occasion(2500, { reason: 'the key was lost' });
  const later = occasion(2600);

  async function storesOf(...keys: KeyRecord[]): Promise<KeyStores> {
    const stores = await makeStores();
    await insertAll(stores, keys);
    return stores;
  }

  describe('promoteKey', () => {
    const promoted = { activatesAt: 2500, tookOverAt: 2500 };

    it('brings the moment forward, and puts that on record', async () => {
      const stores = await storesOf(a, b, c);
      const recorded = await recordedBy(stores, async () => {
        expect(await stores.keys.promoteKey('b', { from: 3000, to: 2500 }, now)).toBe(true);
      });
      expect(recorded).toEqual([event('key.activated', 'b', now)]);
      expect(await stores.keys.listKeys()).toEqual([a, { ...b, ...promoted }, c]);
    });

    it('never puts it off, and does nothing for a key that is revoked or unknown, or has moved', async () => {
      const stores = await storesOf(a, b, gone);
      const kept = await stores.keys.listKeys();
      const recorded = await recordedBy(stores, async () => {
        for (const [kid, from, to] of [
          ['b', 3000, 3000],
          ['b', 3000, 3001],
          ['b', 2999, 2500],
          ['b', 3001, 2500],
          ['a', 2000, 2000],
          ['a', 2000, 2500],
          ['a', 3000, 1500],
          ['gone', 9000, 2500],
          ['nobody', 3000, 2500],
        ] as const) {
          const done = await stores.keys.promoteKey(kid, { from, to }, now);
          expect({ kid, from, to, done }).toEqual({ kid, from, to, done: false });
        }
      });
      expect(recorded).toEqual([]);
      expect(await stores.keys.listKeys()).toEqual(kept);
    });

    it('fails for one that was worked out before another was made', async () => {
      const stores = await storesOf(a, b);
      const [{ activatesAt: from } = b] = (await stores.elsewhere.keys.listKeys()).slice(1);
      expect(await stores.keys.promoteKey('b', { from, to: 2600 }, later)).toBe(true);
      const recorded = await recordedBy(stores, async () => {
        expect(await stores.elsewhere.keys.promoteKey('b', { from, to: 2500 }, now)).toBe(false);
      });
      expect(recorded).toEqual([]);
      expect(await stores.keys.listKeys()).toEqual([a, { ...b, activatesAt: 2600, tookOverAt: 2600 }]);
    });

    it.each([
      { name: 'for the same moment', moment: () => 2500 },
      { name: 'for ever earlier moments', moment: (at: number) => 2500 - at },
      { name: 'for ever later moments', moment: (at: number) => 2500 + at },
    ])('is done once where many ask at once $name', async ({ moment }) => {
      const stores = await storesOf(a, b);
      let done: boolean[] = [];
      const recorded = await recordedBy(stores, async () => {
        done = await atOnce(stores, 20, ({ keys }, at) => {
          const to = moment(at);
          return keys.promoteKey('b', { from: 3000, to }, occasion(to, { reason: `asked by ${at}` }));
        });
      });
      expect(done.filter(Boolean)).toHaveLength(1);
      const winner = done.indexOf(true);
      const at = moment(winner);
      expect(recorded).toEqual([event('key.activated', 'b', occasion(at, { reason: `asked by ${winner}` }))]);
      expect(await stores.keys.listKeys()).toEqual([a, { ...b, activatesAt: at, tookOverAt: at }]);
    });
  });

  describe('revokeKey', () => {
    const revoked = { revokedAt: 2500, sealedPrivateKey: null };
    const promoted = { activatesAt: 2500, tookOverAt: 2500 };

    it('revokes, promotes and appends in one, and puts all three on record', async () => {
      const stores = await storesOf(a, b);
      const recorded = await recordedBy(stores, async () => {
        expect(await stores.keys.revokeKey('a', { promote: 'b', spare: c }, now)).toBe(true);
      });
      expect(recorded).toEqual([
        event('key.revoked', 'a', now),
        event('key.activated', 'b', now),
        event('key.created', 'c', now),
      ]);
      expect(await stores.keys.listKeys()).toEqual([{ ...a, ...revoked }, { ...b, ...promoted }, c]);
    });

    it('may revoke alone', async () => {
      const stores = await storesOf(a, b);
      const revoke = () => stores.keys.revokeKey('b', { promote: null, spare: null }, now);
      expect(await recordedBy(stores, revoke)).toEqual([event('key.revoked', 'b', now)]);
      expect(await stores.keys.listKeys()).toEqual([a, { ...b, ...revoked }]);
    });

    it('does not put off a key that is active already, nor put on record that it signs', async () => {
      const stores = await storesOf(a, b);
      const revoke = () => stores.keys.revokeKey('b', { promote: 'a', spare: null }, now);
      expect(await recordedBy(stores, revoke)).toEqual([event('key.revoked', 'b', now)]);
      expect(await stores.keys.listKeys()).toEqual([a, { ...b, ...revoked }]);
    });

    it('leaves it known that the private part had been destroyed before', async () => {
      const { keys } = await storesOf(a, b);
      await keys.settleKeys({ tookOver: [], destroyPrivate: ['a'], remove: [] }, occasion(2400));
      expect(await keys.revokeKey('a', { promote: null, spare: null }, now)).toBe(true);
      expect(await keys.listKeys()).toEqual([{ ...a, ...revoked, destroyedAt: 2400 }, b]);
    });

    it('changes nothing where any part of it cannot be done, and puts nothing on record', async () => {
      const stores = await storesOf(a, b, gone);
      await stores.verifyOnlyKeys.insertVerifyOnlyKey(aVerifyOnlyKey('v'), before);
      const kept = await stores.keys.listKeys();
      const refused: [kid: string, promote: string | null, spare: KeyRecord | null][] = [
        ['nobody', null, null],
        ['v', null, null],
        ['gone', null, null],
        ['gone', 'b', aKey('x', 'gone')],
        ['a', 'gone', null],
        ['a', 'nobody', null],
        ['a', 'v', null],
        ['a', 'b', aKey('x', 'a')],
        ['a', 'b', aKey('x', 'b')],
        ['a', 'b', aKey('x', 'nobody')],
        ['a', 'b', aKey('b', 'gone')],
        ['a', null, aKey('x', FIRST)],
        ['nobody', 'b', aKey('x', 'gone')],
        ['a', 'gone', aKey('x', 'gone')],
      ];
      const recorded = await recordedBy(stores, async () => {
        for (const [kid, promote, spare] of refused) {
          const done = await stores.keys.revokeKey(kid, { promote, spare }, now);
          expect({ kid, promote, spare, done }).toMatchObject({ done: false });
        }
      });
      expect(recorded).toEqual([]);
      expect(await stores.keys.listKeys()).toEqual(kept);
    });

    it('remembers when a key was revoked first', async () => {
      const stores = await storesOf(a, b);
      await stores.keys.revokeKey('a', { promote: 'b', spare: null }, now);
      const kept = await stores.keys.listKeys();
      const again = () => stores.elsewhere.keys.revokeKey('a', { promote: null, spare: null }, later);
      expect(await recordedBy(stores, again)).toEqual([]);
      expect(await stores.keys.listKeys()).toEqual(kept);
    });

    it('is done once where many ask at once', async () => {
      const stores = await storesOf(a, b);
      let done: boolean[] = [];
      const recorded = await recordedBy(stores, async () => {
        done = await atOnce(stores, 10, ({ keys }, at) =>
          keys.revokeKey('a', { promote: 'b', spare: aKey(`spare${at}`, 'b') }, now),
        );
      });
      expect(done.filter(Boolean)).toHaveLength(1);
      const spare = `spare${done.indexOf(true)}`;
      expect(recorded.map(({ type, subject }) => `${type} ${subject}`)).toEqual([
        'key.revoked a',
        'key.activated b',
        `key.created ${spare}`,
      ]);
      expect((await stores.keys.listKeys()).map(({ kid }) => kid)).toEqual(['a', 'b', spare]);
    });
  });

  describe('writeMacs', () => {
    const ofA = { of: 'signing', kid: 'a', from: null, to: 'MAC of a', resealed: null } as const;
    const ofV = { of: 'verify-only', kid: 'v', from: null, to: 'MAC of v', resealed: null } as const;

    async function storesWithV(...keys: KeyRecord[]): Promise<KeyStores> {
      const stores = await storesOf(...keys);
      await stores.verifyOnlyKeys.insertVerifyOnlyKey(aVerifyOnlyKey('v'), before);
      return stores;
    }

    it('puts MACs in place, of both kinds of keys, and leaves no event', async () => {
      const stores = await storesWithV(a, b);
      const recorded = await recordedBy(stores, async () => {
        const resealed = { from: 'sealed a', to: 'sealed anew' };
        expect(await stores.keys.writeMacs([{ ...ofA, resealed }, ofV])).toBe(true);
      });
      expect(recorded).toEqual([]);
      expect(await stores.keys.listKeys()).toEqual([
        { ...a, factsMac: 'MAC of a', sealedPrivateKey: 'sealed anew' },
        b,
      ]);
      expect(await stores.verifyOnlyKeys.listVerifyOnlyKeys()).toEqual([aVerifyOnlyKey('v', { factsMac: 'MAC of v' })]);
      expect(await stores.keys.writeMacs([{ ...ofA, from: 'MAC of a', to: 'new' }])).toBe(true);
      expect((await stores.keys.listKeys())[0]?.factsMac).toBe('new');
      expect(await stores.keys.writeMacs([])).toBe(true);
    });

    it.each<[what: string, wrong: MacChange]>([
      ['another MAC by now', { ...ofV, from: 'MAC of v' }],
      ['another private part by now', { ...ofA, kid: 'b', resealed: { from: 'sealed a', to: 'x' } }],
      ['unknown', { ...ofV, kid: 'nobody' }],
      ['of the other kind', { ...ofV, kid: 'b' }],
    ])('puts none in place where one row has %s', async (_, wrong) => {
      const stores = await storesWithV(a, b);
      const all = async () => [await stores.keys.listKeys(), await stores.verifyOnlyKeys.listVerifyOnlyKeys()];
      const kept = await all();
      expect(await stores.keys.writeMacs([ofA, wrong])).toBe(false);
      expect(await all()).toEqual(kept);
    });

    it('gives a row one MAC of those that many processes make at once', async () => {
      const stores = await storesOf(a);
      const done = await atOnce(stores, 10, ({ keys }, at) => keys.writeMacs([{ ...ofA, to: `MAC ${at}` }]));
      expect(done.filter(Boolean)).toHaveLength(1);
      expect((await stores.keys.listKeys())[0]?.factsMac).toBe(`MAC ${done.indexOf(true)}`);
    });
  });

  describe('resealKey', () => {
    const change = { from: 'sealed a', to: 'sealed anew' };

    it('replaces the sealed private part of that key alone, and puts that on record', async () => {
      const stores = await storesOf(a, aKey('b', 'a', { sealedPrivateKey: 'sealed a' }));
      const recorded = await recordedBy(stores, async () => {
        expect(await stores.keys.resealKey('a', change, now)).toBe(true);
      });
      expect(recorded).toEqual([event('key.resealed', 'a', now)]);
      expect((await stores.keys.listKeys()).map(({ sealedPrivateKey }) => sealedPrivateKey)).toEqual([
        'sealed anew',
        'sealed a',
      ]);
    });

    it('does nothing where the private part is another by now, destroyed or unknown', async () => {
      const stores = await storesOf(a, b, gone);
      const kept = await stores.keys.listKeys();
      const recorded = await recordedBy(stores, async () => {
        for (const [kid, from] of [
          ['a', 'sealed b'],
          ['a', ''],
          ['gone', 'sealed gone'],
          ['nobody', 'sealed a'],
        ] as const) {
          const done = await stores.keys.resealKey(kid, { from, to: 'sealed anew' }, now);
          expect({ kid, from, done }).toEqual({ kid, from, done: false });
        }
      });
      expect(recorded).toEqual([]);
      expect(await stores.keys.listKeys()).toEqual(kept);
    });

    it('brings no private part back that is destroyed meanwhile', async () => {
      const stores = await storesOf(a, b);
      await stores.elsewhere.keys.revokeKey('a', { promote: null, spare: null }, now);
      await stores.elsewhere.keys.settleKeys({ tookOver: [], destroyPrivate: ['b'], remove: [] }, now);
      expect(await stores.keys.resealKey('a', change, later)).toBe(false);
      expect(await stores.keys.resealKey('b', { ...change, from: 'sealed b' }, later)).toBe(false);
      for (const { sealedPrivateKey } of await stores.keys.listKeys()) expect(sealedPrivateKey).toBeNull();
    });

    it('is done once where many ask at once', async () => {
      const stores = await storesOf(a, b);
      let done: boolean[] = [];
      const recorded = await recordedBy(stores, async () => {
        done = await atOnce(stores, 20, ({ keys }, at) =>
          keys.resealKey('a', { from: 'sealed a', to: `sealed by ${at}` }, now),
        );
      });
      expect(done.filter(Boolean)).toHaveLength(1);
      expect(recorded).toEqual([event('key.resealed', 'a', now)]);
      const sealed = `sealed by ${done.indexOf(true)}`;
      expect(await stores.keys.listKeys()).toEqual([{ ...a, sealedPrivateKey: sealed }, b]);
    });
  });
});
