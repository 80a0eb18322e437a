import { sign } from 'node:crypto';
import { describe, expect } from 'vitest';
import {
  type Members,
  compact,
  decode,
  encode,
  expectRefused,
  publishedKey,
  rs256,
  stealSigningKey,
} from '../../support/forgery.ts';
import { expectAlive, expectProblem, introspect, signIn } from '../../support/oauth.ts';
import { type Tessera, it as itOfTessera, startTessera } from '../../support/tessera.ts';
import { issuer } from '../../support/tessera.ts';

/** Signs with the server's own key what differs from a good token in one thing alone. */
async function makeSigner(tessera: Tessera) {
  const { header, payload } = decode((await signIn(tessera)).tokens.access_token);
  const { key } = await stealSigningKey(tessera);
  return {
    header,
    payload,
    key,
    withHeader: (more: Members) => compact({ ...header, ...more }, payload, rs256(key)),
    withClaims: (more: Members) => compact(header, { ...payload, ...more }, rs256(key)),
  };
}

const it = itOfTessera.extend('signer', { scope: 'file' }, ({ tessera }) => makeSigner(tessera));

describe('a token signed by the right key', () => {
  it('works, when it is in order: what the other tests rest on', async ({ tessera, signer }) => {
    await expectAlive(tessera, signer.withHeader({}));
    await expectAlive(tessera, signer.withClaims({ jti: 'another' }));
    await expectAlive(tessera, signer.withHeader({ typ: 'application/at+jwt' }));
  });

  it.for(['JWT', 'jwt', 'at', 'at+jwt2', 'refresh+jwt', 'application/jwt', 'secevent+jwt', '', undefined, null, 1])(
    'is refused with typ %j (RFC 9068, 4) [RFC8725-3.11] [RFC9068-4/checks] [ASVS-9.2.2] [HOSTILE/typ-iss]',
    async (typ, { tessera, signer }) => {
      await expectRefused(tessera, signer.withHeader({ typ }));
    },
  );

  it.for([
    'https://other.example.com',
    `${issuer}/`,
    issuer.toUpperCase(),
    issuer.replace('https', 'http'),
    `${issuer}.evil.example`,
    '',
    null,
    undefined,
    [issuer],
  ])(
    'is refused with iss %j (RFC 9068, 4) [RFC8725-3.8] [RFC9068-4/checks] [HOSTILE/typ-iss]',
    async (iss, { tessera, signer }) => {
      await expectRefused(tessera, signer.withClaims({ iss }));
    },
  );

  it.for([null, undefined, 1, [], [issuer], ['https://api.other.example', issuer], {}])(
    'is refused with aud %j (RFC 9068, 4)',
    async (aud, { tessera, signer }) => {
      await expectRefused(tessera, signer.withClaims({ aud }));
    },
  );

  it.for(['https://api.other.example', `${issuer}/`, issuer.toUpperCase()])(
    'is refused here when it is for somebody else, who may ask about it: aud %j (RFC 9068, 4; RFC 7662, 2.2) [RFC6750-5.2] [RFC8725-3.9] [ASVS-9.2.3] [HOSTILE/aud]',
    async (aud, { tessera, signer }) => {
      const token = signer.withClaims({ aud });
      expectProblem(await tessera.bearer('get', '/users/me', token), 401);
      expect(await introspect(tessera, token)).toMatchObject({ active: true, aud });
    },
  );

  it.for(['sub', 'client_id', 'iat', 'exp', 'jti', 'scope', 'iss', 'aud'])(
    'is refused without %s (RFC 9068, 2.2) [RFC9068-4/checks]',
    async (claim, { tessera, signer }) => {
      await expectRefused(tessera, signer.withClaims({ [claim]: undefined }));
    },
  );

  it('works until the second before exp, and is refused from exp on (RFC 7519, 4.1.4) [RFC9068-4/checks] [ASVS-9.2.1] [HOSTILE/expired]', async ({
    tessera,
    signer,
  }) => {
    const now = tessera.clock();
    await expectAlive(tessera, signer.withClaims({ exp: now + 1 }));
    await expectRefused(tessera, signer.withClaims({ exp: now }), 'The access token has expired.');
    await expectRefused(tessera, signer.withClaims({ exp: now - 1 }), 'The access token has expired.');
  });

  it.for(['4000000000', 'never', true, [4_000_000_000], {}])(
    'is refused with exp %j (RFC 7519, 4.1.4)',
    async (exp, { tessera, signer }) => {
      await expectRefused(tessera, signer.withClaims({ exp }));
    },
  );

  it('is refused before nbf (RFC 7519, 4.1.5) [RFC7662-4/checks] [ASVS-9.2.1]', async ({ tessera, signer }) => {
    const token = signer.withClaims({ nbf: tessera.clock() + 1 });
    await expectRefused(tessera, token);
    tessera.clock.advance(1);
    await expectAlive(tessera, token);
  });

  it.for([
    { crit: ['exp'] },
    { crit: ['exp'], exp: 4_000_000_000 },
    { crit: ['urn:example:unknown'], 'urn:example:unknown': true },
    { crit: [] },
    { crit: 'exp' },
    { crit: null },
    { crit: {} },
    { crit: ['b64'], b64: false },
    { crit: ['b64'], b64: 'false' },
    { crit: ['alg'] },
  ])(
    'is refused with the header members %j (RFC 7515, 4.1.11) [HOSTILE/crit-b64]',
    async (members, { tessera, signer }) => {
      await expectRefused(tessera, signer.withHeader(members));
    },
  );

  it('is refused when its payload is not base64url: b64 false (RFC 7519, 7797, 7) [HOSTILE/crit-b64]', async ({
    tessera,
    signer,
  }) => {
    const { header, payload, key } = signer;
    const sign = rs256(key);
    for (const members of [{ b64: false }, { b64: false, crit: ['b64'] }]) {
      const head = encode(JSON.stringify({ ...header, ...members }));
      const body = JSON.stringify(payload);
      const detached = sign(`${head}.${body}`).toString('base64url');
      await expectRefused(tessera, `${head}.${encode(body)}.${detached}`);
      await expectRefused(tessera, `${head}..${detached}`);
    }
  });

  it.for(['', 'null', '[]', '"text"', '1', '{', '{"sub":'])(
    'is refused when its payload is %s (RFC 7519, 7.2)',
    async (payload, { tessera, signer }) => {
      const { header, key } = signer;
      await expectRefused(tessera, compact(header, payload, rs256(key)));
    },
  );

  it('is refused when it names a session, a user or a client that is not behind it [RFC8725-3.8]', async ({
    tessera,
    signer,
  }) => {
    const other = decode((await signIn(tessera)).tokens.access_token).payload;
    const client = await tessera.addClient('profile:read');
    const wrong: Members[] = [
      { sub: other['sub'] },
      { sid: other['sid'] },
      { sid: '' },
      { sid: undefined },
      { sid: undefined, client_id: client.client_id },
      { sid: undefined, sub: client.client_id },
      { sid: undefined, sub: 'cli_unknown', client_id: 'cli_unknown' },
      { sub: client.client_id, client_id: client.client_id },
    ];
    for (const claims of wrong) await expectRefused(tessera, signer.withClaims(claims));
  });
});

