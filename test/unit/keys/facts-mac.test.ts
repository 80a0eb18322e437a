import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { checkFactsMac, macMadeUnder, makeFactsMac } from '../../../src/keys/sealing/facts-mac.ts';
import { encodeFacts, type ImmutableFacts } from '../../../src/keys/sealing/immutable-facts.ts';
import { parseKeyEncryptionKey } from '../../../src/keys/sealing/key-encryption-key.ts';
import type { KeyRecord } from '../../../src/keys/store.ts';
import fc from '../../support/property.ts';
import { aKey, aVerifyOnlyKey } from '../../support/records.ts';

const [kek, other] = [1, 2].map((byte) =>
  parseKeyEncryptionKey(Buffer.alloc(32, byte).toString('base64'), `key-encryption-key.${byte}`),
) as [ReturnType<typeof parseKeyEncryptionKey>, ReturnType<typeof parseKeyEncryptionKey>];

const text = fc.oneof(fc.constantFrom('a', 'b', '"', ',', 'RS256', '1', '],["'), fc.string({ unit: 'grapheme-ascii' }));
const kid = fc.constantFrom('a', 'b', '"a",1');
const moment = fc.nat(3);
const rsa = fc.record({ kty: fc.constant('RSA'), n: text, e: text });
const signing = fc
  .record({ kid, alg: fc.constantFrom('RS256', 'PS256'), succeeds: text, publishedAt: moment, publicJwk: rsa })
  .map(({ succeeds, ...more }): ImmutableFacts => aKey(more.kid, succeeds, more as never));
const verifyOnly = fc
  .record({ kid, alg: fc.constant('RS256'), publishedAt: moment, publishedUntil: moment, publicJwk: rsa })
  .map((facts): ImmutableFacts => aVerifyOnlyKey(facts.kid, facts as never));
const facts = fc.oneof(signing, verifyOnly);

/** What never changes, and nothing else. */
function pick(key: ImmutableFacts): unknown {
  const { kid: name, alg, publishedAt, publicJwk } = key;
  const rest = 'succeeds' in key ? { succeeds: key.succeeds } : { publishedUntil: key.publishedUntil };
  return { kid: name, alg, publishedAt, publicJwk, ...rest };
}

test('two keys have the same text exactly when all that never changes of them is the same', () => {
  fc.assert(
    fc.property(facts, facts, (one, another) => {
      const isSame = JSON.stringify(pick(one)) === JSON.stringify(pick(another));
      expect(encodeFacts(one) === encodeFacts(another)).toBe(isSame);
    }),
  );
});

test('what changes in the life of a key is not in the text, nor is what is never published', () => {
  const key = aKey('k', '');
  const later = { activatesAt: 1, tookOverAt: 2, revokedAt: 3, tokensExpireAt: 4, destroyedAt: 5, factsMac: 'x' };
  const jwk = { ...key.publicJwk, d: 'private', use: 'sig' };
  const older: KeyRecord = { ...key, ...later, sealedPrivateKey: null, publicJwk: jwk };
  expect(encodeFacts(older)).toBe(encodeFacts(key));
  const foreign = aVerifyOnlyKey('k');
  expect(encodeFacts(aVerifyOnlyKey('k', { revokedAt: 7 }))).toBe(encodeFacts(foreign));
});

test.each<[what: string, key: ImmutableFacts]>([
  ['a public key of another type than its algorithm', aKey('k', '', { alg: 'ES256' })],
  ['an algorithm that is none', aKey('k', '', { alg: 'none' as never })],
  ['no public key', aKey('k', '', { publicJwk: {} })],
  ['a member that is no text', aKey('k', '', { publicJwk: { kty: 'RSA', n: ['x'] as never, e: 'AQAB' } })],
  ['a moment that is none', aKey('k', '', { publishedAt: 'soon' as never })],
  ['an end that is none', aVerifyOnlyKey('k', { publishedUntil: Infinity })],
  ['a kid that no key can have', aKey('k\u001B[2J', '')],
])('%s has no text', (_, key) => {
  expect(encodeFacts(key)).toBeNull();
});

test('a MAC names the key-encryption key, and is right for its facts alone, under that key alone', () => {
  const mac = makeFactsMac(kek, 'facts');
  expect(mac).toMatch(/^v1\.[0-9a-f]{16}\.[A-Za-z0-9_-]{43}$/);
  expect(macMadeUnder(mac)).toBe(kek.id);
  const claim = { kid: 'k', facts: 'facts', mac };
  expect(checkFactsMac([other, kek], claim)).toEqual({ kind: 'valid' });
  expect(checkFactsMac([other, kek], { ...claim, facts: 'fact' })).toEqual({ kind: 'invalid' });
  expect(checkFactsMac([kek, other], { ...claim, mac: mac.replace(kek.id, other.id) })).toEqual({ kind: 'invalid' });
  const reason = expect.stringContaining(kek.id) as string;
  expect(checkFactsMac([other], claim)).toEqual({ kind: 'unknown-key', reason, among: other.id });
});

test('no other spelling of a MAC is taken', () => {
  const mac = makeFactsMac(kek, 'facts');
  const last = mac.at(-1) ?? '';
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  // The last character carries two bits that decoding drops.
  for (const each of alphabet)
    if (each !== last)
      expect(checkFactsMac([kek], { kid: 'k', facts: 'facts', mac: mac.slice(0, -1) + each }).kind).toBe('invalid');
  for (const each of ['', 'v1', `${mac}A`, mac.slice(0, -1), ` ${mac}`, mac.replace('v1', 'v2')])
    expect(checkFactsMac([kek], { kid: 'k', facts: 'facts', mac: each }).kind).toBe('invalid');
});

test('the key of the MAC is not the key-encryption key itself', () => {
  const plain = createHmac('sha256', kek.secret).update('facts').digest('base64url');
  expect(makeFactsMac(kek, 'facts')).not.toContain(plain);
});
