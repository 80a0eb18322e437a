import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import { beforeEach, describe, expect, test } from 'vitest';
import { NotAdopted, WrongKeyEncryptionKey } from '../../../src/keys/errors.ts';
import { addMac, createFactsMacs, macMadeUnder } from '../../../src/keys/sealing/facts-mac.ts';
import { importVerifyOnly } from '../../../src/keys/changes/import.ts';
import { type KeyEncryptionKey, parseKeyEncryptionKey } from '../../../src/keys/sealing/key-encryption-key.ts';
import type { KeyOffice } from '../../../src/keys/changes/key-office.ts';
import { Keyring } from '../../../src/keys/keyring/keyring.ts';
import { revokeKey } from '../../../src/keys/changes/revocation.ts';
import { rotateKeys } from '../../../src/keys/changes/rotation.ts';
import { markMacMade, sealPrivateKey } from '../../../src/keys/sealing/seal.ts';
import { keyGenerator, keyOpener } from '../../../src/keys/sealing/signing-key.ts';
import { placeKey } from '../../../src/keys/timeline/place-key.ts';
import type { KeyRecord } from '../../../src/keys/store.ts';
import { rewrapKeys } from '../../../src/keys/changes/rewrap.ts';
import { findPredecessor } from '../../../src/keys/timeline/succession.ts';
import type { StepDependencies } from '../../../src/keys/keyring/step.ts';
import fc from '../../support/property.ts';
import { policy as anyPolicy } from '../../support/keys/fake-keys.ts';
import { KeyTable, MemoryKeyStore } from '../../support/memory-key-store.ts';
import { aKey, aVerifyOnlyKey } from '../../support/records.ts';
import { byScript } from './replica.ts';

type Keks = [KeyEncryptionKey, ...KeyEncryptionKey[]];

const [kek, newer] = [1, 2].map((byte) =>
  parseKeyEncryptionKey(Buffer.alloc(32, byte).toString('base64'), `key-encryption-key.${byte}`),
) as [KeyEncryptionKey, KeyEncryptionKey];
const policy = { ...anyPolicy, algorithm: 'ES256' } as const;
const at = { at: 1_000, actor: { kind: 'schedule' }, reason: null } as const;

let table: KeyTable;
let now: number;

beforeEach(() => {
  table = new KeyTable();
  now = 1_000;
});

type Process = KeyOffice & {
  readonly events: [event: string, detail: Readonly<Record<string, unknown>>][];
  /** What the set holds. */
  readonly kids: () => string[];
  /** Whether nothing can be written. */
  isFull: boolean;
};

/** A server, as far as its keys are concerned. `keks` are those at hand, which may change. */
function newProcess(
  keks: Keks = [kek],
  { isBefore = false, isServer = true, pause = () => Promise.resolve() } = {},
): Process {
  const store = new MemoryKeyStore({ table, pause });
  const events: Process['events'] = [];
  const full =
    <Args extends unknown[], Result>(write: (...args: Args) => Promise<Result>) =>
    async (...args: Args) => {
      if (self.isFull) throw new Error('disk full');
      return write(...args);
    };
  store.insertKey = full(store.insertKey);
  store.writeMacs = full(store.writeMacs);
  const mark = isBefore ? (text: string) => text : markMacMade;
  const seal = async (kid: string, text: string) => sealPrivateKey(keks[0], kid, mark(text));
  const step: StepDependencies = {
    store,
    verifyOnly: store,
    actor: { kind: 'schedule' },
    isServer,
    policy,
    clock: () => now,
    generateKey: keyGenerator(seal, { algorithm: 'ES256', modulusBits: 2048 }),
    openPrivateKey: keyOpener(async () => keks),
    macs: createFactsMacs(async () => keks),
    log: (event, detail) => events.push([event, detail]),
  };
  const keyring = new Keyring(step);
  const kids = () => keyring.jwks.body.keys.map(({ kid }) => kid);
  const self: Process = { ...step, keyring, seal, events, kids, isFull: false };
  return self;
}

