import { createLocalJWKSet, jwtVerify, SignJWT } from 'jose';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WrongKeyEncryptionKey } from '../../../src/keys/errors.ts';
import { createFactsMacs } from '../../../src/keys/sealing/facts-mac.ts';
import { parseKeyEncryptionKey } from '../../../src/keys/sealing/key-encryption-key.ts';
import { Keyring } from '../../../src/keys/keyring/keyring.ts';
import { revokeKey } from '../../../src/keys/changes/revocation.ts';
import { markMacMade, sealPrivateKey, unsealPrivateKey } from '../../../src/keys/sealing/seal.ts';
import { keyGenerator, keyOpener } from '../../../src/keys/sealing/signing-key.ts';
import type { StepDependencies } from '../../../src/keys/keyring/step.ts';
import { KeyTable, MemoryKeyStore } from '../../support/memory-key-store.ts';
import { policy } from '../../support/keys/fake-keys.ts';
import { byScript, Replica, type Time } from './replica.ts';

describe('a corrupt sealed key', () => {
  let table: KeyTable;
  let time: Time;
  let replica: Replica;
  let first: string;
  let second: string;

  beforeEach(async () => {
    table = new KeyTable();
    time = { now: 1_000 };
    await new Replica(table, time).keyring.refresh();
    [first = '', second = ''] = table.list().map(({ kid }) => kid);
    replica = new Replica(table, time);
  });

  test('that signed is named in the log, and the standby signs', async () => {
    table.change(first, { sealedPrivateKey: 'damaged' });
    await replica.keyring.refresh();
    expect(await replica.signerKid()).toBe(second);
    expect(replica.events).toContainEqual([
      'key-unreadable',
      { kid: first, reason: `The sealed private key of ${first} is corrupt` },
    ]);
  });

  test('stays published, for the tokens that it signed, and a new standby is made', async () => {
    table.change(first, { sealedPrivateKey: 'damaged' });
    await replica.keyring.refresh();
    expect(replica.publishedKids).toEqual([first, second, table.list()[2]?.kid]);
    expect(await replica.keyring.verificationKey(first, 'RS256')).toBeDefined();
  });

  test('that stood by is replaced, and the signer goes on until the replacement is known', async () => {
    table.change(second, { sealedPrivateKey: 'damaged' });
    await replica.keyring.refresh();
    const third = table.list()[2]?.kid;
    expect(replica.keyring.plan.standbys.map(({ kid }) => kid)).toEqual([third]);
    time.now = 1_099;
    expect(await replica.signerKid()).toBe(first);
    time.now = 1_100;
    expect(await replica.signerKid()).toBe(third);
  });

  test('of every key leaves a server that makes new ones', async () => {
    for (const kid of [first, second]) table.change(kid, { sealedPrivateKey: 'damaged' });
    await replica.keyring.refresh();
    expect(await replica.signerKid()).toBe(table.list()[2]?.kid);
    expect(table.list()).toHaveLength(4);
  });

  test('is reported once, not at every refresh', async () => {
    table.change(first, { sealedPrivateKey: 'damaged' });
    for (let count = 0; count < 5; count += 1) await replica.keyring.refresh();
    expect(replica.events.filter(([event]) => event === 'key-unreadable')).toHaveLength(1);
  });

  test('that was put right is used again', async () => {
    table.change(first, { sealedPrivateKey: 'damaged' });
    await replica.keyring.refresh();
    table.change(first, { sealedPrivateKey: `sealed ${first}` });
    await replica.keyring.refresh();
    expect(replica.keyring.unreadable.size).toBe(0);
  });
});

describe('a process that cannot do what is due', () => {
  let table: KeyTable;
  let time: Time;
  let healthy: Replica;
  let hurt: Replica;
  let first: string;
  let second: string;

  beforeEach(async () => {
    table = new KeyTable();
    time = { now: 1_000 };
    healthy = new Replica(table, time);
    hurt = new Replica(table, time);
    await healthy.keyring.refresh();
    await hurt.keyring.refresh();
    [first = '', second = ''] = table.list().map(({ kid }) => kid);
    time.now = 1_030;
  });

  const full = () => Promise.reject(new Error('disk full'));

  async function expectObedience(): Promise<void> {
    for (let second_ = 0; second_ < 10; second_ += 1) {
      time.now += 1;
      await hurt.keyring.tick();
    }
    expect(hurt.publishedKids).not.toContain(first);
    expect(await hurt.keyring.verificationKey(first, 'RS256')).toBeUndefined();
    expect(await hurt.signerKid()).toBe(second);
  }

  test('since it owes what it signed, learns of a revocation all the same', async () => {
    hurt.step.store.noteTokens = full;
    await hurt.keyring.signerUntil(2_000);
    await healthy.revoke(first);
    await expectObedience();
  });

  test('since its database is read-only, learns of a revocation all the same', async () => {
    time.now = 1_070;
    for (const write of ['noteTokens', 'settleKeys', 'insertKey'] as const) hurt.step.store[write] = full;
    await healthy.revoke(first);
    await expectObedience();
  });

  test('since it can make no key, revokes one nevertheless while another can sign', async () => {
    hurt = new Replica(table, time);
    await hurt.keyring.refresh();
    const { office } = hurt;
    const unable = { ...office, generateKey: () => Promise.reject(new Error('no entropy')) };
    expect(await revokeKey(unable, first, byScript)).toMatchObject({ kind: 'revoked', signer: second });
    expect(table.list()[0]).toMatchObject({ kid: first, revokedAt: 1_030 });
  });

  test('does not hand over to a standby that it cannot open', async () => {
    const blind = new Replica(table, time);
    const open = blind.step.openPrivateKey;
    Object.assign(blind.step, {
      openPrivateKey: (key: Parameters<typeof open>[0]) =>
        key.kid === second ? Promise.reject(new WrongKeyEncryptionKey('sealed under another')) : open(key),
    });
    await blind.keyring.refresh();
    expect(await blind.rotate(true)).toEqual({ kind: 'conflict' });
    expect(await blind.signerKid()).toBe(first);
    expect(await blind.revoke(first)).toMatchObject({ kind: 'revoked' });
    expect(blind.publishedKids).not.toContain(first);
    expect(await blind.signerKid()).not.toBe(second);
  });
});

