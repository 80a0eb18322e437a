import { constants, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import supertest from 'supertest';
import { describe, expect, onTestFinished } from 'vitest';
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
import { expectAlive, expectOAuthError, expectProblem, introspect, signIn } from '../../support/oauth.ts';
import { type Tessera, it } from '../../support/tessera.ts';

const attacker = generateKeyPairSync('rsa', { modulusLength: 2048 });
const attackerJwk = attacker.publicKey.export({ format: 'jwk' });

/** A good token in its parts. */
async function goodToken(tessera: Tessera) {
  const token = (await signIn(tessera)).tokens.access_token;
  return { token, ...decode(token), kid: decode(token).header['kid'] as string };
}

/** Counts who comes for the key that it offers. */
async function attackersKeyServer(): Promise<{ url: string; visits: () => number }> {
  let visits = 0;
  const server = createServer((_request, response) => {
    visits += 1;
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ keys: [attackerJwk] }));
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`, visits: () => visits };
}

describe('a token that the server did not sign', () => {
  it.for(['none', 'None', 'NONE', 'nOnE', 'none ', ''])(
    'is refused with alg "%s" (RFC 8725, 3.1)',
    async (alg, { tessera }) => {
      const { header, payload, signature } = await goodToken(tessera);
      const forged = compact({ ...header, alg }, payload, unsigned);
      await expectRefused(tessera, forged);
      await expectRefused(tessera, `${forged}${signature}`);
      await tessera.bearer('get', '/users/me', forged.slice(0, -1)).expect(401);
    },
  );

  it('is refused with HS256, keyed with the public key in any of its forms (RFC 8725, 2.1) [HOSTILE/hs256]', async ({
    tessera,
  }) => {
    const { header, payload, kid } = await goodToken(tessera);
    const jwk = await publishedKey(tessera, kid);
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    const spki = key.export({ type: 'spki', format: 'pem' }) as string;
    const secrets = [
      spki,
      spki.trim(),
      key.export({ type: 'pkcs1', format: 'pem' }),
      key.export({ type: 'spki', format: 'der' }),
      key.export({ type: 'pkcs1', format: 'der' }),
      JSON.stringify(jwk),
      jwk.n ?? '',
      Buffer.from(jwk.n ?? '', 'base64url'),
      kid,
      '',
    ];
    for (const secret of secrets)
      await expectRefused(tessera, compact({ ...header, alg: 'HS256' }, payload, hs256(secret)));
  });

  it('is refused with a key that it brings along itself: jwk, x5c (RFC 8725, 3.10) [ASVS-9.1.3] [HOSTILE/foreign-key]', async ({
    tessera,
  }) => {
    const { header, payload } = await goodToken(tessera);
    const forge = (more: Members) => compact({ ...header, ...more }, payload, rs256(attacker.privateKey));
    await expectRefused(tessera, forge({}));
    await expectRefused(tessera, forge({ jwk: attackerJwk }));
    await expectRefused(tessera, forge({ jwk: { ...attackerJwk, kid: 'own' }, kid: 'own' }));
    await expectRefused(tessera, forge({ jwk: attackerJwk, kid: undefined }));
    const der = attacker.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
    await expectRefused(tessera, forge({ x5c: [der] }));
    await expectRefused(tessera, forge({ x5c: [der], kid: undefined }));
  });

  it('is refused with a key elsewhere, which nobody fetches: jku, x5u (RFC 8725, 3.10) [RFC8725-3.10] [ASVS-9.1.3] [HOSTILE/foreign-key]', async ({
    tessera,
  }) => {
    const { header, payload } = await goodToken(tessera);
    const { url, visits } = await attackersKeyServer();
    for (const kid of [header['kid'], 'own', undefined]) {
      for (const member of ['jku', 'x5u'])
        await expectRefused(tessera, compact({ ...header, kid, [member]: url }, payload, rs256(attacker.privateKey)));
    }
    expect(visits()).toBe(0);
    await fetch(url);
    expect(visits()).toBe(1);
  });

  it('is refused with signatures that bad libraries take for good ones', async ({ tessera }) => {
    const { header, payload } = await goodToken(tessera);
    for (const zeros of [Buffer.alloc(256), Buffer.alloc(64), Buffer.alloc(32), Buffer.alloc(1)])
      for (const alg of ['RS256', 'ES256', 'EdDSA', 'HS256'])
        await expectRefused(
          tessera,
          compact({ ...header, alg }, payload, () => zeros),
        );
  });
});

describe('a token that the server signed', () => {
  it('is refused once its payload or header has been exchanged [ASVS-7.2.1] [ASVS-9.1.1]', async ({ tessera }) => {
    const [mine, other] = [await goodToken(tessera), await goodToken(tessera)];
    const [header = '', payload = '', signature = ''] = mine.token.split('.');
    const claims = (more: Members) => encode(JSON.stringify({ ...mine.payload, ...more }));
    const swapped = [
      [header, other.token.split('.')[1], signature],
      [header, payload, other.signature],
      [header, claims({ scope: 'profile:read profile:write tokens:introspect' }), signature],
      [header, claims({ exp: 4_000_000_000 }), signature],
      [header, claims({ sub: other.payload['sub'] }), signature],
      [encode(JSON.stringify({ ...mine.header, jku: 'x' })), payload, signature],
    ];
    for (const parts of swapped) await expectRefused(tessera, parts.join('.'));
    await expectAlive(tessera, mine.token);
  });

  it('is refused once its signature has been cut, changed or dropped [RFC7662-4/checks] [ASVS-9.1.1] [HOSTILE/signature]', async ({
    tessera,
  }) => {
    const { token, signature } = await goodToken(tessera);
    const input = token.slice(0, -signature.length);
    const flipped = Buffer.from(signature, 'base64url');
    flipped[100] = (flipped[100] ?? 0) ^ 1;
    const cut = [signature.slice(0, -1), signature.slice(0, -4), signature.slice(0, 10), `${signature}AA`, 'A'];
    for (const changed of [...cut, flipped.toString('base64url'), `${signature}.`, `${signature}.${signature}`])
      await expectRefused(tessera, input + changed);
    await tessera.bearer('get', '/users/me', input).expect(401);
    await tessera.bearer('get', '/users/me', input.slice(0, -1)).expect(401);
    await expectAlive(tessera, token);
  });

  it('is refused in any other spelling of its signature (RFC 7515, 2)', async ({ tessera }) => {
    const { token } = await goodToken(tessera);
    const spareBit = `${token.slice(0, -1)}${String.fromCharCode(token.charCodeAt(token.length - 1) + 1)}`;
    for (const spelling of [`${token}=`, `${token}==`, spareBit]) await expectRefused(tessera, spelling);
    const spaced = `${token.slice(0, -5)} \r\n${token.slice(-5)}`;
    expect(await introspect(tessera, spaced)).toEqual({ active: false });
    await tessera.form('/revoke', { token: spaced }).expect(200);
    await expectAlive(tessera, token);
  });

  it('is refused under another algorithm, though the key is the right one (RFC 8725, 3.1) [RFC8725-3.1] [ASVS-9.1.2]', async ({
    tessera,
  }) => {
    const { header, payload } = await goodToken(tessera);
    const { key } = await stealSigningKey(tessera);
    const padding = constants.RSA_PKCS1_PSS_PADDING;
    const others = {
      RS384: (input: string) => sign('sha384', Buffer.from(input), key),
      RS512: (input: string) => sign('sha512', Buffer.from(input), key),
      PS256: (input: string) => sign('sha256', Buffer.from(input), { key, padding, saltLength: 32 }),
    };
    for (const [alg, signInput] of Object.entries(others))
      await expectRefused(tessera, compact({ ...header, alg }, payload, signInput));
    for (const alg of ['rs256', 'Rs256', 'RS256 ', 'SHA256withRSA', ['RS256'], null, undefined])
      await expectRefused(tessera, compact({ ...header, alg }, payload, rs256(key)));
    await expectAlive(tessera, compact(header, payload, rs256(key)));
  });

  it.for([
    ['none at all', undefined],
    ['an unknown one', 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs'],
    ['an empty one', ''],
    ['a path', '../../../../../../dev/null'],
    ['a file URL', 'file:///etc/passwd'],
    ['SQL', "' OR 1=1 --"],
    ['a shell command', '|/bin/true'],
    ['a prototype', '__proto__'],
    ['another prototype', 'constructor'],
    ['a number', 0],
    ['a list', ['kid']],
    ['an object', { toString: 'x' }],
  ])('is refused when its kid is %s [RFC8725-3.10] [HOSTILE/kid]', async ([, kid], { tessera }) => {
    const { header, payload } = await goodToken(tessera);
    const { key } = await stealSigningKey(tessera);
    await expectRefused(tessera, compact({ ...header, kid }, payload, rs256(key)));
    await expectRefused(tessera, compact({ ...header, kid, alg: 'HS256' }, payload, hs256('')));
  });

  it('is refused under the kid of another of our keys', async ({ tessera }) => {
    const { header, payload } = await goodToken(tessera);
    const { key } = await stealSigningKey(tessera);
    const standby = tessera.keys.keyring.plan.standbys[0]?.kid;
    await expectRefused(tessera, compact({ ...header, kid: standby }, payload, rs256(key)));
  });
});

describe('a token of a size that nobody issues', () => {
  it('is refused like any other, as far as the header section has room for it', async ({ tessera }) => {
    const { header, payload } = await goodToken(tessera);
    const { key } = await stealSigningKey(tessera);
    const padded = compact({ ...header, typ: 'JWT', pad: 'x'.repeat(5000) }, payload, rs256(key));
    await expectRefused(tessera, padded);
    await expectRefused(tessera, 'A'.repeat(12_000));
    await expectRefused(tessera, `${'A.'.repeat(6000)}A`);
  });

  it('of 100 KB is refused, too, and too large for a body', async ({ tessera }) => {
    const huge = `${encode(JSON.stringify({ alg: 'RS256', typ: 'at+jwt' }))}.${'A'.repeat(100_000)}.AAAA`;
    const roomy = supertest(createServer({ maxHeaderSize: 200_000 }, tessera.app));
    expectProblem(await roomy.get('/users/me').set('Authorization', `Bearer ${huge}`), 401);
    const observer = await tessera.addClient('tokens:introspect');
    expectOAuthError(await tessera.form('/introspect', { token: huge, ...observer }), 413, 'invalid_request');
    expect(await introspect(tessera, huge.slice(0, 16_000))).toEqual({ active: false });
  });
});