async function start(...how: Parameters<typeof newProcess>): Promise<Process> {
  const server = newProcess(...how);
  await server.keyring.refresh();
  return server;
}

/** The keys as the version before leaves them: three signing keys, the first without its private part, and one of another issuer. */
async function leaveAsBefore(): Promise<void> {
  const { generateKey } = newProcess([kek], { isBefore: true });
  for (const [place, facts] of [
    { tookOverAt: 0, sealedPrivateKey: null, destroyedAt: now - 1, tokensExpireAt: now + 50 },
    { activatesAt: now - 20, tookOverAt: now - 20 },
    { activatesAt: now + 80 },
  ].entries()) {
    const key = placeKey(await generateKey(), {
      succeeds: findPredecessor([], table.list()),
      publishedAt: place,
      activatesAt: 0,
    });
    table.insert({ ...key, ...facts }, 'key.created', at);
  }
  table.insertVerifyOnly(await aForeignKey('theirs'), at);
}

async function aForeignKey(kid: string) {
  const { publicKey } = await generateKeyPair('ES256');
  const times = { publishedAt: now, publishedUntil: now + 5_000 };
  return aVerifyOnlyKey(kid, { alg: 'ES256', publicJwk: await exportJWK(publicKey), ...times });
}

/** A pair of an attacker, and its thumbprint. */
async function attackersKey() {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const publicJwk = await exportJWK(publicKey);
  return { publicJwk, privateKey, kid: await calculateJwkThumbprint(publicJwk) };
}

const rejectionsOf = ({ events }: Process) => events.filter(([event]) => event === 'key-rejected');
const kidAt = (place: number) => table.list()[place]?.kid ?? '';
const macOf = (place: number) => table.list()[place]?.factsMac ?? null;