describe('with real keys', () => {
  const kek = parseKeyEncryptionKey(Buffer.alloc(32, 1).toString('base64'), 'KEY_ENCRYPTION_KEY');
  const wrong = parseKeyEncryptionKey(Buffer.alloc(32, 2).toString('base64'), 'KEY_ENCRYPTION_KEY');
  const store = new MemoryKeyStore();
  let keyring: Keyring;

  const rsa = { algorithm: 'RS256', modulusBits: 2048 } as const;
  const openUnder = (...keys: (typeof kek)[]) => keyOpener(async () => keys);
  const stepUnder = (key: typeof kek, ...others: (typeof kek)[]): StepDependencies => ({
    store,
    verifyOnly: store,
    actor: { kind: 'schedule' },
    isServer: true,
    policy,
    clock: () => 1_000,
    generateKey: keyGenerator(async (kid, text) => sealPrivateKey(key, kid, markMacMade(text)), rsa),
    openPrivateKey: openUnder(key, ...others),
    macs: createFactsMacs(async () => [key, ...others]),
  });

  beforeAll(async () => {
    keyring = new Keyring(stepUnder(kek));
    await keyring.refresh();
  });

  test('a third party verifies a token by the published set', async () => {
    const { kid, alg, privateKey } = await keyring.signer();
    const token = await new SignJWT({ sub: 'someone' }).setProtectedHeader({ alg, kid }).sign(privateKey);
    const { payload } = await jwtVerify(token, createLocalJWKSet({ keys: [...keyring.jwks.body.keys] }));
    expect(payload.sub).toBe('someone');
  });

  test('the published set is frozen, holds public members only, and has a strong tag that replicas share', async () => {
    const { body, etag } = keyring.jwks;
    expect(body.keys).toHaveLength(2);
    for (const jwk of body.keys) {
      expect(Object.keys(jwk).toSorted()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
      expect(Object.isFrozen(jwk)).toBe(true);
    }
    expect([Object.isFrozen(body), Object.isFrozen(body.keys)]).toEqual([true, true]);
    expect(etag).toMatch(/^"[A-Za-z0-9_-]{43}"$/);
    const other = new Keyring(stepUnder(kek));
    await other.refresh();
    expect(other.jwks.etag).toBe(etag);
  });

  test('the set stays the same object until it changes, and then has another tag', async () => {
    const { jwks } = keyring;
    await keyring.refresh();
    expect(keyring.jwks).toBe(jwks);
    const [first] = store.table.list();
    store.table.revoke(first?.kid ?? '', { promote: null, spare: null }, { ...byScript, at: 1_000 });
    await keyring.refresh();
    expect(keyring.jwks.etag).not.toBe(jwks.etag);
  });

  test('private members do not get out even when the store holds some', async () => {
    const [first] = store.table.list();
    store.table.change(first?.kid ?? '', { publicJwk: { ...first?.publicJwk, d: 'secret', p: 'secret' } });
    await keyring.refresh();
    expect(JSON.stringify(keyring.jwks)).not.toContain('secret');
  });

  test('a wrong key-encryption key stops the start, and changes nothing', async () => {
    const before = store.table.list();
    const other = new Keyring(stepUnder(wrong));
    await expect(other.refresh()).rejects.toThrow(WrongKeyEncryptionKey);
    await expect(other.refresh()).rejects.toThrow(kek.id);
    expect(store.table.list()).toEqual(before);
  });

  test('a key that is sealed anew while the server runs stays the same object, and readable', async () => {
    const other = new Keyring(stepUnder(kek, wrong));
    await other.refresh();
    const { kid, privateKey } = await other.signer();
    const sealed = store.table.list().find((key) => key.kid === kid)?.sealedPrivateKey ?? '';
    store.table.change(kid, { sealedPrivateKey: sealPrivateKey(wrong, kid, unsealPrivateKey([kek], kid, sealed)) });
    await other.refresh();
    expect(await other.signer()).toMatchObject({ kid });
    expect((await other.signer()).privateKey).toBe(privateKey);
    store.table.change(kid, { sealedPrivateKey: sealed });
  });

  test('several key-encryption keys may be readable at once', async () => {
    const other = new Keyring(stepUnder(wrong, kek));
    await other.refresh();
    expect((await other.signer()).kid).toBe((await keyring.signer()).kid);
  });
});
