import { generateKeyPairSync } from 'node:crypto';
import fc from '../../support/property.ts';
import { describe, expect, it } from 'vitest';
import { isJwksUri } from '../../../src/clients/jwks-uri.ts';
import { type ClientDraft, type ClientMembers, readClient } from '../../../src/clients/member-rules.ts';
import { newKeyPair } from '../../support/clients.ts';

const limits = { audience: 'my-own-api', accessTokenLifetime: 900, loopbackJwksUri: true };
const [ec, rsa, ed] = [newKeyPair('ES256', 'e'), newKeyPair('RS256', 'r'), newKeyPair('EdDSA', 'd')];

const service: ClientMembers = {
  name: 'orders',
  authMethod: 'client_secret_basic',
  grantTypes: ['client_credentials'],
  scope: 'orders:read',
  audiences: [],
  accessTokenLifetime: null,
  jwks: null,
  jwksUri: null,
};
const signer: ClientDraft = { ...service, authMethod: 'private_key_jwt', jwks: { keys: [ec.jwk] } };
const follower: ClientDraft = { ...signer, jwks: null, jwksUri: 'https://orders.example.com/jwks' };

function pointersOf(draft: ClientDraft): string[] {
  const read = readClient(service, draft, limits);
  return 'faults' in read ? read.faults.map(({ pointer }) => pointer) : [];
}

function withKey(key: unknown): ClientDraft {
  return { ...signer, jwks: { keys: [ec.jwk, key] } };
}