describe('a row that somebody changed', () => {
  let server: Process;
  let signer: string;
  let standby: string;

  beforeEach(async () => {
    server = await start();
    [signer, standby] = [kidAt(0), kidAt(1)];
  });

  test.each<[what: string, change: () => Promise<Partial<KeyRecord>>]>([
    ['its public key', async () => ({ publicJwk: (await attackersKey()).publicJwk })],
    ['its algorithm', async () => ({ alg: 'EdDSA' })],
    ['what it succeeds', async () => ({ succeeds: 'another' })],
    ['since when it is published', async () => ({ publishedAt: 1 })],
    ['its MAC, for none', async () => ({ factsMac: null })],
    ['its MAC, for that of another key', async () => ({ factsMac: macOf(1) })],
    ['its MAC, for nonsense', async () => ({ factsMac: 'v1' })],
    ['its public key, and its MAC for none', async () => ({ ...(await attackersKey()), kid: signer, factsMac: null })],
  ])('in %s neither signs nor verifies, is in no set, and is named; the standby signs', async (_, change) => {
    expect(await server.keyring.verificationKey(signer, 'ES256')).toBeDefined();
    const { publicJwk, alg, succeeds, publishedAt, factsMac } = { ...table.list()[0], ...(await change()) };
    table.change(signer, { publicJwk, alg, succeeds, publishedAt, factsMac } as Partial<KeyRecord>);
    for (const each of [server, newProcess()]) {
      await each.keyring.refresh();
      expect((await each.keyring.signer()).kid).toBe(standby);
      expect(each.kids()).toEqual([standby, kidAt(2)]);
      expect(await each.keyring.verificationKey(signer, 'ES256')).toBeUndefined();
      expect(rejectionsOf(each)).toEqual([['key-rejected', { kid: signer, reason: expect.any(String) as string }]]);
    }
  });

  test('is named once, and trusted again when it is as it was', async () => {
    const right = table.list()[0];
    table.change(signer, { publishedAt: 1 });
    for (let count = 0; count < 3; count += 1) await server.keyring.refresh();
    expect(rejectionsOf(server)).toHaveLength(1);
    table.change(signer, { publishedAt: right?.publishedAt ?? 0 });
    await server.keyring.refresh();
    expect(server.kids()).toContain(signer);
  });

  test('may change in whatever a server changes: the moments of its life are not in the MAC', async () => {
    table.change(signer, { tokensExpireAt: 5_000, activatesAt: 999, tookOverAt: 999 });
    await server.keyring.refresh();
    expect(server.kids()).toEqual([signer, standby]);
    expect(rejectionsOf(server)).toEqual([]);
  });

  test.each([
    { oth: [{}] },
    { key_ops: ['encrypt'] },
    { use: 'enc' },
    { ext: false },
    { d: 'AAAA' },
    { alg: 'RS512' },
    { k: 'AAAA' },
    { n: 7, e: null },
    { x5c: 'x' },
  ])('may say more of its public key, to which nobody listens: %j', async (more) => {
    const publicJwk = { ...table.list()[0]?.publicJwk, ...more } as KeyRecord['publicJwk'];
    table.change(signer, { publicJwk });
    for (const each of [server, newProcess()]) {
      await each.keyring.refresh();
      expect((await each.keyring.signer()).kid).toBe(signer);
      expect(await each.keyring.verificationKey(signer, 'ES256')).toMatchObject({ type: 'public' });
      for (const key of each.keyring.jwks.body.keys)
        expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
    }
  });

  test('has its successor made behind the last row, whoever wrote that', async () => {
    table.change(standby, { publishedAt: 1 });
    await server.keyring.refresh();
    expect(table.list()[2]?.succeeds).toBe(standby);
    expect(server.kids()).toEqual([signer, kidAt(2)]);
  });

  test('is revoked like any other, and named no more', async () => {
    table.change(signer, { publishedAt: 1 });
    expect(await revokeKey(server, signer, byScript)).toMatchObject({ kind: 'revoked', isNew: true, signer: standby });
    expect(table.list()[0]).toMatchObject({ revokedAt: now, sealedPrivateKey: null });
  });

  test('is not known under another name either, where a key is imported', async () => {
    const foreign = { ...(await attackersKey()), alg: 'ES256', privateKey: null } as const;
    expect(await importVerifyOnly(server, foreign, 100, byScript)).toMatchObject({ kind: 'verify-only' });
    table.changeVerifyOnly(foreign.kid, { publishedUntil: 9e9 });
    await server.keyring.refresh();
    expect(server.kids()).not.toContain(foreign.kid);
    expect(await importVerifyOnly(server, { ...foreign, kid: 'new' }, 100, byScript)).toMatchObject({ kind: 'known' });
  });
});

