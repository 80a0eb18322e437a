import { createPublicKey } from 'node:crypto';
import { type JSONWebKeySet, createLocalJWKSet, jwtVerify } from 'jose';
import jsonwebtoken from 'jsonwebtoken';
import { describe, expect } from 'vitest';
import { decode, publishedKey } from '../../support/forgery.ts';
import { signIn, matching } from '../../support/oauth.ts';
import { type Tessera, it, startTessera } from '../../support/tessera.ts';
import { type Tokens, issuer, password } from '../../support/tessera.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

async function tokenOfClient(tessera: Tessera, scope: string) {
  const client = await tessera.addClient(scope);
  const reply = await tessera.form('/token', { grant_type: 'client_credentials', ...client }).expect(200);
  return { ...client, access_token: (reply.body as Tokens).access_token };
}

describe('an access token', () => {
  it('has exactly the header alg, typ and kid, of a key in the published set (RFC 9068, 2.1) [RFC9068-2.1]', async ({
    tessera,
  }) => {
    const { tokens } = await signIn(tessera);
    const { header } = decode(tokens.access_token);
    expect(header).toEqual({ alg: 'RS256', typ: 'at+jwt', kid: matching(/./) });
    expect(await publishedKey(tessera, header['kid'] as string)).toMatchObject({
      alg: 'RS256',
      use: 'sig',
      kty: 'RSA',
    });
  });

  it('of a user has exactly the claims of RFC 9068, 2.2, and the session [RFC6750-5.2] [RFC9068-2.2] [RFC9068-2.2.3]', async ({
    tessera,
  }) => {
    const { id, tokens } = await signIn(tessera);
    expect(decode(tokens.access_token).payload).toEqual({
      iss: issuer,
      aud: issuer,
      sub: id,
      client_id: 'first-party',
      iat: tessera.clock(),
      exp: tessera.clock() + tokens.expires_in,
      jti: matching(uuid),
      scope: 'profile:read profile:write',
      sid: matching(uuid),
    });
  });

  it('of a client has exactly the claims of RFC 9068, 2.2, and the name of its secret [RFC9068-2.2]', async ({
    tessera,
  }) => {
    const { client_id, access_token } = await tokenOfClient(tessera, 'orders:read');
    expect(decode(access_token).payload).toEqual({
      iss: issuer,
      aud: issuer,
      sub: client_id,
      client_id,
      iat: tessera.clock(),
      exp: tessera.clock() + 900,
      jti: matching(uuid),
      scope: 'orders:read',
      client_credential_id: matching(/^sec_/),
    });
  });

  it('has a jti of its own, even within one second (RFC 9068, 2.2) [RFC9068-2.2]', async ({ tessera }) => {
    const { tokens } = await signIn(tessera);
    const others = await Promise.all(Array.from({ length: 5 }, () => tokenOfClient(tessera, 'orders:read')));
    const all = [tokens, ...others].map(({ access_token }) => decode(access_token).payload['jti']);
    expect(new Set(all).size).toBe(all.length);
  });

  it('verifies by jose against the set as it is served (RFC 9068, 4) [RFC9068-4/keys]', async ({ tessera }) => {
    const { id, tokens } = await signIn(tessera);
    const served = await tessera.request.get('/.well-known/jwks.json').expect(200);
    const { payload } = await jwtVerify(tokens.access_token, createLocalJWKSet(served.body as JSONWebKeySet), {
      typ: 'at+jwt',
      algorithms: ['RS256'],
      issuer,
      audience: issuer,
      currentDate: new Date(tessera.clock() * 1000),
      requiredClaims: ['sub', 'client_id', 'iat', 'exp', 'jti', 'scope'],
    });
    expect(payload.sub).toBe(id);
  });

  it('verifies by jsonwebtoken against the set as it is served, and fails once a byte has changed', async ({
    tessera,
  }) => {
    const { id, tokens } = await signIn(tessera);
    const jwk = await publishedKey(tessera, decode(tokens.access_token).header['kid'] as string);
    const key = createPublicKey({ key: jwk, format: 'jwk' }).export({ format: 'pem', type: 'spki' });
    const verify = (token: string) =>
      jsonwebtoken.verify(token, key, {
        algorithms: ['RS256'],
        issuer,
        audience: issuer,
        clockTimestamp: tessera.clock(),
      });
    expect(verify(tokens.access_token)).toMatchObject({ sub: id, client_id: 'first-party' });
    const [header, payload, signature = ''] = tokens.access_token.split('.');
    const broken = signature.startsWith('A') ? `B${signature.slice(1)}` : `A${signature.slice(1)}`;
    expect(() => verify([header, payload, broken].join('.'))).toThrow('invalid signature');
  });

  it('names the configured issuer, whatever host the request was sent to', async ({ tessera }) => {
    const { username } = await tessera.newUser();
    const form = { grant_type: 'password', username, password };
    const request = tessera.form('/token', form).set('Host', 'evil.example').set('X-Forwarded-Host', 'evil.example');
    const { access_token } = (await request.expect(200)).body as Tokens;
    expect(decode(access_token).payload).toMatchObject({ iss: issuer, aud: issuer });
  });
});

describe('the sub of a client', () => {
  it('is never that of a user, even of one who is called like the client (RFC 9068, 5) [RFC9068-5] [RFC9700-4.15]', async ({
    tessera,
  }) => {
    const { client_id, access_token } = await tokenOfClient(tessera, 'profile:read');
    const registration = { username: client_id, password };
    const { id } = (await tessera.request.post('/users').send(registration).expect(201)).body as { id: string };
    const user = decode((await tessera.login(client_id)).access_token).payload;
    expect(user['sub']).toBe(id);
    expect(id).toMatch(/^usr_[\w-]{22}$/);
    expect(decode(access_token).payload['sub']).toMatch(/^cli_[\w-]{22}$/);
    await tessera.bearer('get', '/users/me', access_token).expect(403);
  });
});

describe('the settings of access tokens', () => {
  it('decide audience and lifetime', async () => {
    const tessera = await startTessera({ AUDIENCE: 'https://api.example.com', ACCESS_TOKEN_LIFETIME: '2s' });
    const { tokens } = await signIn(tessera);
    expect(tokens.expires_in).toBe(2);
    const { payload } = decode(tokens.access_token);
    expect(payload).toMatchObject({ iss: issuer, aud: 'https://api.example.com', exp: tessera.clock() + 2 });
    await tessera.bearer('get', '/users/me', tokens.access_token).expect(200);
    tessera.clock.advance(2);
    await tessera.bearer('get', '/users/me', tokens.access_token).expect(401);
  });
});