describe('the rules of a client', () => {
  const good: [what: string, draft: ClientDraft][] = [
    ['a service with a secret', service],
    ['a service that signs with each kind of key', { ...signer, jwks: { keys: [ec.jwk, rsa.jwk, ed.jwk] } }],
    ['a service that publishes its keys', follower],
    ['a public client of users', { ...service, authMethod: 'none', grantTypes: ['password', 'refresh_token'] }],
    ['every grant', { ...service, grantTypes: ['refresh_token', 'client_credentials', 'password'] }],
    ['a name of any letters', { ...service, name: '💻'.repeat(100) }],
    ['the longest lifetime', { ...service, accessTokenLifetime: 900 }],
    ['the shortest lifetime', { ...service, accessTokenLifetime: 1 }],
    ['the audience of the server, which is no URI', { ...service, audiences: ['my-own-api'] }],
    ['other audiences', { ...service, audiences: ['https://a.example/x?y=%20', 'urn:example:api', 'api://a'] }],
    ['http on this machine', { ...follower, jwksUri: 'http://127.0.0.1:8080/jwks' }],
  ];
  it.for(good)('allow %s', ([, draft]) => {
    expect(pointersOf(draft)).toEqual([]);
  });

  const bad: [what: string, draft: ClientDraft, ...pointers: string[]][] = [
    ['no name', { ...service, name: '' }, '/client_name'],
    ['a name of 101 characters', { ...service, name: 'x'.repeat(101) }, '/client_name'],
    ['a line break in a name', { ...service, name: 'a\nb' }, '/client_name'],
    ['a paragraph separator in a name', { ...service, name: 'a\u2029b' }, '/client_name'],
    ['no scope', { ...service, scope: '' }, '/scope'],
    ['two spaces in a scope (RFC 6749, 3.3)', { ...service, scope: 'a  b' }, '/scope'],
    ['a quote in a scope (RFC 6749, 3.3)', { ...service, scope: '"' }, '/scope'],
    ['a scope of 2001 characters', { ...service, scope: 'x'.repeat(2001) }, '/scope'],
    ['no grant', { ...service, grantTypes: [] }, '/grant_types'],
    ['a grant twice', { ...service, grantTypes: ['password', 'password'] }, '/grant_types'],
    ['client_credentials for a public client (RFC 6749, 4.4)', { ...service, authMethod: 'none' }, '/grant_types'],
    ['refresh_token without password', { ...service, grantTypes: ['refresh_token'] }, '/grant_types'],
    ['a lifetime of none', { ...service, accessTokenLifetime: 0 }, '/access_token_lifetime'],
    ['a lifetime longer than usual', { ...service, accessTokenLifetime: 901 }, '/access_token_lifetime'],
    ['half a second', { ...service, accessTokenLifetime: 0.5 }, '/access_token_lifetime'],
    ['an audience twice', { ...service, audiences: ['urn:a', 'urn:a'] }, '/audiences'],
    ['21 audiences', { ...service, audiences: Array.from({ length: 21 }, (_, at) => `urn:a:${at}`) }, '/audiences'],
    ['a relative audience (RFC 8707, 2)', { ...service, audiences: ['urn:a', '/api'] }, '/audiences/1'],
    ['an audience with a fragment (RFC 8707, 2)', { ...service, audiences: ['https://a.example/#x'] }, '/audiences/0'],
    ['an audience with an empty fragment (RFC 8707, 2)', { ...service, audiences: ['urn:a#'] }, '/audiences/0'],
    ['an audience with a space', { ...service, audiences: ['https://a.example/ x'] }, '/audiences/0'],
    ['an audience with a line break', { ...service, audiences: ['https://a.example/\n'] }, '/audiences/0'],
    ['an audience with no host', { ...service, audiences: ['https:///x'] }, '/audiences/0'],
    ['an audience of 513 characters', { ...service, audiences: [`urn:${'x'.repeat(509)}`] }, '/audiences/0'],
    ['a secret and keys', { ...service, jwks: signer.jwks }, '/jwks'],
    ['a secret and a place for keys', { ...service, jwksUri: follower.jwksUri }, '/jwks_uri'],
    ['a public client with keys', { ...signer, authMethod: 'none', grantTypes: ['password'] }, '/jwks'],
    ['private_key_jwt without keys (RFC 7591, 2)', { ...signer, jwks: null }, '/jwks'],
    ['keys in two places (RFC 7591, 2)', { ...follower, jwks: signer.jwks }, '/jwks_uri'],
    ['an empty set', { ...signer, jwks: { keys: [] } }, '/jwks'],
    ['eleven keys', { ...signer, jwks: { keys: Array(11).fill(ec.jwk) } }, '/jwks'],
    ['several faults', { ...service, name: '', scope: '', grantTypes: [] }, '/client_name', '/scope', '/grant_types'],
  ];
  it.for(bad)('refuse %s [RFC8707-2/uri]', ([, draft, ...pointers]) => {
    expect(pointersOf(draft)).toEqual(pointers);
  });

  it('keep each scope once, and of a key nothing but what is public', () => {
    const key = { ...ec.jwk, x5c: ['AAAA'], extra: 1, alg: 'ES256', use: 'sig', key_ops: ['verify'] };
    const read = readClient(service, { ...withKey(key), scope: 'b a b' }, limits);
    const { kty, crv, x, y } = ec.jwk;
    const clean = { kty, crv, x, y, kid: 'e', use: 'sig' };
    expect(read).toMatchObject({ client: { scope: 'b a', jwks: { keys: [clean, { ...clean, alg: 'ES256' }] } } });
    expect(JSON.stringify(read)).not.toMatch(/x5c|extra|key_ops/);
  });
});