describe('a row that somebody added', () => {
  let server: Process;

  beforeEach(async () => {
    server = await start();
  });

  /** Signs as the attacker would, with a key that the row of `kid` claims to be one of the server's. */
  async function expectPowerless(kid: string): Promise<void> {
    for (const each of [server, newProcess()]) {
      await each.keyring.refresh();
      expect(each.kids()).not.toContain(kid);
      expect(await each.keyring.verificationKey(kid, 'ES256')).toBeUndefined();
      expect((await each.keyring.signer()).kid).toBe(kidAt(0));
      expect(each.events).toContainEqual(['key-rejected', { kid, reason: expect.any(String) as string }]);
    }
  }

  test.each<[how: string, mac: () => string | null]>([
    ['without a MAC', () => null],
    ['with the MAC of another', () => macOf(1)],
  ])('%s is no key, though its kid is the thumbprint of its public key', async (_, mac) => {
    const { kid, publicJwk } = await attackersKey();
    const more = { alg: 'ES256', publicJwk, activatesAt: now, tookOverAt: now, sealedPrivateKey: null } as const;
    table.insert(aKey(kid, findPredecessor([], table.list()), { ...more, factsMac: mac() }), 'key.created', at);
    await expectPowerless(kid);
  });

  test.each<Partial<KeyRecord>>([
    { publicJwk: { kty: 'EC', crv: 'P-256', x: '', y: '' } },
    { publicJwk: { kty: 'EC', crv: 'P-256', x: 'AAAA', y: 'AAAA' } },
    { alg: 'RS256', publicJwk: { kty: 'RSA', n: '', e: '' } },
    { alg: 'RS256', publicJwk: { kty: 'RSA', n: 'AQ', e: 'AQ' } },
    { alg: 'EdDSA', publicJwk: { kty: 'OKP', crv: 'Ed25519', x: '' } },
  ])('with a public key that is none stops nothing: %j', async (row) => {
    const { kid } = await attackersKey();
    const more = { alg: 'ES256', sealedPrivateKey: null, factsMac: null, ...row } as const;
    table.insert(aKey(kid, findPredecessor([], table.list()), more), 'key.created', at);
    await expectPowerless(kid);
  });

  test('with the private part of another key is no key', async () => {
    const { kid, publicJwk } = await attackersKey();
    const sealedPrivateKey = table.list()[0]?.sealedPrivateKey ?? null;
    const more = { alg: 'ES256', publicJwk, activatesAt: now, sealedPrivateKey } as const;
    table.insert(aKey(kid, findPredecessor([], table.list()), more), 'key.created', at);
    await expectPowerless(kid);
  });

  test('as a key of another issuer is published by nobody', async () => {
    table.insertVerifyOnly(await aForeignKey('theirs'), at);
    await expectPowerless('theirs');
  });

  test('as a signing key, with the MAC of a key of another issuer, is no key', async () => {
    const { kid, publicJwk } = await attackersKey();
    await importVerifyOnly(server, { kid, publicJwk, alg: 'ES256', privateKey: null }, 100, byScript);
    const [foreign] = table.listVerifyOnly();
    table.removeVerifyOnly([kid], at);
    const more = { alg: 'ES256', publicJwk, publishedAt: foreign?.publishedAt ?? 0, sealedPrivateKey: null } as const;
    const row = aKey(kid, findPredecessor([], table.list()), { ...more, factsMac: foreign?.factsMac ?? null });
    table.insert(row, 'key.created', at);
    await expectPowerless(kid);
  });
});

describe('where every row is changed', () => {
  test('a new key is made, and signs', async () => {
    const server = await start();
    for (const { kid } of table.list()) table.change(kid, { publishedAt: 1 });
    await server.keyring.refresh();
    expect(server.kids()).toEqual([kidAt(2), kidAt(3)]);
    expect((await server.keyring.signer()).kid).toBe(kidAt(2));
    expect(new Set(rejectionsOf(server).map(([, { kid }]) => kid))).toEqual(new Set([kidAt(0), kidAt(1)]));
  });

  test('the set is never empty: while no key can be made, the one that was trusted before is served', async () => {
    const server = await start();
    const before = server.kids();
    server.isFull = true;
    for (const { kid } of table.list()) table.change(kid, { factsMac: null });
    await expect(server.keyring.refresh()).rejects.toThrow('disk full');
    await server.keyring.lookAgain();
    expect(server.kids()).toEqual(before);
    expect(rejectionsOf(server)).not.toEqual([]);
    server.isFull = false;
    await server.keyring.refresh();
    expect(server.kids()).toEqual([kidAt(2), kidAt(3)]);
  });
});

