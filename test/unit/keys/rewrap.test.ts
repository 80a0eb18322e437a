import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import fc from '../../support/property.ts';
import { beforeEach, describe, expect, test } from 'vitest';
import { KeysStillChanging, WrongKeyEncryptionKey } from '../../../src/keys/errors.ts';
import { addMac, createFactsMacs, macMadeUnder } from '../../../src/keys/sealing/facts-mac.ts';
import { type KeyEncryptionKey, parseKeyEncryptionKey } from '../../../src/keys/sealing/key-encryption-key.ts';
import { type RewrapOutcome, rewrapKeys } from '../../../src/keys/changes/rewrap.ts';
import type { RowName } from '../../../src/keys/row-name.ts';
import {
  isMacMade,
  markMacMade,
  sealPrivateKey,
  sealedUnder,
  unsealPrivateKey,
} from '../../../src/keys/sealing/seal.ts';
import type { KeyRecord } from '../../../src/keys/store.ts';
import { KeyTable, MemoryKeyStore } from '../../support/memory-key-store.ts';
import { line } from '../../support/keys/fake-keys.ts';
import { aVerifyOnlyKey } from '../../support/records.ts';

type Keks = readonly [KeyEncryptionKey, ...KeyEncryptionKey[]];

const [first, second, third] = [1, 2, 3].map((byte) =>
  parseKeyEncryptionKey(Buffer.alloc(32, byte).toString('base64'), `key-encryption-key.${byte}`),
) as [KeyEncryptionKey, KeyEncryptionKey, KeyEncryptionKey];
const cause = { actor: { kind: 'script', name: 'ada' }, reason: 'the yearly change' } as const;
const begin = { at: 1_000, actor: { kind: 'schedule' }, reason: null } as const;

/** What came of it where there was nothing to do. */
const none = { corrupt: [], rejected: [], withoutMac: [], waiting: [], isOlderNeeded: false, mayNoneSign: false };
const lostAll = { isOlderNeeded: true, mayNoneSign: true };
const nothing = { sealing: second, resealed: [], renewed: [], ...none };

const rows = (...kids: string[]): RowName[] => kids.map((kid) => ({ of: 'signing', kid }));
const foreign = (...kids: string[]): RowName[] => kids.map((kid) => ({ of: 'verify-only', kid }));

/** Every key of these tests has the same pair under another name. */
const { publicJwk, part } = newPair();
const macsUnder = (kek: KeyEncryptionKey) => createFactsMacs(async () => [kek]);

function newPair() {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const text = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  return { publicJwk: createPublicKey(createPrivateKey(text)).export({ format: 'jwk' }), part: markMacMade(text) };
}

let table: KeyTable;

beforeEach(async () => {
  table = await newTable();
});

/** A line of four keys, as servers have written them; the private part of the first has been destroyed. */
async function newTable(sealing = first): Promise<KeyTable> {
  const made = new KeyTable();
  const ours = { alg: 'ES256', publicJwk } as const;
  const sealed = (kid: string) => ({ ...ours, sealedPrivateKey: sealPrivateKey(sealing, kid, part) });
  const keys = line({ ...ours, sealedPrivateKey: null, destroyedAt: 900 }, sealed('k2'), sealed('k3'), sealed('k4'));
  for (const key of keys) made.insert(await addMac(key, macsUnder(sealing)), 'key.created', begin);
  return made;
}

function rewrap(keks: Keks | (() => Keks), store = new MemoryKeyStore({ table })) {
  const load = async () => (typeof keks === 'function' ? keks() : keks);
  return rewrapKeys({ store, verifyOnly: store, clock: () => 2_000 }, load, cause);
}

const sealedUnderWhat = (): (string | null)[] =>
  table.list().map(({ sealedPrivateKey }) => (sealedPrivateKey === null ? null : sealedUnder(sealedPrivateKey)));

function expectReadable(keks: Keks, kids = ['k2', 'k3', 'k4']): void {
  for (const { kid, sealedPrivateKey } of table.list())
    if (kids.includes(kid)) expect(unsealPrivateKey(keks, kid, sealedPrivateKey ?? '')).toBe(part);
}

