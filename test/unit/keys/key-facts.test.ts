import { beforeEach, describe, expect, test } from 'vitest';
import { addMac, createFactsMacs } from '../../../src/keys/sealing/facts-mac.ts';
import { createFactReader, type Known, nothingKnown } from '../../../src/keys/keyring/key-facts.ts';
import { type KeyEncryptionKey, parseKeyEncryptionKey } from '../../../src/keys/sealing/key-encryption-key.ts';
import { markMacMade, sealPrivateKey } from '../../../src/keys/sealing/seal.ts';
import { keyGenerator, keyOpener } from '../../../src/keys/sealing/signing-key.ts';
import { placeKey } from '../../../src/keys/timeline/place-key.ts';
import { KeyTable, MemoryKeyStore } from '../../support/memory-key-store.ts';

const [first, second, third] = [1, 2, 3].map((byte) =>
  parseKeyEncryptionKey(Buffer.alloc(32, byte).toString('base64'), `key-encryption-key.${byte}`),
) as [KeyEncryptionKey, KeyEncryptionKey, KeyEncryptionKey];
const event = { at: 1_000, actor: { kind: 'schedule' }, reason: null } as const;

let table: KeyTable;
let keks: [KeyEncryptionKey, ...KeyEncryptionKey[]];
/** Kids whose private part, or MAC, was looked at since the last reading. */
let looks: string[];
let known: Known;
const names = new Map<string, string>();

/** A line of three keys: one of this server, one under another key-encryption key, and one whose MAC alone is under that. */
beforeEach(async () => {
  table = new KeyTable();
  keks = [first];
  looks = [];
  known = nothingKnown;
  for (const [name, sealing, vouching] of [
    ['ours', first, first],
    ['theirs', second, second],
    ['half', first, second],
  ] as const) {
    const seal = async (kid: string, text: string) => sealPrivateKey(sealing, kid, markMacMade(text));
    const key = await keyGenerator(seal, { algorithm: 'ES256', modulusBits: 2048 })();
    const succeeds = table.list().at(-1)?.kid ?? '';
    const placed = placeKey(key, { succeeds, publishedAt: 0, activatesAt: 0 });
    names.set(key.kid, name);
    table.insert(
      await addMac(
        placed,
        createFactsMacs(async () => [vouching]),
      ),
      'key.created',
      event,
    );
  }
});

async function read(): Promise<string[]> {
  const store = new MemoryKeyStore({ table });
  const load = async () => keks;
  const open = keyOpener(load);
  const macs = createFactsMacs(load);
  const facts = await createFactReader({
    store,
    verifyOnly: store,
    clock: () => 1_000,
    async openPrivateKey(key, reading) {
      looks.push(`part of ${names.get(key.kid)}`);
      return open(key, reading);
    },
    macs: {
      ...macs,
      async check(claims) {
        looks.push(...claims.map(({ kid }) => `MAC of ${names.get(kid)}`));
        return macs.check(claims);
      },
    },
  })(known, 'running server');
  known = facts;
  return facts.keys.map(({ kid }) => names.get(kid) ?? '');
}

describe('rows that wait for a key-encryption key', () => {
  test('are looked at once, however often they are read, until other ones are at hand', async () => {
    expect(await read()).toEqual(['ours']);
    expect(new Set(looks)).toEqual(
      new Set(['part of ours', 'part of theirs', 'part of half', 'MAC of ours', 'MAC of theirs', 'MAC of half']),
    );
    looks = [];
    for (let count = 0; count < 3; count += 1) expect(await read()).toEqual(['ours']);
    expect(looks).toEqual([]);

    keks = [first, third];
    expect(await read()).toEqual(['ours']);
    expect(looks).toEqual(['part of theirs', 'MAC of theirs', 'MAC of half']);
    looks = [];
    keks = [third, first];
    expect(await read()).toEqual(['ours']);
    expect(looks).toEqual([]);
    keks = [third, first, second];
    expect(await read()).toEqual(['ours', 'theirs', 'half']);
  });

  test('are looked at again where anything of them has changed', async () => {
    await read();
    looks = [];
    const [, theirs] = table.list();
    table.change(theirs?.kid ?? '', { sealedPrivateKey: `${theirs?.sealedPrivateKey ?? ''}AAAA` });
    await read();
    expect(looks).toEqual(['part of theirs', 'MAC of theirs']);
    looks = [];
    const mac = theirs?.factsMac ?? '';
    table.change(theirs?.kid ?? '', { factsMac: mac.slice(0, -1) + (mac.endsWith('A') ? 'E' : 'A') });
    await read();
    expect(looks).toEqual(['MAC of theirs']);
  });
});