describe('a key-encryption key that is not at hand', () => {
  test('stops a start, and changes nothing', async () => {
    await start();
    const before = table.list();
    const other = newProcess([newer]);
    await expect(other.keyring.refresh()).rejects.toThrow(WrongKeyEncryptionKey);
    await expect(other.keyring.refresh()).rejects.toThrow(kek.id);
    expect(table.list()).toEqual(before);
  });

  test('leaves published what was, though all MACs are made under it; what is new waits until it is there', async () => {
    const keks: Keks = [kek];
    const behind = await start(keks);
    const before = behind.kids();
    const ahead = await start([newer, kek]);
    await rotateKeys(ahead, { force: true, cause: byScript });
    const added = kidAt(2);
    expect(macMadeUnder(macOf(2) ?? '')).toBe(newer.id);
    for (const key of table.list().slice(0, 2))
      table.change(
        key.kid,
        await addMac(
          key,
          createFactsMacs(async () => [newer]),
        ),
      );
    await behind.keyring.refresh();
    expect(behind.kids().filter((kid) => before.includes(kid))).toEqual(before);
    expect(behind.kids()).not.toContain(added);
    expect(behind.events).toContainEqual([
      'key-waiting',
      { kid: added, reason: expect.stringContaining(newer.id) as string },
    ]);
    expect(rejectionsOf(behind)).toEqual([]);
    keks.push(newer);
    await behind.keyring.refresh();
    expect(behind.kids()).toContain(added);
  });

  test('does not let a changed row pass for one that was published', async () => {
    const server = await start();
    const mac = macOf(0)?.replace(kek.id, newer.id) ?? null;
    table.change(kidAt(0), { factsMac: mac });
    await server.keyring.refresh();
    expect(server.kids()).toContain(kidAt(0));
    table.change(kidAt(0), { publicJwk: (await attackersKey()).publicJwk });
    await server.keyring.refresh();
    expect(server.kids()).not.toContain(kidAt(0));
  });

  test.each<[how: string, by: (server: Process, kid: string) => unknown]>([
    [
      'the part is taken away',
      (_, kid) => {
        table.change(kid, { sealedPrivateKey: null });
      },
    ],
    ['a server that runs revokes the key', (server, kid) => revokeKey(server, kid, byScript)],
  ])('stops a start where the signer says that it needs it, until %s; servers go on meanwhile', async (_, heal) => {
    const server = await start();
    const [signer, standby] = [kidAt(0), kidAt(1)];
    const sealed = table.list()[0]?.sealedPrivateKey?.replace(kek.id, newer.id) ?? null;
    table.change(signer, { sealedPrivateKey: sealed });
    await expect(server.keyring.refresh()).rejects.toThrow(newer.id);
    expect((await server.keyring.signer()).kid).toBe(signer);
    await expect(start()).rejects.toThrow(newer.id);
    await heal(server, signer);
    for (const each of [server, newProcess()]) {
      await each.keyring.refresh();
      expect((await each.keyring.signer()).kid).toBe(standby);
    }
  });

  test('keeps no server from signing: a row that waits is passed over', async () => {
    const server = await start();
    const { kid, publicJwk } = await attackersKey();
    const sealedPrivateKey = `v1.${newer.id}.${'A'.repeat(16)}.${'A'.repeat(24)}`;
    const mac = `v1.${newer.id}.${'A'.repeat(43)}`;
    const more = { alg: 'ES256', publicJwk, activatesAt: now, sealedPrivateKey, factsMac: mac } as const;
    table.insert(aKey(kid, findPredecessor([], table.list()), more), 'key.created', at);
    for (const each of [server, newProcess()]) {
      await each.keyring.refresh();
      expect((await each.keyring.signer()).kid).toBe(kidAt(0));
      expect(each.kids()).toEqual([kidAt(0), kidAt(1)]);
    }
  });
});