describe('a rewrap', () => {
  test('seals every private part under the first key-encryption key, and leaves an event for each', async () => {
    const before = table.list();
    const all = { resealed: ['k2', 'k3', 'k4'], renewed: ['k1', 'k2', 'k3', 'k4'] };
    expect(await rewrap([second, first])).toEqual({ ...nothing, ...all });
    expect(sealedUnderWhat()).toEqual([null, second.id, second.id, second.id]);
    expectReadable([second]);
    const facts = (keys: typeof before) => keys.map((key) => ({ ...key, sealedPrivateKey: null, factsMac: null }));
    expect(facts(table.list())).toEqual(facts(before));
    const events = table.events.filter(({ type }) => type === 'key.resealed');
    expect(events).toEqual(
      ['k2', 'k3', 'k4'].map((subject) => ({ ...cause, at: 2_000, type: 'key.resealed', subject })),
    );
  });

  test('may be repeated: then nothing is left to do', async () => {
    await rewrap([second, first]);
    const after = table.list();
    expect(await rewrap([second, first])).toEqual(nothing);
    expect(table.list()).toEqual(after);
  });

  test('needs the older one as long as no key that may sign is right: their MACs may have been taken away, to be put back', async () => {
    const before = table.list();
    for (const { kid } of before) table.change(kid, { factsMac: `v1.${first.id}.${'A'.repeat(43)}` });
    const all = rows('k1', 'k2', 'k3', 'k4');
    expect(await rewrap([second, first])).toEqual({ ...nothing, rejected: all, ...lostAll });
    for (const { kid, factsMac } of before) table.change(kid, { factsMac });
    expect(await rewrap([second, first])).toMatchObject({ resealed: ['k2', 'k3', 'k4'], isOlderNeeded: false });
  });

  test('is not put off by other rows that are right: revoked, destroyed, or of verify-only keys', async () => {
    table.insertVerifyOnly(await addMac(aVerifyOnlyKey('v'), macsUnder(first)), begin);
    table.change('k2', { revokedAt: 950 });
    const before = table.list().slice(2);
    for (const { kid } of before) table.change(kid, { factsMac: `v1.${first.id}.${'A'.repeat(43)}` });
    const lost = { rejected: rows('k3', 'k4'), ...lostAll };
    expect(await rewrap([second, first])).toMatchObject({ ...lost, renewed: ['k1', 'k2', 'v'] });
    expect(await rewrap([second, first])).toEqual({ ...nothing, ...lost });
    table.change('k4', { factsMac: before[1]?.factsMac ?? null });
    const found = { rejected: rows('k3'), isOlderNeeded: false };
    expect(await rewrap([second, first])).toMatchObject({ ...found, resealed: ['k4'] });
  });

  test.each([
    ['damaged', (sealed: string) => `${sealed.slice(0, -8)}AAAAAAAA`],
    ['gone', () => null],
  ])(
    'needs the older one as long as no key may sign, since every private part is %s, to be put back',
    async (_, harm) => {
      const before = table.list();
      for (const { kid, sealedPrivateKey } of before)
        table.change(kid, { sealedPrivateKey: sealedPrivateKey === null ? null : harm(sealedPrivateKey) });
      expect(await rewrap([second, first])).toMatchObject({ resealed: [], ...lostAll });
      expect(await rewrap([second, first])).toMatchObject({ resealed: [], renewed: [], ...lostAll });
      for (const { kid, sealedPrivateKey } of before) table.change(kid, { sealedPrivateKey });
      expect(await rewrap([second, first])).toMatchObject({ resealed: ['k2', 'k3', 'k4'], isOlderNeeded: false });
    },
  );

  test('needs the older one as long as the turn of every key that may sign has been ended, in the database, by one that may not', async () => {
    table.change('k4', { sealedPrivateKey: null, activatesAt: 1 });
    expect(await rewrap([second, first])).toMatchObject({ resealed: ['k2', 'k3'], ...lostAll });
    table.change('k4', { revokedAt: 1 });
    expect(await rewrap([second, first])).toEqual({ ...nothing, ...lostAll });
    const elsewhere = sealPrivateKey(third, 'k4', part);
    table.change('k4', { sealedPrivateKey: elsewhere });
    expect(await rewrap([second, first])).toEqual({ ...nothing, ...lostAll });
    table.change('k4', { revokedAt: null });
    expect(await rewrap([second, first])).toEqual({ ...nothing, waiting: rows('k4'), ...lostAll });
    table.change('k4', { sealedPrivateKey: null, activatesAt: 9_000 });
    expect(await rewrap([second, first])).toEqual(nothing);
  });

  test('takes rows that share a kid for no keys, as servers do, and leaves them as they are', async () => {
    const before = table.list();
    // As where somebody has taken the constraint away.
    const store = new MemoryKeyStore({ table });
    const twins = async () => [...(await new MemoryKeyStore({ table }).listKeys()), ...table.list().slice(1)];
    Object.assign(store, { listKeys: twins });
    const rejected = rows('k2', 'k3', 'k4', 'k2', 'k3', 'k4');
    const outcome = { ...nothing, renewed: ['k1'], rejected, ...lostAll };
    expect(await rewrap([second, first], store)).toEqual(outcome);
    expect(table.list().slice(1)).toEqual(before.slice(1));
  });

  test('is held up by no row whose MAC is under a key-encryption key that nobody has, with no part of its own', async () => {
    table.change('k2', {
      factsMac: `v1.${'f'.repeat(16)}.${'A'.repeat(43)}`,
      sealedPrivateKey: sealPrivateKey(first, 'k2', newPair().part),
    });
    expect(await rewrap([second, first])).toMatchObject({ rejected: rows('k2'), waiting: [], isOlderNeeded: false });
    table.change('k2', { sealedPrivateKey: sealPrivateKey(first, 'k2', part) });
    expect(await rewrap([second, first])).toMatchObject({ rejected: [], waiting: rows('k2'), isOlderNeeded: true });
  });

  test('brings together what is sealed under several', async () => {
    table.change('k3', { sealedPrivateKey: sealPrivateKey(second, 'k3', part) });
    expect(await rewrap([third, first, second])).toMatchObject({ resealed: ['k2', 'k3', 'k4'] });
    expectReadable([third]);
  });

  test('names what is corrupt, leaves it as it is, and goes on with the others', async () => {
    const broken = sealPrivateKey(first, 'another', part);
    table.change('k2', { sealedPrivateKey: broken });
    table.change('k3', { sealedPrivateKey: 'v1.damaged' });
    const outcome = { ...nothing, resealed: ['k4'], renewed: ['k1', 'k2', 'k3', 'k4'], corrupt: rows('k2', 'k3') };
    expect(await rewrap([second, first])).toEqual(outcome);
    expect(table.list().map(({ sealedPrivateKey }) => sealedPrivateKey)).toEqual([
      null,
      broken,
      'v1.damaged',
      expect.stringMatching(second.id),
    ]);
    expectReadable([second], ['k4']);
    expect(await rewrap([second, first])).toEqual({ ...outcome, resealed: [], renewed: [] });
  });

  test('refuses, and changes nothing, where the key-encryption keys are others', async () => {
    const before = table.list();
    await expect(rewrap([third, second])).rejects.toThrow(WrongKeyEncryptionKey);
    expect(table.list()).toEqual(before);
  });

  test('of a store without keys has nothing to do, and needs the older one: somebody may have taken the rows away', async () => {
    table = new KeyTable();
    expect(await rewrap([second, first])).toEqual({ ...nothing, ...lostAll });
  });

  test('does not bring back a private part that was destroyed meanwhile', async () => {
    const store = new MemoryKeyStore({ table });
    const { resealKey } = store;
    store.resealKey = (kid, ...change) => {
      table.settle({ tookOver: [], destroyPrivate: ['k2'], remove: [] }, begin);
      return resealKey(kid, ...change);
    };
    expect(await rewrap([second, first], store)).toMatchObject({ resealed: ['k3', 'k4'] });
    expect(sealedUnderWhat()).toEqual([null, null, second.id, second.id]);
  });
});

