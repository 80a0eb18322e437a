import fc from '../../support/property.ts';
import { expect, test } from 'vitest';
import { CorruptSealedKey, WrongKeyEncryptionKey } from '../../../src/keys/errors.ts';
import { parseKeyEncryptionKey } from '../../../src/keys/sealing/key-encryption-key.ts';
import { sealPrivateKey, unsealPrivateKey } from '../../../src/keys/sealing/seal.ts';

const kek = parseKeyEncryptionKey('A'.repeat(43), 'KEY_ENCRYPTION_KEY');
const other = parseKeyEncryptionKey(Buffer.alloc(32, 7).toString('base64'), '/srv/keys/key-encryption-key');
const secret = fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => text.isWellFormed());
const name = fc.string({ minLength: 1 });

test('what was sealed for a kid opens for that kid', () => {
  fc.assert(
    fc.property(secret, name, (text, kid) => {
      expect(unsealPrivateKey([other, kek], kid, sealPrivateKey(kek, kid, text))).toBe(text);
    }),
  );
});

test('any bit that flips is noticed, and so is any character that changes', () => {
  const sealed = sealPrivateKey(kek, 'k1', 'a private key');
  const alphabet = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_');
  const faults = [CorruptSealedKey, WrongKeyEncryptionKey];
  for (let at = 0; at < sealed.length; at += 1) {
    const flips = [1, 2, 4, 8, 16, 32, 64, 128].map((bit) => String.fromCharCode(sealed.charCodeAt(at) ^ bit));
    for (const other of new Set([...flips, ...alphabet])) {
      if (other === sealed[at]) continue;
      const fault = catchFault(() => unsealPrivateKey([kek], 'k1', sealed.slice(0, at) + other + sealed.slice(at + 1)));
      expect(faults.some((kind) => fault instanceof kind)).toBe(true);
    }
  }
});

test('a sealed key that was cut short or lengthened is corrupt', () => {
  const sealed = sealPrivateKey(kek, 'k1', 'a private key');
  for (let length = 0; length < sealed.length; length += 1)
    expect(() => unsealPrivateKey([kek], 'k1', sealed.slice(0, length))).toThrow(CorruptSealedKey);
  expect(() => unsealPrivateKey([kek], 'k1', `${sealed}A`)).toThrow(CorruptSealedKey);
});

test('a sealed key moved to another row is corrupt, and named', () => {
  const sealed = sealPrivateKey(kek, 'k1', 'a private key');
  expect(() => unsealPrivateKey([kek], 'k2', sealed)).toThrow(
    new CorruptSealedKey('The sealed private key of k2 is corrupt: it fails authentication.'),
  );
});

test('the same key is never sealed the same way twice', () => {
  const sealed = Array.from({ length: 1_000 }, () => sealPrivateKey(kek, 'k1', 'a private key'));
  expect(new Set(sealed).size).toBe(1_000);
  expect(new Set(sealed.map((text) => text.split('.')[2])).size).toBe(1_000);
});

test('a wrong key-encryption key is told from damage: both fingerprints and the setting are named', () => {
  const sealed = sealPrivateKey(kek, 'k1', 'a private key');
  const fault = catchFault(() => unsealPrivateKey([other], 'k1', sealed));
  expect(fault).toBeInstanceOf(WrongKeyEncryptionKey);
  expect(String(fault)).toContain(`fingerprint ${kek.id}`);
  expect(String(fault)).toContain(`${other.id} (from /srv/keys/key-encryption-key)`);
  expect(String(fault)).toContain('KEY_ENCRYPTION_KEY');
});

test('no message holds what was sealed or what it was sealed with', () => {
  const sealed = sealPrivateKey(kek, 'k1', 'a private key');
  for (const attempt of [() => unsealPrivateKey([other], 'k1', sealed), () => unsealPrivateKey([kek], 'k2', sealed)])
    expect(String(catchFault(attempt))).not.toMatch(/a private key|AAAA|BwcH/);
});

function catchFault(attempt: () => unknown): unknown {
  try {
    attempt();
  } catch (fault) {
    return fault;
  }
  return null;
}
