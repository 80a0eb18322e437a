import fc from '../../support/property.ts';
import { beforeEach, describe, expect, test } from 'vitest';
import { WrongKeyEncryptionKey } from '../../../src/keys/errors.ts';
import { addMac, createFactsMacs, macMadeUnder } from '../../../src/keys/facts-mac.ts';
import { type KeyEncryptionKey, parseKeyEncryptionKey } from '../../../src/keys/key-encryption-key.ts';
import { type RewrapOutcome, rewrapKeys } from '../../../src/keys/rewrap.ts';
import { sealPrivateKey, sealedUnder, unsealPrivateKey } from '../../../src/keys/seal.ts';
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
const nothing = { sealing: second, resealed: [], renewed: [], corrupt: [], rejected: [], waiting: [] };

let table: KeyTable;

beforeEach(() => {
  table = newTable();
});

/** A line of four keys; the private part of the first has been destroyed. */
function newTable(sealing = first): KeyTable {
  const made = new KeyTable();
  const sealed = (kid: string) => ({ sealedPrivateKey: sealPrivateKey(sealing, kid, `private ${kid}`) });
  const keys = line({ sealedPrivateKey: null, destroyedAt: 900 }, sealed('k2'), sealed('k3'), sealed('k4'));
  for (const key of keys) made.insert(key, 'key.created', begin);
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
    if (kids.includes(kid)) expect(unsealPrivateKey(keks, kid, sealedPrivateKey ?? '')).toBe(`private ${kid}`);
}

describe('a rewrap', () => {
  test('seals every private part under the first key-encryption key, and leaves an event for each', async () => {
    const before = table.list();
    expect(await rewrap([second, first])).toEqual({ ...nothing, resealed: ['k2', 'k3', 'k4'] });
    expect(sealedUnderWhat()).toEqual([null, second.id, second.id, second.id]);
    expectReadable([second]);
    const facts = (keys: typeof before) => keys.map((key) => ({ ...key, sealedPrivateKey: null }));
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

  test('brings together what is sealed under several', async () => {
    table.change('k3', { sealedPrivateKey: sealPrivateKey(second, 'k3', 'private k3') });
    expect(await rewrap([third, first, second])).toMatchObject({ resealed: ['k2', 'k3', 'k4'] });
    expectReadable([third]);
  });

  test('names what is corrupt, leaves it as it is, and goes on with the others', async () => {
    const broken = sealPrivateKey(first, 'another', 'private k2');
    table.change('k2', { sealedPrivateKey: broken });
    table.change('k3', { sealedPrivateKey: 'v1.damaged' });
    const outcome = { ...nothing, resealed: ['k4'], corrupt: ['k2', 'k3'] };
    expect(await rewrap([second, first])).toEqual(outcome);
    expect(table.list().map(({ sealedPrivateKey }) => sealedPrivateKey)).toEqual([
      null,
      broken,
      'v1.damaged',
      expect.stringMatching(second.id),
    ]);
    expectReadable([second], ['k4']);
    expect(await rewrap([second, first])).toEqual({ ...outcome, resealed: [] });
  });

  test('refuses, and changes nothing, where the key-encryption keys are others', async () => {
    const before = table.list();
    await expect(rewrap([third, second])).rejects.toThrow(WrongKeyEncryptionKey);
    expect(table.list()).toEqual(before);
  });

  test('of a store without keys has nothing to do', async () => {
    table = new KeyTable();
    expect(await rewrap([second, first])).toEqual(nothing);
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
  const macsUnder = (kek: KeyEncryptionKey) => createFactsMacs(async () => [kek]);

  /** Every key of the line, and one of another issuer, has its MAC under the first key-encryption key. */
  beforeEach(async () => {
    for (const key of table.list()) table.change(key.kid, await addMac(key, macsUnder(first)));
    table.insertVerifyOnly(await addMac(aVerifyOnlyKey('v'), macsUnder(first)), begin);
  });

  const rows = () => [...table.list(), ...table.listVerifyOnly()];
  const madeUnder = () => new Set(rows().map(({ factsMac }) => macMadeUnder(factsMac ?? '')));

  async function expectRight(kek: KeyEncryptionKey): Promise<void> {
    for (const key of rows()) expect(await addMac(key, macsUnder(kek))).toEqual(key);
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
    const outcome = { resealed: ['k3', 'k4'], renewed: ['k1', 'k3', 'k4'], rejected: ['k2', 'v'] };
    expect(await rewrap([second, first])).toEqual({ ...nothing, ...outcome });
    expect([table.list()[1], ...table.listVerifyOnly()]).toEqual(before);
    expect(await rewrap([second, first])).toMatchObject({ resealed: [], renewed: [], rejected: ['k2', 'v'] });
  });

  test('under a key-encryption key that is not there stop nothing else: such a key is named, and left as it is', async () => {
    for (const key of table.list().slice(0, 2)) table.change(key.kid, await addMac(key, macsUnder(third)));
    table.change('k3', { sealedPrivateKey: sealPrivateKey(third, 'k3', 'private k3') });
    const macs = table.list().map(({ factsMac }) => factsMac);
    const outcome = { ...nothing, resealed: ['k2', 'k4'], renewed: ['k3', 'k4', 'v'], waiting: ['k1', 'k2', 'k3'] };
    expect(await rewrap([second, first])).toEqual(outcome);
    expect(
      table
        .list()
        .slice(0, 2)
        .map(({ factsMac }) => factsMac),
    ).toEqual(macs.slice(0, 2));
    expectReadable([second], ['k2', 'k4']);
    expectReadable([third], ['k3']);
    expect(await rewrap([second, first])).toEqual({ ...outcome, resealed: [], renewed: [] });
    // With it, they are like any other.
    expect(await rewrap([second, first, third])).toMatchObject({
      renewed: ['k1', 'k2'],
      resealed: ['k3'],
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
    expect(await rewrap([second, first])).toMatchObject({ resealed: ['k2'], rejected: ['k3', 'k4'] });
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
    const sealed = ['nonsense', sealPrivateKey(third, 'k3', 'private k3'), sealPrivateKey(first, 'k4', 'private k4')];
    for (const [at, sealedPrivateKey] of sealed.entries())
      table.change(`k${at + 2}`, { revokedAt: 950, sealedPrivateKey });
    expect(await rewrap([second, first])).toEqual({
      ...nothing,
      resealed: ['k4'],
      renewed: ['k1', 'k2', 'k3', 'k4', 'v'],
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

  test('that are not there are not made: a server does that', async () => {
    table.change('k3', { factsMac: null });
    await rewrap([second, first]);
    expect(table.list()[2]?.factsMac).toBeNull();
    expectReadable([second]);
  });
});

describe('whatever happens meanwhile', () => {
  test('a key that a server sealed under an older one is caught up with', async () => {
    const store = new MemoryKeyStore({ table });
    const { resealKey } = store;
    store.resealKey = (kid, ...change) => {
      const [, , , , late] = line({}, {}, {}, {}, { sealedPrivateKey: sealPrivateKey(first, 'k5', 'private k5') });
      if (kid === 'k4' && late !== undefined) table.insert(late, 'key.created', begin);
      return resealKey(kid, ...change);
    };
    expect(await rewrap([second, first], store)).toMatchObject({ resealed: ['k2', 'k3', 'k4', 'k5'] });
    expectReadable([second], ['k2', 'k3', 'k4', 'k5']);
  });

  test('it may be stopped at any point: every part opens, and the next run finishes', async () => {
    for (let steps = 0; steps < 20; steps += 1) {
      table = newTable();
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
        table = newTable();
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
        table = newTable();
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