describe('a key that may not be registered', () => {
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' });
  const odd = generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 }).publicKey.export({
    format: 'jwk',
  });
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' });
  const ed448 = generateKeyPairSync('ed448').publicKey.export({ format: 'jwk' });
  const bad: [what: string, key: unknown][] = [
    ['nothing', null],
    ['a text', 'x'],
    ['an array', [ec.jwk]],
    ['an empty object', {}],
    ['a symmetric key', { kty: 'oct', k: 'c2VjcmV0' }],
    ['RSA of 1024 bits (RFC 7518, 3.3)', weak],
    ['RSA with the exponent 3', odd],
    ['EC on another curve', p384],
    ['EC off the curve', { ...ec.jwk, y: ec.jwk.x }],
    ['Ed25519 that is too short', { ...ed.jwk, x: 'AAAA' }],
    ['X25519', generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' })],
    ['Ed448', ed448],
    ...['EdDSA', 'Ed25519', 'Ed448'].map((alg): [string, unknown] => [`Ed448 for ${alg}`, { ...ed448, alg }]),
    ['Ed25519 for the other curve', { ...ed.jwk, alg: 'Ed448' }],
    ['Ed25519 by a name in lower case', { ...ed.jwk, alg: 'ed25519' }],
    ['RSA for Ed25519', { ...rsa.jwk, alg: 'Ed25519' }],
    ['one for encryption (RFC 7517, 4.2)', { ...ec.jwk, use: 'enc' }],
    ['one for signing alone (RFC 7517, 4.3)', { ...ec.jwk, key_ops: ['sign'] }],
    ['one with an alg of another kind', { ...ec.jwk, alg: 'RS256' }],
    ['one with an alg that is not there', { ...rsa.jwk, alg: 'RS512' }],
    ['one with alg none', { ...rsa.jwk, alg: 'none' }],
    ['one with a kid that is no text', { ...ec.jwk, kid: 1 }],
    ['one with a kid of 257 characters', { ...ec.jwk, kid: 'x'.repeat(257) }],
  ];
  it.for(bad)('is %s [RFC8725-3.4] [RFC8725-3.5]', ([, key]) => {
    expect(pointersOf(withKey(key))).toEqual(['/jwks/keys/1']);
  });

  it.for([ec, rsa, ed])('is one with any private member, which is not repeated: $alg (RFC 7517, 9.2)', (pair) => {
    const whole = pair.privateKey.export({ format: 'jwk' }) as Record<string, string>;
    const members = ['d', 'p', 'q', 'dp', 'dq', 'qi'].filter((member) => member in whole);
    const leaked: Record<string, unknown>[] = [
      { ...whole },
      ...members.map((member) => ({ ...pair.jwk, [member]: whole[member] })),
      { ...pair.jwk, k: 'c2VjcmV0LXRleHQ' },
      { ...pair.jwk, oth: [] },
      { ...pair.jwk, d: null },
    ];
    for (const key of leaked) {
      const read = readClient(service, withKey(key), limits);
      expect(read).toMatchObject({ faults: [{ pointer: '/jwks/keys/1' }] });
      for (const secret of [...members.map((member) => whole[member] ?? ''), 'c2VjcmV0LXRleHQ'])
        expect(JSON.stringify(read)).not.toContain(secret);
    }
  });

  it('is anything but a few: whatever is there, reading it says so and never throws', () => {
    fc.assert(
      fc.property(fc.object({ withNullPrototype: true }), fc.constantFrom(ec.jwk, rsa.jwk, ed.jwk), (noise, jwk) => {
        expect(pointersOf(withKey(noise))).toEqual(['/jwks/keys/1']);
        pointersOf(withKey({ ...jwk, ...noise }));
      }),
    );
  });
});

describe('a jwks_uri', () => {
  it('is https anywhere, and http on this machine', () => {
    for (const uri of ['https://a.example', 'https://a.example:8443/x?y=z', 'http://localhost:1/x', 'http://[::1]/x'])
      expect(isJwksUri(uri, true)).toBe(true);
  });

  it('is https alone where http on this machine is not allowed', () => {
    expect(isJwksUri('https://a.example/jwks', false)).toBe(true);
    for (const uri of ['http://127.0.0.1:9/jwks', 'http://localhost/x', 'http://[::1]/x', 'HTTP://127.1/x'])
      expect(isJwksUri(uri, false)).toBe(false);
    const read = readClient(
      service,
      { ...follower, jwksUri: 'http://127.0.0.1/x' },
      { ...limits, loopbackJwksUri: false },
    );
    expect(read).toMatchObject({ faults: [{ pointer: '/jwks_uri' }] });
  });

  it.for([
    'http://a.example/jwks',
    'http://127.0.0.1.a.example/jwks',
    'http://localhost.a.example/jwks',
    'http://0.0.0.0/jwks',
    'http://10.0.0.1/jwks',
    'http://user:secret@127.0.0.1/jwks',
    'https://user@a.example/jwks',
    'https://a.example@127.0.0.1/jwks',
    'https://@a.example/jwks',
    'https://a.example/jwks#x',
    'https://a.example/jwks#',
    'ftp://a.example/jwks',
    'file:///etc/passwd',
    'data:application/json,{}',
    'javascript:1',
    '//a.example/jwks',
    '/jwks',
    '',
    'https://',
    ' https://a.example',
    'https://a.example/\n',
    'https://a.exämple/',
    `https://a.example/${'x'.repeat(500)}`,
  ])('is never %j', (uri) => {
    for (const allowsLoopback of [true, false]) expect(isJwksUri(uri, allowsLoopback)).toBe(false);
  });
});
