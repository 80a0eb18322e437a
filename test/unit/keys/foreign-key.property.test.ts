import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import fc, { cases } from '../../support/property.ts';
import { expect, test } from 'vitest';
import { type ForeignKey, ForeignKeyFault, readForeignKeys } from '../../../src/keys/changes/foreign-key.ts';
import { certificate, jwkOf, newEc, newEd25519, newRsa, pemOf } from '../../support/keys/key-material.ts';

const pairs = [newRsa(), newRsa(), newEc(), newEc(), newEd25519(), newEd25519()];
const jwks = pairs.map(({ privateKey }) => jwkOf(privateKey));
const pems = [
  ...pairs.flatMap(({ privateKey, publicKey }) => [pemOf(privateKey), pemOf(publicKey)]),
  ...pairs.slice(2, 4).map(({ privateKey }) => pemOf(privateKey, 'sec1')),
  certificate,
];

/** All pieces of this length of every private member, and of every line of a private PEM. */
const length = 8;
const secrets = new Set(
  [
    ...jwks.flatMap(({ d, p, q, dp, dq, qi }) => [d, p, q, dp, dq, qi]),
    ...pems.filter((pem) => pem.includes('PRIVATE')).flatMap((pem) => pem.split('\n').slice(1, -2)),
  ].flatMap(piecesOf),
);

function piecesOf(text = ''): string[] {
  return Array.from({ length: Math.max(text.length - length + 1, 0) }, (_, at) => text.slice(at, at + length));
}

/** A fault that says nothing of the key; or keys that are sound. */
async function expectSafe(text: string, wanted: Parameters<typeof readForeignKeys>[1] = {}): Promise<void> {
  let keys: ForeignKey[];
  try {
    keys = await readForeignKeys(text, wanted);
  } catch (fault) {
    expect(fault).toBeInstanceOf(ForeignKeyFault);
    const { message, stack = '', cause } = fault as ForeignKeyFault;
    expect(cause).toBeUndefined();
    expect(piecesOf(message).filter((piece) => secrets.has(piece))).toEqual([]);
    expect(stack.startsWith(`ForeignKeyFault: ${message}\n`)).toBe(true);
    return;
  }
  for (const { kid, alg, publicJwk, privateKey } of keys) {
    expect(kid).toMatch(/^[\x21-\x7E]{1,256}$/);
    expect(Object.keys(publicJwk).filter((name) => !/^(kty|n|e|crv|x|y|kid|alg|use)$/.test(name))).toEqual([]);
    const publicKey = createPublicKey({ key: publicJwk, format: 'jwk' });
    if (privateKey === null) continue;
    // Whatever was changed, a private part that is taken is one of those that there were, and whole. Not so in a PEM of a
    // curve: any 32 bytes are a private key, and the file has nothing to compare them with.
    if (!text.startsWith('-----') || publicJwk.kty === 'RSA')
      expect(jwks).toContainEqual(jwkOf(createPrivateKey(privateKey)));
    const digest = alg === 'EdDSA' ? null : 'sha256';
    const signature = sign(digest, Buffer.from('a'), createPrivateKey(privateKey));
    expect(verify(digest, Buffer.from('a'), publicKey, signature)).toBe(true);
  }
}

const wanted = fc.record(
  { kid: fc.string(), alg: fc.constantFrom('RS256', 'PS256', 'ES256', 'EdDSA') },
  { requiredKeys: [] },
);

test('any text at all is a key or a fault', async () => {
  const document = fc.oneof(
    fc.json(),
    fc.json().map((inner) => `{"keys":[${inner}]}`),
    fc.string({ unit: 'binary' }),
    fc
      .tuple(fc.constantFrom('PRIVATE KEY', 'EC PRIVATE KEY', 'PUBLIC KEY', 'CERTIFICATE', 'X'), fc.base64String())
      .map(([kind, body]) => `-----BEGIN ${kind}-----\n${body}\n-----END ${kind}-----\n`),
  );
  await fc.assert(
    fc.asyncProperty(document, wanted, async (text, want) => {
      await expectSafe(text, want);
    }),
    { numRuns: cases(400) },
  );
});

const members = [
  'kty',
  'crv',
  'n',
  'e',
  'd',
  'p',
  'q',
  'dp',
  'dq',
  'qi',
  'x',
  'y',
  'kid',
  'alg',
  'use',
  'key_ops',
  'keys',
];

test('a JWK of which anything was changed is a sound key or a fault', async () => {
  const change = fc.oneof(
    fc.record({ member: fc.constantFrom(...members), value: fc.oneof(fc.jsonValue(), fc.constant(undefined)) }),
    // A member of another key, or a piece of one.
    fc
      .record({ member: fc.constantFrom(...members), from: fc.nat(5), cut: fc.nat(400) })
      .map(({ member, from, cut }) => ({ member, value: String(jwks[from]?.[member]).slice(0, cut) })),
  );
  await fc.assert(
    fc.asyncProperty(fc.nat(5), fc.array(change, { minLength: 1, maxLength: 3 }), wanted, async (at, changes, want) => {
      const jwk = { ...jwks[at], ...Object.fromEntries(changes.map(({ member, value }) => [member, value])) };
      await expectSafe(JSON.stringify(jwk), want);
    }),
    { numRuns: cases(600) },
  );
});

test('a PEM of which anything was changed is a sound key or a fault', async () => {
  const change = fc.record({ at: fc.nat(), remove: fc.nat(80), insert: fc.oneof(fc.string(), fc.base64String()) });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...pems),
      fc.array(change, { minLength: 1, maxLength: 3 }),
      async (pem, changes) => {
        let text = pem;
        for (const { at, remove, insert } of changes) {
          const from = at % (text.length + 1);
          text = text.slice(0, from) + insert + text.slice(from + remove);
        }
        await expectSafe(text);
      },
    ),
    { numRuns: cases(600) },
  );
});