describe('keys that the version before has left', () => {
  beforeEach(leaveAsBefore);

  test('get their MACs at the first start, all at once, and stay what they are', async () => {
    const before = table.list().map(({ kid }) => kid);
    const server = await start();
    expect(server.kids()).toEqual([...before, 'theirs']);
    // What has its private part is known by that.
    expect(server.events.slice(0, 2)).toEqual([
      ['facts-adopted', { kids: [before[0], 'theirs'] }],
      ['facts-authenticated', { kids: before.slice(1) }],
    ]);
    for (const { factsMac } of [...table.list(), ...table.listVerifyOnly()])
      expect(macMadeUnder(factsMac ?? '')).toBe(kek.id);
    const another = await start();
    expect(another.kids()).toEqual([...before, 'theirs']);
    expect(another.events.map(([event]) => event)).not.toContain('facts-adopted');
  });

  test('are adopted once by servers that start at once, in whatever order they read and write, and none misses a key', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        table = new KeyTable();
        await leaveAsBefore();
        const before = table.list().map(({ kid }) => kid);
        const pause = () => scheduler.schedule(Promise.resolve());
        const servers = [1, 2, 3].map(() => newProcess([kek], { pause }));
        await scheduler.waitFor(Promise.all(servers.map(({ keyring }) => keyring.refresh())));
        for (const server of servers) expect(server.kids()).toEqual([...before, 'theirs']);
        const events = servers.flatMap((server) => server.events.map(([event]) => event));
        expect(events.filter((event) => event === 'facts-adopted')).toHaveLength(1);
        expect(events).not.toContain('key-rejected');
      }),
      { numRuns: 40 },
    );
  });

  test('are not adopted where they are not what they say: another public key under our kid', async () => {
    const { publicJwk } = await attackersKey();
    table.change(kidAt(0), { publicJwk });
    table.change(kidAt(1), { publicJwk });
    const server = await start();
    expect(server.kids()).not.toEqual(expect.arrayContaining([kidAt(0)]));
    expect(server.kids()).not.toEqual(expect.arrayContaining([kidAt(1)]));
    expect(rejectionsOf(server)).toHaveLength(2);
    expect([macOf(0), macOf(1)]).toEqual([null, null]);
  });

  test('are adopted whole or not at all: a start that is cut short is made again', async () => {
    const server = newProcess();
    server.isFull = true;
    await expect(server.keyring.refresh()).rejects.toThrow('disk full');
    expect(table.list().map(({ factsMac }) => factsMac)).toEqual([null, null, null]);
    expect((await start()).kids()).toContain(kidAt(0));
  });

  test('come but once: MACs that are taken away, one or all, do not make it a first start', async () => {
    await start();
    for (const { kid } of table.list()) table.change(kid, { factsMac: null });
    table.changeVerifyOnly('theirs', { factsMac: null });
    table.insertVerifyOnly(await aForeignKey('smuggled'), at);
    const { kid, publicJwk } = await attackersKey();
    const more = { alg: 'ES256', publicJwk, activatesAt: 1, sealedPrivateKey: null } as const;
    table.insert(aKey(kid, findPredecessor([], table.list()), more), 'key.created', at);
    const server = await start();
    expect(server.events.map(([event]) => event)).not.toContain('facts-adopted');
    expect(server.kids().filter((each) => ['theirs', 'smuggled', kid].includes(each))).toEqual([]);
    expect(rejectionsOf(server)).toHaveLength(6);
  });

  test('are not there where no private part says so: one that cannot be opened proves nothing', async () => {
    for (const { kid } of table.list()) table.change(kid, { sealedPrivateKey: null });
    const server = await start();
    expect(server.kids()).not.toContain('theirs');
    expect(server.events.map(([event]) => event)).not.toContain('facts-adopted');
  });

  test('are adopted by no command, which changes nothing where a row has nothing but itself to be believed by', async () => {
    const before = [table.list(), table.listVerifyOnly()];
    const command = newProcess([kek], { isServer: false });
    await expect(command.keyring.refresh()).rejects.toThrow(NotAdopted);
    expect([table.list(), table.listVerifyOnly()]).toEqual(before);
    const server = await start();
    await command.keyring.refresh();
    expect(command.kids()).toEqual(server.kids());
  });

  test('are the business of any command where each has its private part', async () => {
    table.removeVerifyOnly(['theirs'], at);
    table.settle({ tookOver: [], destroyPrivate: [], remove: [kidAt(0)] }, at);
    const kids = table.list().map(({ kid }) => kid);
    const command = await start([kek], { isServer: false });
    expect(command.kids()).toEqual(kids);
    expect(command.events).toContainEqual(['facts-authenticated', { kids }]);
    expect(command.events.map(([event]) => event)).not.toContain('facts-adopted');
  });

  describe('put back by whoever has a backup from before, beside a key of his own,', () => {
    let kid: string;
    let putBack: () => Promise<void>;

    beforeEach(async () => {
      const old = table.list();
      const attackers = await attackersKey();
      ({ kid } = attackers);
      const { publicJwk } = attackers;
      putBack = async () => {
        for (const key of table.list())
          table.change(key.kid, { sealedPrivateKey: null, factsMac: null, destroyedAt: key.destroyedAt ?? now });
        for (const { kid: each, sealedPrivateKey, destroyedAt } of old)
          table.change(each, { sealedPrivateKey, destroyedAt });
        table.changeVerifyOnly('theirs', { factsMac: null });
        const more = { alg: 'ES256', publicJwk, activatesAt: 1, sealedPrivateKey: null, tokensExpireAt: 9e9 } as const;
        table.insert(aKey(kid, findPredecessor([], table.list()), more), 'key.created', at);
      };
    });

    test('make no command believe it, and no server that runs', async () => {
      const server = await start();
      const command = await start([kek], { isServer: false });
      await putBack();
      await expect(command.keyring.refresh()).rejects.toThrow(NotAdopted);
      const another = newProcess([kek], { isServer: false });
      await expect(another.keyring.refresh()).rejects.toThrow(NotAdopted);
      await server.keyring.refresh();
      for (const each of [server, command]) {
        await each.keyring.refresh().catch(() => undefined);
        expect(each.kids()).not.toContain(kid);
        expect(await each.keyring.verificationKey(kid, 'ES256')).toBeUndefined();
      }
    });

    test('make a server that starts believe it, which names it, as long as their key-encryption key is at hand', async () => {
      await start();
      await putBack();
      const server = await start();
      expect(server.events).toContainEqual(['facts-adopted', { kids: expect.arrayContaining([kid]) as string[] }]);
    });

    test('are worth nothing once a rewrap has made another key-encryption key, and the old one is gone', async () => {
      await start();
      const store = new MemoryKeyStore({ table });
      const keks: Keks = [newer, kek];
      await rewrapKeys({ store, verifyOnly: store, clock: () => now }, async () => keks, byScript);
      const server = await start([newer]);
      await putBack();
      for (const keyring of [
        server.keyring,
        newProcess([newer]).keyring,
        newProcess([newer], { isServer: false }).keyring,
      ]) {
        await keyring.refresh().catch(() => undefined);
        expect(table.list().find((key) => key.kid === kid)?.factsMac).toBeNull();
      }
      await expect(start([newer])).rejects.toThrow(WrongKeyEncryptionKey);
      expect(server.kids()).not.toContain(kid);
      const events = server.events.map(([event]) => event);
      expect(events).not.toContain('facts-adopted');
    });
  });

  test('wait where the key-encryption key is another', async () => {
    const before = [table.list(), table.listVerifyOnly()];
    await expect(start([newer])).rejects.toThrow(WrongKeyEncryptionKey);
    expect([table.list(), table.listVerifyOnly()]).toEqual(before);
  });
});

describe('a key that a replica of the version before makes beside', () => {
  test('is trusted at once, and gets its MAC from whoever opens it', async () => {
    await leaveAsBefore();
    const server = await start();
    const beside = newProcess([kek], { isBefore: true });
    const made = await beside.generateKey();
    const succeeds = findPredecessor([], table.list());
    const row = aKey(made.kid, succeeds, { ...made, publishedAt: now, activatesAt: now + 500 });
    table.insert(row, 'key.created', at);
    await server.keyring.lookAgain();
    expect(server.kids()).toContain(made.kid);
    expect(rejectionsOf(server)).toEqual([]);
    await server.keyring.refresh();
    expect(server.events).toContainEqual(['facts-authenticated', { kids: [made.kid] }]);
    expect(macOf(3)).not.toBeNull();
    // From then on it is like any other.
    table.change(made.kid, { factsMac: null });
    await server.keyring.refresh();
    expect(server.kids()).not.toContain(made.kid);
  });

  test('is sealed under the key-encryption key that it was sealed under', async () => {
    await leaveAsBefore();
    const server = await start([newer, kek]);
    expect(macMadeUnder(macOf(2) ?? '')).toBe(kek.id);
    expect((await start([kek])).kids()).toEqual(server.kids());
  });
});