describe('a request without a token that could be looked at', () => {
  it('is challenged without a reason when it has no credentials at all (RFC 6750, 3.1) [RFC6750-3/no-credentials]', async ({
    tessera,
  }) => {
    const { tokens } = await signIn(tessera);
    const answers = [
      await tessera.request.get('/users/me'),
      await tessera.request.get(`/users/me`).set('Authorization', `Basic ${tokens.access_token}`),
    ];
    for (const answer of answers) {
      expect(answer.status).toBe(401);
      expect(answer.headers['www-authenticate']).toBe('Bearer realm="tessera"');
    }
  });

  it('is refused with a token anywhere but in the header Authorization (RFC 9700, 4.3.2) [RFC9700-4.3.2]', async ({
    tessera,
  }) => {
    const { tokens } = await signIn(tessera);
    const { access_token } = tokens;
    await tessera.request.get(`/users/me?access_token=${access_token}`).expect(401);
    await tessera.request.get('/users/me').set('Cookie', `access_token=${access_token}`).expect(401);
    await tessera.request.patch('/users/me').send({ name: 'x', access_token }).expect(401);
  });
});

describe('a token signed on the curve Ed25519', () => {
  it('works by either name of the algorithm (RFC 9864, 2.2), while EdDSA is what is issued and published', async () => {
    const tessera = await startTessera({ KEY_ALGORITHM: 'Ed25519' });
    const { header, payload } = decode((await signIn(tessera)).tokens.access_token);
    const { kid, key } = await stealSigningKey(tessera);
    expect(header).toMatchObject({ alg: 'EdDSA', kid });
    expect(await publishedKey(tessera, kid)).toMatchObject({ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA' });
    const named = (alg: unknown) =>
      compact({ ...header, alg }, payload, (input) => sign(null, Buffer.from(input), key));
    for (const alg of ['EdDSA', 'Ed25519']) await expectAlive(tessera, named(alg));
    for (const alg of ['ed25519', 'eddsa', 'Ed448', 'ES256', 'RS256', ['Ed25519'], null])
      await expectRefused(tessera, named(alg));
  });

  it('does not work in the name of a key for another algorithm [RFC8725-3.1]', async ({ tessera, signer }) => {
    for (const alg of ['EdDSA', 'Ed25519']) await expectRefused(tessera, signer.withHeader({ alg }));
  });
});