describe('the MACs of facts', () => {
  /** One of another issuer, too, has its MAC under the first key-encryption key. */
  beforeEach(async () => {
    table.insertVerifyOnly(await addMac(aVerifyOnlyKey('v'), macsUnder(first)), begin);
  });

  const stored = () => [...table.list(), ...table.listVerifyOnly()];
  const madeUnder = () => new Set(stored().map(({ factsMac }) => macMadeUnder(factsMac ?? '')));

  async function expectRight(kek: KeyEncryptionKey): Promise<void> {
    for (const key of stored()) expect(await addMac(key, macsUnder(kek))).toEqual(key);
  }

  test('are all made anew, of keys without a private part and of other issuers, too, and leave no event', async () => {
    const events = table.events.length;
    expect(await rewrap([second, first])).toEqual({
      ...nothing,
      resealed: ['k2', 'k3', 'k4'],
      renewed: ['k1', 'k2', 'k3', 'k4', 'v'],
    });
    await expectRight(second);
    expect(table.events.slice(events).map(({ type }) => type)).toEqual(Array(3).fill('key.resealed'));
    expect(await rewrap([second, first])).toEqual(nothing);
    expect(await rewrap([second])).toEqual(nothing);
  });

  test('are not made for facts that are not theirs: such a key is named, and left as it is', async () => {
    table.change('k2', { publishedAt: 77 });
    table.changeVerifyOnly('v', { publishedUntil: 9e9 });
    const before = [table.list()[1], ...table.listVerifyOnly()];
    const outcome = { resealed: ['k3', 'k4'], renewed: ['k1', 'k3', 'k4'], rejected: [...rows('k2'), ...foreign('v')] };
    expect(await rewrap([second, first])).toEqual({ ...nothing, ...outcome });
    expect([table.list()[1], ...table.listVerifyOnly()]).toEqual(before);
    expect(await rewrap([second, first])).toMatchObject({
      resealed: [],
      renewed: [],
      rejected: [...rows('k2'), ...foreign('v')],
    });
  });

  test('under a key-encryption key that is not there stop nothing else: such a key is named, and left as it is', async () => {
    for (const key of table.list().slice(0, 2)) table.change(key.kid, await addMac(key, macsUnder(third)));
    table.change('k3', { sealedPrivateKey: sealPrivateKey(third, 'k3', part) });
    const macs = table.list().map(({ factsMac }) => factsMac);
    const outcome = { ...nothing, resealed: ['k4'], renewed: ['k3', 'k4', 'v'], waiting: rows('k1', 'k2', 'k3') };
    // What there is of k2 is under the older one.
    Object.assign(outcome, { isOlderNeeded: true });
    expect(await rewrap([second, first])).toEqual(outcome);
    expect(
      table
        .list()
        .slice(0, 2)
        .map(({ factsMac }) => factsMac),
    ).toEqual(macs.slice(0, 2));
    expectReadable([second], ['k4']);
    // Nobody here can say whose part that is.
    expectReadable([first], ['k2']);
    expectReadable([third], ['k3']);
    expect(await rewrap([second, first])).toEqual({ ...outcome, resealed: [], renewed: [] });
    // With it, they are like any other.
    expect(await rewrap([second, first, third])).toMatchObject({
      renewed: ['k1', 'k2'],
      resealed: ['k2', 'k3'],
      waiting: [],
    });
    await expectRight(second);
  });

  test('under key-encryption keys of which none is there are a reason to refuse', async () => {
    const before = [table.list(), table.listVerifyOnly()];
    await expect(rewrap([third, second])).rejects.toThrow(first.id);
    expect([table.list(), table.listVerifyOnly()]).toEqual(before);
  });

  test('are not looked at, nor is a private part, where the facts are those of no key: that is named', async () => {
    table.change('k3', { publishedAt: NaN, factsMac: null });
    table.change('k4', { publishedAt: NaN });
    expect(await rewrap([second, first])).toMatchObject({ resealed: ['k2'], rejected: rows('k3', 'k4') });
  });

  test('of a key that is revoked keep nobody from anything, whatever they are', async () => {
    table.change('k1', { revokedAt: 950, factsMac: 'nonsense' });
    const key = table.list()[1];
    if (key !== undefined) table.change('k2', { ...(await addMac(key, macsUnder(third))), revokedAt: 950 });
    table.change('k2', { sealedPrivateKey: null });
    expect(await rewrap([second, first])).toMatchObject({ renewed: ['k3', 'k4', 'v'], rejected: [] });
    expect(await rewrap([second, first])).toEqual(nothing);
  });

  test('of a key that is revoked are passed over, and so is a private part that somebody put there', async () => {
    const sealed = ['nonsense', sealPrivateKey(third, 'k3', part), sealPrivateKey(first, 'k4', part)];
    for (const [at, sealedPrivateKey] of sealed.entries())
      table.change(`k${at + 2}`, { revokedAt: 950, sealedPrivateKey });
    expect(await rewrap([second, first])).toEqual({
      ...nothing,
      resealed: ['k4'],
      renewed: ['k1', 'k2', 'k3', 'k4', 'v'],
      ...lostAll,
    });
  });

  test('may be left half-way: the next run finishes them', async () => {
    for (let steps = 0; steps < 26; steps += 1) {
      let left = steps;
      const pause = async () => {
        left -= 1;
        if (left < 0) throw new Error('killed');
      };
      await rewrap([second, first], new MemoryKeyStore({ table, pause })).catch(() => undefined);
      expect([...madeUnder()].every((id) => id === first.id || id === second.id)).toBe(true);
    }
    await rewrap([second, first]);
    await expectRight(second);
  });

  const unmarked = `${part.trimEnd()}\n`;

  test('that are not there are not made: a row whose private part stands in for one is left until a server has given it one', async () => {
    table.change('k3', { factsMac: null, sealedPrivateKey: sealPrivateKey(first, 'k3', unmarked) });
    const before = table.list()[2];
    const outcome = { ...nothing, withoutMac: rows('k3'), isOlderNeeded: true };
    const done = { resealed: ['k2', 'k4'], renewed: ['k1', 'k2', 'k4', 'v'] };
    expect(await rewrap([second, first])).toEqual({ ...outcome, ...done });
    expect(table.list()[2]).toEqual(before);
    expect(await rewrap([second, first])).toEqual(outcome);
  });

  const sealed = (text: string, kek = first) => sealPrivateKey(kek, 'k3', text);

  test.each<[what: string, row: Partial<KeyRecord>]>([
    ['none', { sealedPrivateKey: null }],
    ['one that says that there was a MAC', {}],
    ['one that is corrupt', { sealedPrivateKey: 'v1.damaged' }],
    ['one that was sealed for another kid', { sealedPrivateKey: sealPrivateKey(first, 'k2', unmarked) }],
    ['that of another public key', { publicJwk: newPair().publicJwk, sealedPrivateKey: sealed(unmarked) }],
  ])(
    'that are not there make a row one of no server, and keep no older key, where its private part is %s',
    async (_, row) => {
      table.change('k3', { factsMac: null, ...row });
      const before = table.list()[2];
      const outcome = { ...nothing, rejected: rows('k3') };
      expect(await rewrap([second, first])).toMatchObject({
        ...outcome,
        resealed: ['k2', 'k4'],
        renewed: ['k1', 'k2', 'k4', 'v'],
      });
      expect(table.list()[2]).toEqual(before);
      expect(await rewrap([second, first])).toEqual(outcome);
    },
  );

  test('that are not there, beside a private part under a key-encryption key that is not at hand, keep no older one', async () => {
    table.change('k3', { factsMac: null, sealedPrivateKey: sealed(unmarked, third) });
    await rewrap([second, first]);
    expect(await rewrap([second, first])).toEqual({ ...nothing, waiting: rows('k3') });
  });

  test('of none of the keys are there before the first start: every row is left until then', async () => {
    for (const key of table.list()) {
      const { kid, sealedPrivateKey } = key;
      table.change(kid, {
        factsMac: null,
        ...(sealedPrivateKey && { sealedPrivateKey: sealPrivateKey(first, kid, unmarked) }),
      });
    }
    table.changeVerifyOnly('v', { factsMac: null });
    const withoutMac = [...rows('k1', 'k2', 'k3', 'k4'), ...foreign('v')];
    expect(await rewrap([second, first])).toEqual({ ...nothing, withoutMac, ...lostAll });
    // One part that says that there was a MAC: then there was a start.
    table.change('k2', { sealedPrivateKey: sealPrivateKey(first, 'k2', part) });
    const rejected = [...rows('k1', 'k2'), ...foreign('v')];
    expect(await rewrap([second, first])).toEqual({
      ...nothing,
      rejected,
      withoutMac: rows('k3', 'k4'),
      ...lostAll,
    });
  });

  test('are checked also where they say that they are under the key-encryption key that seals', async () => {
    const forged = `v1.${second.id}.${'A'.repeat(43)}`;
    table.change('k2', { factsMac: forged });
    table.changeVerifyOnly('v', { factsMac: forged });
    expect(await rewrap([second, first])).toMatchObject({
      resealed: ['k3', 'k4'],
      rejected: [...rows('k2'), ...foreign('v')],
    });
    expectReadable([first], ['k2']);
  });
});

