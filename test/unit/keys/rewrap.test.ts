import fc from '../../support/property.ts';
import { beforeEach, describe, expect, test } from 'vitest';
import { WrongKeyEncryptionKey } from '../../../src/keys/errors.ts';
import { type KeyEncryptionKey, parseKeyEncryptionKey } from '../../../src/keys/key-encryption-key.ts';
import { rewrapKeys } from '../../../src/keys/rewrap.ts';
import { sealPrivateKey, sealedUnder, unsealPrivateKey } from '../../../src/keys/seal.ts';
import { KeyTable, MemoryKeyStore } from '../../support/memory-key-store.ts';
import { line } from '../../support/keys/fake-keys.ts';

type Keks = readonly [KeyEncryptionKey, ...KeyEncryptionKey[]];

const [first, second, third] = [1, 2, 3].map((byte) =>
  parseKeyEncryptionKey(Buffer.alloc(32, byte).toString('base64'), `key-encryption-key.${byte}`),
) as [KeyEncryptionKey, KeyEncryptionKey, KeyEncryptionKey];
const cause = { actor: { kind: 'script', name: 'ada' }, reason: 'the yearly change' } as const;
const begin = { at: 1_000, actor: { kind: 'schedule' }, reason: null } as const;

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
  return rewrapKeys({ store, clock: () => 2_000 }, load, cause);
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
    expect(await rewrap([second, first])).toEqual({ sealing: second, resealed: ['k2', 'k3', 'k4'], corrupt: [] });
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
    expect(await rewrap([second, first])).toEqual({ sealing: second, resealed: [], corrupt: [] });
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
    const outcome = { sealing: second, resealed: ['k4'], corrupt: ['k2', 'k3'] };
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
    expect(await rewrap([second, first])).toEqual({ sealing: second, resealed: [], corrupt: [] });
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
          else expectReadable([sealing]);
          expectReadable([first, second, third]);
        }
      }),
    );
  });
});
