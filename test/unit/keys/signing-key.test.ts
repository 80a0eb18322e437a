import { calculateJwkThumbprint, exportJWK, exportPKCS8, importJWK, importPKCS8, jwtVerify, SignJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { CorruptSealedKey, MismatchedKeyPair } from '../../../src/keys/errors.ts';
import { parseKeyEncryptionKey } from '../../../src/keys/sealing/key-encryption-key.ts';
import { markMacMade, sealPrivateKey, unsealPrivateKey } from '../../../src/keys/sealing/seal.ts';
import { keyGenerator, keyOpener } from '../../../src/keys/sealing/signing-key.ts';
import { placeKey } from '../../../src/keys/timeline/place-key.ts';
import type { NewKey } from '../../../src/keys/store.ts';

const kek = parseKeyEncryptionKey(Buffer.alloc(32, 1).toString('base64'), 'KEY_ENCRYPTION_KEY');
const open = keyOpener(async () => [kek]);
const seal = async (kid: string, privateKey: string): Promise<string> => sealPrivateKey(kek, kid, privateKey);
let key: NewKey;

beforeAll(async () => {
  key = await keyGenerator(seal, { algorithm: 'RS256', modulusBits: 2048 })();
});

describe('a new signing key', () => {
  test('is RSA of 2048 bits for RS256, named by its RFC 7638 thumbprint [RFC8725-3.5]', async () => {
    expect(key.publicJwk).toEqual({
      kty: 'RSA',
      n: expect.stringMatching(/^[A-Za-z0-9_-]{342}$/) as string,
      e: 'AQAB',
      kid: key.kid,
      alg: 'RS256',
      use: 'sig',
    });
    expect(key.kid).toBe(await calculateJwkThumbprint(key.publicJwk));
  });

  test('signs what its public part verifies', async () => {
    const token = await new SignJWT({}).setProtectedHeader({ alg: 'RS256' }).sign((await open(key)).privateKey);
    await expect(jwtVerify(token, await importJWK(key.publicJwk, 'RS256'))).resolves.toBeDefined();
  });

  test('cannot be taken out of the process once opened', async () => {
    const { privateKey } = await open(key);
    expect([privateKey.extractable, privateKey.usages]).toEqual([false, ['sign']]);
    await expect(exportPKCS8(privateKey)).rejects.toThrow(TypeError);
    await expect(exportJWK(privateKey)).rejects.toThrow(TypeError);
  });

  test('takes its place in the line with the facts that belong there, and no others', () => {
    const place = { succeeds: 'k1', publishedAt: 1, activatesAt: 2 };
    const open = { tookOverAt: null, revokedAt: null, tokensExpireAt: null, destroyedAt: null, factsMac: null };
    expect(placeKey(key, place)).toEqual({ ...key, ...place, ...open });
  });
});

describe.each([
  ['RS256', 3072, { kty: 'RSA' }],
  ['RS256', 4096, { kty: 'RSA' }],
  ['PS256', 2048, { kty: 'RSA' }],
  ['ES256', 2048, { kty: 'EC', crv: 'P-256' }],
  ['EdDSA', 2048, { kty: 'OKP', crv: 'Ed25519' }],
] as const)('a key for %s (RSA: %i bits)', (algorithm, modulusBits, members) => {
  test('is of the right kind, and signs what its public part verifies and nothing else', async () => {
    const made = await keyGenerator(seal, { algorithm, modulusBits })();
    expect(made.publicJwk).toMatchObject({ ...members, kid: made.kid, alg: algorithm, use: 'sig' });
    expect(Object.keys(made.publicJwk)).not.toContain('d');
    if (made.publicJwk.n !== undefined)
      expect(Buffer.from(made.publicJwk.n, 'base64url')).toHaveLength(modulusBits / 8);
    expect(made.kid).toBe(await calculateJwkThumbprint(made.publicJwk));
    const token = await new SignJWT({}).setProtectedHeader({ alg: algorithm }).sign((await open(made)).privateKey);
    await expect(jwtVerify(token, await importJWK(made.publicJwk, algorithm))).resolves.toBeDefined();
    await expect(
      jwtVerify(`${token.slice(0, -8)}AAAAAAAA`, await importJWK(made.publicJwk, algorithm)),
    ).rejects.toThrow();
  });
});

test('a private part opens beside its own public key alone', async () => {
  const other = await keyGenerator(seal, { algorithm: 'RS256', modulusBits: 2048 })();
  for (const publicJwk of [other.publicJwk, {}, { kty: 'RSA', n: key.publicJwk.n ?? '', e: 'AQAC' }])
    await expect(open({ ...key, publicJwk })).rejects.toThrow(MismatchedKeyPair);
});

test('a private part tells whether its row has a MAC', async () => {
  expect((await open(key)).isMacMade).toBe(false);
  const text = unsealPrivateKey([kek], key.kid, key.sealedPrivateKey);
  for (const pem of [text, `${text}\n`]) {
    const sealedPrivateKey = sealPrivateKey(kek, key.kid, markMacMade(pem));
    expect((await open({ ...key, sealedPrivateKey })).isMacMade).toBe(true);
    // As the version before opens it.
    const opened = unsealPrivateKey([kek], key.kid, sealedPrivateKey);
    await expect(importPKCS8(opened, 'RS256')).resolves.toBeDefined();
  }
});

test('a sealed text that is not a private key is corrupt, and not quoted', async () => {
  const sealedPrivateKey = sealPrivateKey(kek, key.kid, 'tell nobody');
  const fault: unknown = await open({ ...key, sealedPrivateKey }).catch((error: unknown) => error);
  expect(fault).toBeInstanceOf(CorruptSealedKey);
  expect(String(fault)).toContain(key.kid);
  expect(String(fault)).not.toContain('tell nobody');
});