describe('a private part', () => {
  const unmarked = `${part.trimEnd()}\n`;
  const partOf = (kid: string, keks: Keks) =>
    unsealPrivateKey(keks, kid, table.list().find((key) => key.kid === kid)?.sealedPrivateKey ?? '');

  test('from before there were MACs says from then on that its row has one, also under the same key-encryption key', async () => {
    table.change('k2', { sealedPrivateKey: sealPrivateKey(first, 'k2', unmarked) });
    table.change('k3', { sealedPrivateKey: sealPrivateKey(second, 'k3', unmarked) });
    expect(await rewrap([second, first])).toMatchObject({ resealed: ['k2', 'k3', 'k4'] });
    expect(['k2', 'k3', 'k4'].map((kid) => isMacMade(partOf(kid, [second])))).toEqual([true, true, true]);
    expect(await rewrap([second, first])).toEqual(nothing);
  });

  test.each<[how: string, row: object]>([
    ['without a MAC', { publicJwk: newPair().publicJwk, factsMac: null }],
    ['without a MAC, revoked', { publicJwk: newPair().publicJwk, factsMac: null, revokedAt: 950 }],
    ['without a MAC, beside its own public key', { factsMac: null }],
    ['under a MAC of nobody', { factsMac: `v1.${second.id}.${'A'.repeat(43)}` }],
  ])('is never sealed anew in a row %s', async (_, row) => {
    const sealedPrivateKey = sealPrivateKey(first, 'k2', unmarked);
    table.change('k2', { sealedPrivateKey, ...row });
    for (let run = 0; run < 2; run += 1) {
      const { resealed, ...faults } = await rewrap([second, first]);
      expect(resealed).not.toContain('k2');
      const isNamed = [...faults.withoutMac, ...faults.rejected].some(({ kid }) => kid === 'k2');
      expect(isNamed).toBe(!('revokedAt' in row));
    }
    expect(table.list()[1]?.sealedPrivateKey).toBe(sealedPrivateKey);
  });

  test('of another public key is named, and left as it is', async () => {
    const other = await addMac(
      { ...(table.list()[1] ?? line({})[0]), publicJwk: newPair().publicJwk } as KeyRecord,
      macsUnder(first),
    );
    table.change('k2', other);
    const outcome = { ...nothing, resealed: ['k3', 'k4'], renewed: ['k1', 'k2', 'k3', 'k4'], rejected: rows('k2') };
    expect(await rewrap([second, first])).toEqual(outcome);
    expectReadable([first], ['k2']);
  });
});

