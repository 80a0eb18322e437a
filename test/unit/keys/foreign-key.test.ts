import { X509Certificate, createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import { describe, expect, test } from 'vitest';
import { type ForeignKey, ForeignKeyFault, readForeignKeys } from '../../../src/keys/changes/foreign-key.ts';
import {
  type Pair,
  certificate,
  jwkOf,
  newEc,
  newEd25519,
  newRsa,
  pemOf,
  publicRsa,
} from '../../support/keys/key-material.ts';

const rsa = newRsa();
const otherRsa = newRsa();
const ec = newEc();
const otherEc = newEc();
const ed = newEd25519();
const json = JSON.stringify;

async function read(text: string, wanted: Parameters<typeof readForeignKeys>[1] = {}): Promise<ForeignKey> {
  const keys = await readForeignKeys(text, wanted);
  expect(keys).toHaveLength(1);
  return keys[0] as ForeignKey;
}

async function faultIn(text: string, wanted: Parameters<typeof readForeignKeys>[1] = {}): Promise<string> {
  const fault: unknown = await readForeignKeys(text, wanted).catch((error: unknown) => error);
  expect(fault).toBeInstanceOf(ForeignKeyFault);
  const { message, cause } = fault as ForeignKeyFault;
  expect(cause).toBeUndefined();
  expect(message).toMatch(/^[A-Z][^\n]*[.a-zA-Z]$/);
  return message;
}

/** The private part is the one of `pair`, and what is published verifies what it signs. */
async function expectKey(key: ForeignKey, { publicKey, privateKey }: Pair, alg: string): Promise<void> {
  const thumbprint = await calculateJwkThumbprint(jwkOf(publicKey), 'sha256');
  expect(key).toMatchObject({ kid: thumbprint, alg });
  expect(key.publicJwk).toEqual({ ...jwkOf(publicKey), kid: thumbprint, alg, use: 'sig' });
  if (key.privateKey === null) return;
  expect(key.privateKey).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
  expect(createPrivateKey(key.privateKey).equals(privateKey)).toBe(true);
}

describe('a key in PEM', () => {
  test.each([
    ['RSA of 2048 bits', rsa, 'RS256'],
    ['RSA of 3072 bits', newRsa(3072), 'RS256'],
    ['EC on P-256', ec, 'ES256'],
    ['Ed25519', ed, 'EdDSA'],
  ])('may be PKCS #8, or SPKI for the public part alone: %s', async (_, pair, alg) => {
    const whole = await read(pemOf(pair.privateKey));
    await expectKey(whole, pair, alg);
    expect(whole.privateKey).not.toBeNull();
    const part = await read(pemOf(pair.publicKey));
    await expectKey(part, pair, alg);
    expect(part.privateKey).toBeNull();
  });

  test('may be PKCS #1, private or public, and SEC 1', async () => {
    await expectKey(await read(pemOf(rsa.privateKey, 'pkcs1')), rsa, 'RS256');
    const part = await read(pemOf(rsa.publicKey, 'pkcs1'));
    await expectKey(part, rsa, 'RS256');
    expect(part.privateKey).toBeNull();
    await expectKey(await read(pemOf(ec.privateKey, 'sec1')), ec, 'ES256');
  });

  test('may be a certificate, alone or in front of its private key', async () => {
    const { publicKey } = new X509Certificate(certificate);
    const part = await read(certificate);
    await expectKey(part, { publicKey, privateKey: ec.privateKey }, 'ES256');
    expect(part.privateKey).toBeNull();
    await expectKey(await read(certificate + pemOf(ec.privateKey)), ec, 'ES256');
  });

  test('may have text around it, and lines that end as on Windows', async () => {
    const text = `Bag Attributes\n  friendlyName: old\n${pemOf(rsa.privateKey)}\n`;
    await expectKey(await read(text.replaceAll('\n', '\r\n')), rsa, 'RS256');
  });

  test('is refused when it is not the only one: which of them was meant is not guessed', async () => {
    const message = 'There are several keys in this PEM. Bring them in one by one, or as a JWK Set.';
    expect(await faultIn(pemOf(rsa.privateKey) + pemOf(ec.privateKey, 'sec1'))).toBe(message);
    expect(await faultIn(pemOf(rsa.publicKey) + pemOf(ec.publicKey))).toBe(message);
  });

  test.each([
    ['pkcs8', 'aes-256-cbc'],
    ['pkcs1', 'aes-128-cbc'],
  ] as const)('is refused when it is encrypted, with what to run: %s', async (type, cipher) => {
    const text = String(rsa.privateKey.export({ type, format: 'pem', cipher, passphrase: 'hunter2' } as never));
    expect(await faultIn(text)).toMatch(/^The key is encrypted\. Decrypt it first: openssl pkey /);
  });
});

describe('a key as JWK', () => {
  test('may be private or public, alone or in a set', async () => {
    for (const [pair, alg] of [
      [rsa, 'RS256'],
      [ec, 'ES256'],
      [ed, 'EdDSA'],
    ] as const) {
      await expectKey(await read(json(jwkOf(pair.privateKey))), pair, alg);
      await expectKey(await read(json({ keys: [jwkOf(pair.publicKey)] }, null, 2)), pair, alg);
    }
    const found = await readForeignKeys(json({ keys: [rsa, ec, ed].map(({ publicKey }) => jwkOf(publicKey)) }), {});
    expect(found.map(({ alg, privateKey }) => [alg, privateKey])).toEqual([
      ['RS256', null],
      ['ES256', null],
      ['EdDSA', null],
    ]);
  });

  test('keeps its kid, its alg, and no other member', async () => {
    const more = { kid: '-old/2025#1', alg: 'PS256', use: 'sig', key_ops: ['verify'], x5t: 'abc', note: 'hello' };
    const key = await read(json({ ...jwkOf(rsa.publicKey), ...more }));
    expect(key).toMatchObject({ kid: '-old/2025#1', alg: 'PS256' });
    expect(key.publicJwk).toEqual({ ...jwkOf(rsa.publicKey), kid: '-old/2025#1', alg: 'PS256', use: 'sig' });
    for (const alg of ['Ed25519', 'EdDSA']) {
      const { publicJwk } = await read(json({ ...jwkOf(ed.privateKey), alg, kid: 'ed' }));
      expect(publicJwk).toEqual({ ...jwkOf(ed.publicKey), alg: 'EdDSA', kid: 'ed', use: 'sig' });
    }
  });

  test('publishes no private member, whatever it came with', async () => {
    for (const { privateKey } of [rsa, ec, ed]) {
      const { publicJwk } = await read(json(jwkOf(privateKey)));
      expect(Object.keys(publicJwk)).not.toContainEqual(expect.stringMatching(/^(d|p|q|dp|dq|qi|k|oth)$/));
    }
  });

  test('may have 4096 bits, and not one more', async () => {
    expect((await read(json(publicRsa(4096)))).alg).toBe('RS256');
    expect(await faultIn(json(publicRsa(4097)))).toContain('2048 to 4096 bits; this one has 4097');
    expect((await read(json(publicRsa(2048)))).alg).toBe('RS256');
    expect(await faultIn(json(publicRsa(2047)))).toContain('2048 to 4096 bits; this one has 2047');
  });
});

describe('what the caller wants', () => {
  test('comes before what the text says, and before the thumbprint', async () => {
    expect(await read(pemOf(rsa.privateKey), { kid: 'a', alg: 'PS256' })).toMatchObject({ kid: 'a', alg: 'PS256' });
    const text = json({ ...jwkOf(rsa.privateKey), kid: 'b', alg: 'RS256' });
    expect(await read(text, { kid: undefined, alg: 'PS256' })).toMatchObject({ kid: 'b', alg: 'PS256' });
    expect((await read(text, { kid: 'a' })).publicJwk).toMatchObject({ kid: 'a', alg: 'RS256' });
  });

  test('does not make a key sign with what it cannot sign with', async () => {
    for (const alg of ['RS256', 'PS256', 'EdDSA'] as const)
      expect(await faultIn(pemOf(ec.privateKey), { alg })).toBe(`The key cannot sign with ${alg}.`);
    expect(await faultIn(pemOf(rsa.privateKey), { alg: 'ES256' })).toBe('The key cannot sign with ES256.');
  });

  test('cannot be one kid for several keys', async () => {
    const text = json({ keys: [jwkOf(rsa.publicKey), jwkOf(ec.publicKey)] });
    expect(await faultIn(text, { kid: 'a' })).toBe('One kid cannot be the name of several keys.');
  });
});

describe('refused is', () => {
  const pss = generateKeyPairSync('rsa-pss', { modulusLength: 2048 });
  const x25519 = generateKeyPairSync('x25519');
  const onBrainpool = newEc('brainpoolP256r1');
  const only = 'A key must be RSA, EC on P-256, or Ed25519; this one is';

  test.each<[what: string, pair: Pair, saying: string]>([
    ['RSA of 1024 bits', newRsa(1024), 'An RSA key must have 2048 to 4096 bits; this one has 1024.'],
    [
      'an exponent of 3',
      newRsa(2048, 3),
      'The public exponent of an RSA key must be odd, at least 65537, and below 2^32.',
    ],
    ['RSA for PSS alone', pss, `${only} rsa-pss.`],
    ['EC on P-384', newEc('P-384'), 'The key cannot sign with ES256.'],
    ['EC on secp256k1', newEc('secp256k1'), 'The key cannot sign with ES256.'],
    ['EC on a curve that no JWK can name', onBrainpool, 'The key cannot sign with ES256.'],
    ['X25519', x25519, `${only} x25519.`],
    ['Ed448', generateKeyPairSync('ed448'), `${only} ed448.`],
  ])('a key that nobody should sign with: %s, whatever algorithm is wanted [RFC8725-3.5]', async (_, pair, saying) => {
    for (const key of [pair.privateKey, pair.publicKey]) {
      expect(await faultIn(pemOf(key))).toBe(saying);
      for (const alg of ['RS256', 'PS256', 'ES256', 'EdDSA'] as const) {
        const message = await faultIn(pemOf(key), { alg });
        if (!saying.includes('ES256')) expect(message).toBe(saying);
      }
    }
  });

  test('RSA of 8192 bits, and an exponent that is even or too large', async () => {
    expect(await faultIn(json(publicRsa(8192)))).toContain('this one has 8192');
    for (const e of ['AQAC', 'AQAAAAE'])
      expect(await faultIn(json({ ...publicRsa(2048), e }))).toContain('must be odd, at least 65537, and below 2^32');
  });

  test.each<[what: string, more: Record<string, unknown>, saying: RegExp]>([
    ['an octet sequence', { kty: 'oct', k: 'c2VjcmV0' }, /^A symmetric key \(kty oct\) cannot be published\.$/],
    ['one for encryption', { use: 'enc' }, /^The key is not for signatures \(use, key_ops\)\.$/],
    ['one whose use is no text', { use: null }, /^The key is not for signatures/],
    ['one whose operations are others', { key_ops: ['encrypt', 'wrapKey'] }, /^The key is not for signatures/],
    ['one whose operations are no list', { key_ops: 'sign' }, /^The key is not for signatures/],
    ['one for an algorithm unknown here', { alg: 'RS512' }, /^Keys sign with RS256, PS256, ES256, EdDSA here; /],
    ['one whose algorithm is no text', { alg: 5 }, /^Keys sign with RS256, PS256, ES256, EdDSA here; /],
    ['one that cannot do its own algorithm', { alg: 'ES256' }, /^The key cannot sign with ES256\.$/],
  ])('a JWK that is not meant for this: %s', async (_, more, saying) => {
    expect(await faultIn(json({ ...jwkOf(rsa.publicKey), ...more }))).toMatch(saying);
  });

  test.each([
    ['empty', ''],
    ['of two lines', 'a\nb'],
    ['with a control character', 'a\u0007'],
    ['with a space', 'a b'],
    ['not ASCII', 'schlüssel'],
    ['of 300 characters', 'a'.repeat(300)],
    ['a dot', '.'],
    ['two dots', '..'],
    ['a number', 5],
    ['null', null],
    ['a list', ['a']],
  ])('a kid that is %s', async (_, kid) => {
    const saying = 'The kid must be 1 to 256 printable ASCII characters without spaces, and not . or ..';
    expect(await faultIn(json({ ...jwkOf(ec.publicKey), kid }))).toBe(saying);
    if (typeof kid === 'string') expect(await faultIn(pemOf(ec.publicKey), { kid })).toBe(saying);
  });

  test('a private part that does not belong to the public part, in whichever member they differ', async () => {
    const saying = 'The private part does not belong to the public part.';
    const own = jwkOf(rsa.privateKey);
    const others = jwkOf(otherRsa.privateKey);
    for (const member of ['n', 'd', 'p', 'q', 'dp', 'dq', 'qi'])
      expect([member, await faultIn(json({ ...own, [member]: others[member] }))]).toEqual([member, saying]);
    for (const d of ['', 'AQ']) expect(await faultIn(json({ ...own, d }))).toBe(saying);
    expect(await faultIn(json({ ...own, e: 'AQAD' }))).toBe(saying);
    expect(await faultIn(json({ ...jwkOf(ec.privateKey), d: jwkOf(otherEc.privateKey).d }))).toBe(saying);
    const { x, y } = jwkOf(otherEc.publicKey);
    expect(await faultIn(json({ ...jwkOf(ec.privateKey), x, y }))).toBe(saying);
    expect(await faultIn(json({ ...jwkOf(ed.privateKey), x: jwkOf(newEd25519().publicKey).x }))).toBe(saying);
  });

  test.each([
    ['', 'nothing'],
    [' \n', 'white space'],
    ['hello', 'a word'],
    ['null', 'null'],
    ['5', 'a number'],
    ['"a"', 'a text'],
    ['[]', 'an empty list'],
    [json([jwkOf(rsa.publicKey)]), 'a list of keys'],
    ['{}', 'an empty object'],
    ['{"keys":[null]}', 'a set that holds null'],
    ['{"keys":[5]}', 'a set that holds a number'],
    ['{"keys":[[]]}', 'a set that holds a list'],
    ['{"kty":"RSA"}', 'a JWK without members'],
    ['{"kty":"RSA","n":{},"e":"AQAB"}', 'a JWK with members of no use'],
    ['['.repeat(1_000_000), 'a million brackets'],
    [`{"keys":[${'['.repeat(100_000)}${']'.repeat(100_000)}]}`, 'a set of great depth'],
    ['-----BEGIN PRIVATE KEY-----', 'the beginning of a PEM'],
    ['-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----', 'a PEM of nothing'],
    [pemOf(rsa.privateKey).slice(0, 900), 'a PEM cut short'],
    [json(jwkOf(rsa.privateKey)).slice(0, 900), 'a JWK cut short'],
    [String(rsa.privateKey.export({ type: 'pkcs8', format: 'der' })), 'DER'],
  ])('what is no key: %#', async (text) => {
    expect(await faultIn(text)).toBe('This is no key that can be read: it must be PEM, a JWK, or a JWK Set.');
  });

  test('a set without keys, or whose keys are none', async () => {
    for (const text of [
      '{"keys":[]}',
      '{"keys":null}',
      '{"keys":{"0":{}}}',
      '{"keys":'.repeat(999) + '1' + '}'.repeat(999),
    ])
      expect(await faultIn(text)).toBe('The JWK Set holds no keys.');
  });

  test('a whole set, when one key of it is refused', async () => {
    const keys = [jwkOf(rsa.publicKey), { ...jwkOf(ec.publicKey), use: 'enc' }];
    expect(await faultIn(json({ keys }))).toMatch(/^The key is not for signatures/);
  });
});

test('what is taken, signs what the published part verifies', async () => {
  for (const { privateKey } of [rsa, ec, ed]) {
    const key = await read(pemOf(privateKey));
    const digest = key.alg === 'EdDSA' ? null : 'sha256';
    const signature = sign(digest, Buffer.from('text'), createPrivateKey(key.privateKey ?? ''));
    const publicKey = createPublicKey({ key: key.publicJwk, format: 'jwk' });
    expect(verify(digest, Buffer.from('text'), publicKey, signature)).toBe(true);
  }
});
