import { describe, expect, it } from 'vitest';
import { lastMoment } from '../../../src/clock.ts';
import { FIRST } from '../../../src/keys/store.ts';
import type { VerifyOnlyKey } from '../../../src/keys/verify-only.ts';
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

describe.each(Object.entries(makers))('a VerifyOnlyKeyStore in %s', (_, makeStores) => {
  const v = aVerifyOnlyKey('v');
  const w = aVerifyOnlyKey('w', { publishedAt: 1001 });
  const now = occasion(2500, { actor: { kind: 'script', name: 'ada' }, reason: 'we moved' });
  const later = occasion(2600);

  async function storesOf(...keys: VerifyOnlyKey[]): Promise<KeyStores> {
    const stores = await makeStores();
    for (const key of keys) expect(await stores.verifyOnlyKeys.insertVerifyOnlyKey(key, before)).toBe(true);
    return stores;
  }

  it('gives back what it was given, and has it on record', async () => {
    const stores = await storesOf();
    expect(await stores.verifyOnlyKeys.listVerifyOnlyKeys()).toEqual([]);
    const publicJwk = { kty: 'EC', crv: 'P-256', x: '"; é', y: '', kid: 'another' };
    const odd = aVerifyOnlyKey('z"; é', { alg: 'ES256', publicJwk, publishedAt: 0, publishedUntil: lastMoment });
    const past = aVerifyOnlyKey('a', { publishedAt: 1, revokedAt: 0 });
    const recorded = await recordedBy(stores, async () => {
      for (const key of [odd, past, v, w]) expect(await stores.verifyOnlyKeys.insertVerifyOnlyKey(key, now)).toBe(true);
    });
    expect(recorded).toEqual([odd, past, v, w].map(({ kid }) => event('key.imported', kid, now)));
    expect(await stores.verifyOnlyKeys.listVerifyOnlyKeys()).toEqual([odd, past, v, w]);
  });

  it('keeps out of the line of signing keys', async () => {
    const stores = await storesOf(v, w);
    expect(await stores.keys.listKeys()).toEqual([]);
    await insertAll(stores, [aKey('a', FIRST)]);
    await stores.keys.settleKeys({ tookOver: ['v'], destroyPrivate: ['v'], remove: ['v'] }, now);
    expect(await stores.verifyOnlyKeys.listVerifyOnlyKeys()).toEqual([v, w]);
  });

  it('refuses a kid that another key has, for verifying only or in the line, whoever revoked that', async () => {
    const stores = await storesOf(v, w);
    await insertAll(stores, [aKey('a', FIRST), aKey('b', 'a')]);
    await stores.keys.revokeKey('b', { promote: null, spare: null }, before);
    await stores.verifyOnlyKeys.revokeVerifyOnlyKey('w', before);
    const kept = await stores.verifyOnlyKeys.listVerifyOnlyKeys();
    const recorded = await recordedBy(stores, async () => {
      for (const kid of ['v', 'w', 'a', 'b']) {
        const another = aVerifyOnlyKey(kid, { publishedUntil: 1, publicJwk: { kty: 'RSA', n: 'x', e: 'AQAB' } });
        expect(await stores.verifyOnlyKeys.insertVerifyOnlyKey(another, now)).toBe(false);
      }
    });
    expect(recorded).toEqual([]);
    expect(await stores.verifyOnlyKeys.listVerifyOnlyKeys()).toEqual(kept);
  });

  it('lets one of many that want a kid at once have it, in the line or for verifying only', async () => {
    const stores = await storesOf();
    let done: boolean[] = [];
    const recorded = await recordedBy(stores, async () => {
      done = await atOnce(stores, 20, ({ keys, verifyOnlyKeys }, at) =>
        at % 3 === 0
          ? keys.insertKey(aKey('x', FIRST), 'key.created', now)
          : verifyOnlyKeys.insertVerifyOnlyKey(aVerifyOnlyKey('x'), now),
      );
    });
    expect(done.filter(Boolean)).toHaveLength(1);
    expect(recorded).toHaveLength(1);
    const stored = [...(await stores.keys.listKeys()), ...(await stores.verifyOnlyKeys.listVerifyOnlyKeys())];
    expect(stored).toHaveLength(1);
  });

  it('revokes a key once, and has that on record', async () => {
    const stores = await storesOf(v, w);
    const recorded = await recordedBy(stores, async () => {
      expect(await stores.verifyOnlyKeys.revokeVerifyOnlyKey('v', now)).toBe(true);
      expect(await stores.elsewhere.verifyOnlyKeys.revokeVerifyOnlyKey('v', later)).toBe(false);
    });
    expect(recorded).toEqual([event('key.revoked', 'v', now)]);
    expect(await stores.verifyOnlyKeys.listVerifyOnlyKeys()).toEqual([{ ...v, revokedAt: 2500 }, w]);
  });

  it('revokes a key once where many ask at once', async () => {
    const stores = await storesOf(v);
    let done: boolean[] = [];
    const recorded = await recordedBy(stores, async () => {
      done = await atOnce(stores, 10, ({ verifyOnlyKeys }, at) =>
        verifyOnlyKeys.revokeVerifyOnlyKey('v', occasion(2500 + at)),
      );
    });
    expect(done.filter(Boolean)).toHaveLength(1);
    const revokedAt = 2500 + done.indexOf(true);
    expect(recorded).toEqual([event('key.revoked', 'v', occasion(revokedAt))]);
    expect(await stores.verifyOnlyKeys.listVerifyOnlyKeys()).toEqual([{ ...v, revokedAt }]);
  });

  it('revokes no key that is unknown, or in the line', async () => {
    const stores = await storesOf(v);
    await insertAll(stores, [aKey('a', FIRST)]);
    const recorded = await recordedBy(stores, async () => {
      for (const kid of ['nobody', '', 'V', 'a'])
        expect(await stores.verifyOnlyKeys.revokeVerifyOnlyKey(kid, now)).toBe(false);
    });
    expect(recorded).toEqual([]);
    expect(await stores.verifyOnlyKeys.listVerifyOnlyKeys()).toEqual([v]);
    expect(await stores.keys.listKeys()).toEqual([aKey('a', FIRST)]);
  });

  it('removes the keys that it is told to, once, and has that on record', async () => {
    const x = aVerifyOnlyKey('x', { publishedAt: 1002 });
    const stores = await storesOf(v, w, x);
    const remove = () =>
      atOnce(stores, 6, ({ verifyOnlyKeys }) => verifyOnlyKeys.removeVerifyOnlyKeys(['x', 'v', 'nobody'], now));
    const recorded = await recordedBy(stores, remove);
    expect(recorded.toSorted((one, two) => (one.subject < two.subject ? -1 : 1))).toEqual([
      event('key.retired', 'v', now),
      event('key.retired', 'x', now),
    ]);
    expect(await stores.verifyOnlyKeys.listVerifyOnlyKeys()).toEqual([w]);
    expect(await stores.verifyOnlyKeys.insertVerifyOnlyKey(v, later)).toBe(true);
  });

  it('removes nothing when it is told to remove nothing', async () => {
    const stores = await storesOf(v);
    expect(await recordedBy(stores, () => stores.verifyOnlyKeys.removeVerifyOnlyKeys([], now))).toEqual([]);
    expect(await stores.verifyOnlyKeys.listVerifyOnlyKeys()).toEqual([v]);
  });

  it('keeps a key that was revoked: that is remembered for good', async () => {
    const stores = await storesOf(v, w);
    await stores.elsewhere.verifyOnlyKeys.revokeVerifyOnlyKey('v', now);
    const remove = () => stores.verifyOnlyKeys.removeVerifyOnlyKeys(['v', 'w'], later);
    expect(await recordedBy(stores, remove)).toEqual([event('key.retired', 'w', later)]);
    expect(await stores.verifyOnlyKeys.listVerifyOnlyKeys()).toEqual([{ ...v, revokedAt: 2500 }]);
    expect(await stores.verifyOnlyKeys.insertVerifyOnlyKey(v, later)).toBe(false);
  });
});

describe('a VerifyOnlyKeyStore in the database', () => {
  it('lists keys in order of publication, and those of one moment by kid, whenever they were inserted', async () => {
    const { verifyOnlyKeys } = await makers['the database']();
    for (const [kid, publishedAt] of [
      ['b', 3],
      ['d', 2],
      ['c', 2],
      ['a', 3],
      ['e', 1],
    ] as const)
      await verifyOnlyKeys.insertVerifyOnlyKey(aVerifyOnlyKey(kid, { publishedAt }), before);
    expect((await verifyOnlyKeys.listVerifyOnlyKeys()).map(({ kid }) => kid)).toEqual(['e', 'c', 'd', 'a', 'b']);
  });
});