describe('two rows of one kid, in one table each,', () => {
  test('are told apart: the one that no server wrote is named, and the other renewed', async () => {
    const store = new MemoryKeyStore({ table });
    store.listVerifyOnlyKeys = async () => [aVerifyOnlyKey('k3'), aVerifyOnlyKey('k4', { publishedAt: NaN })];
    const outcome = { resealed: ['k2', 'k3', 'k4'], renewed: ['k1', 'k2', 'k3', 'k4'] };
    const faults = { ...nothing, rejected: foreign('k3', 'k4') };
    expect(await rewrap([second, first], store)).toEqual({ ...faults, ...outcome });
    expectReadable([second]);
  });
});

describe('whatever happens meanwhile', () => {
  test('a key that a server sealed under an older one is caught up with', async () => {
    const store = new MemoryKeyStore({ table });
    const { resealKey } = store;
    store.resealKey = async (kid, ...change) => {
      const [k5] = line({ kid: 'k5', succeeds: 'k4', alg: 'ES256', publicJwk });
      const sealed = { ...k5, sealedPrivateKey: sealPrivateKey(first, 'k5', part) } as KeyRecord;
      if (kid === 'k4') table.insert(await addMac(sealed, macsUnder(first)), 'key.created', begin);
      return resealKey(kid, ...change);
    };
    expect(await rewrap([second, first], store)).toMatchObject({ resealed: ['k2', 'k3', 'k4', 'k5'] });
    expectReadable([second], ['k2', 'k3', 'k4', 'k5']);
  });

  test('one that is put back as often as it is sealed anew is no reason to go on for ever: it says so', async () => {
    const before = table.list()[1];
    const store = new MemoryKeyStore({ table });
    const { resealKey } = store;
    store.resealKey = async (kid, ...change) => {
      const isDone = await resealKey(kid, ...change);
      if (kid === 'k2' && before !== undefined) table.change('k2', before);
      return isDone;
    };
    const ended = rewrap([second, first], store);
    await expect(ended).rejects.toThrow(KeysStillChanging);
    await expect(ended).rejects.toThrow(/: k2\. Nothing is removed\./);
  });

  test('it may be stopped at any point: every part opens, and the next run finishes', async () => {
    for (let steps = 0; steps < 20; steps += 1) {
      table = await newTable();
      let left = steps;
      const pause = async () => {
        left -= 1;
        if (left < 0) throw new Error('killed');
      };
      await rewrap([second, first], new MemoryKeyStore({ table, pause })).catch(() => undefined);
      expectReadable([second, first]);
      await rewrap([second, first]);
      expectReadable([second]);
    }
  });

  test('two at once, each with a key-encryption key of its own, end up under the newer one, in any order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.nat(12), async (scheduler, newerAfter) => {
        table = await newTable();
        // The newer one is a file that comes to be there after some while. Each run finds it from then on.
        let loads = 0;
        const files = (): Keks => (loads++ < newerAfter ? [second, first] : [third, second, first]);
        const pause = async () => {
          await scheduler.schedule(Promise.resolve());
          expectReadable([third, second, first]);
        };
        const runs = [1, 2].map(() => rewrap(files, new MemoryKeyStore({ table, pause })));
        const ends = await scheduler.waitFor(Promise.all(runs));
        expect(ends.flatMap(({ corrupt }) => corrupt)).toEqual([]);
        await rewrap([third, second, first]);
        expectReadable([third]);
      }),
    );
  });

  test('every change of a line is readable by whoever has all the keys, under whatever it was sealed', async () => {
    const keks = fc.shuffledSubarray([first, second, third], { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(fc.array(keks, { minLength: 1, maxLength: 5 }), async (runs) => {
        table = await newTable();
        for (const [sealing, ...others] of runs) {
          if (sealing === undefined) continue;
          const outcome = await rewrap([sealing, ...others]).catch((error: unknown) => error);
          if (outcome instanceof Error) expect(outcome).toBeInstanceOf(WrongKeyEncryptionKey);
          else if ((outcome as RewrapOutcome).waiting.length === 0) expectReadable([sealing]);
          expectReadable([first, second, third]);
        }
      }),
    );
  });
});
