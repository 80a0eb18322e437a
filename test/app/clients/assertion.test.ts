import { createPublicKey, randomUUID, sign as signBytes } from 'node:crypto';
import { SignJWT, UnsecuredJWT } from 'jose';
import type { Response } from 'supertest';
import { describe, expect } from 'vitest';
import { Unavailable } from '../../../src/unavailable.ts';
import { expectInvalidClient, expectOAuthError, basicHeader } from '../../support/oauth.ts';
import { addSigner, administrator, assertionType, eventsOf, newKeyPair, present, sign } from '../../support/clients.ts';
import { type Tessera, issuer, it, startTessera } from '../../support/tessera.ts';

const pair = newKeyPair('ES256', 'the-key');
const minutes = 60;
/** CLOCK_SKEW, by default. */
const skew = 30;

type Members = Record<string, unknown>;

/** Members of the assertion that make it a bad one, given the moment and the client. */
const badClaims: [what: string, claims: (now: number, id: string) => Members][] = [
  ['without exp (RFC 7523, 3, item 4)', () => ({ exp: undefined })],
  ['with exp as a text', (now) => ({ exp: String(now + 60) })],
  ['that has expired (RFC 7523, 3, item 4)', (now) => ({ exp: now - skew })],
  [
    'whose exp is unreasonably far in the future (RFC 7523, 3, item 4)',
    (now) => ({ exp: now + 5 * minutes + skew + 1 }),
  ],
  ['that never expires', () => ({ exp: 1e300 })],
  ['that does not count yet (RFC 7523, 3, item 5)', (now) => ({ nbf: now + skew + 1 })],
  ['with nbf as a text', (now) => ({ nbf: String(now) })],
  ['that was made in the future (RFC 7523, 3, item 6)', (now) => ({ iat: now + skew + 1 })],
  ['with iat as a text', (now) => ({ iat: String(now) })],
  ['without jti', () => ({ jti: undefined })],
  ['with an empty jti', () => ({ jti: '' })],
  ['with a jti that is no text', () => ({ jti: 1 })],
  ['with a jti of more than 256 characters', () => ({ jti: 'x'.repeat(257) })],
  ['without iss (RFC 7523, 3, item 1)', () => ({ iss: undefined })],
  ['without sub (RFC 7523, 3, item 2)', () => ({ sub: undefined })],
  ['whose iss is another (RFC 7523, 3, item 1)', () => ({ iss: 'https://client.example' })],
  ['whose sub is another (RFC 7523, 3, item 2)', () => ({ sub: 'cli_AAAAAAAAAAAAAAAAAAAAAA' })],
  ['whose sub is no text', (_, id) => ({ sub: [id] })],
  ['without aud (RFC 7523, 3, item 3)', () => ({ aud: undefined })],
  ['for the token endpoint, and not the issuer (RFC 7523, 3, item 3)', () => ({ aud: `${issuer}/token` })],
  ['for the issuer with a slash behind (RFC 7523, 3, item 3)', () => ({ aud: `${issuer}/` })],
  ['for another server (RFC 7523, 3, item 3)', () => ({ aud: 'https://other.example.com' })],
  ['for nobody', () => ({ aud: [] })],
  ['for this server and another, which could pass it on', () => ({ aud: [issuer, 'https://other.example.com'] })],
  ['for this server twice', () => ({ aud: [issuer, issuer] })],
];

const badHeaders: [what: string, header: Members][] = [
  ['with crit (RFC 7515, 4.1.11)', { crit: ['b64'], b64: true }],
  ['with b64 (RFC 7797, 3)', { b64: true }],
  ['with a kid that is no key of the client', { kid: 'another' }],
  ['with a kid that is a path', { kid: '../../etc/passwd' }],
  ['with a kid that is SQL', { kid: "' or 1=1 --" }],
  ['with an empty kid', { kid: '' }],
  ['with a kid that is no text', { kid: 1 }],
];

function unsigned(id: string, now: number, alg: string): string {
  const token = new UnsecuredJWT({ iss: id, sub: id, aud: issuer, exp: now + 60, jti: randomUUID() }).encode();
  return `${Buffer.from(JSON.stringify({ alg })).toString('base64url')}.${token.split('.')[1] ?? ''}.`;
}

describe('client authentication by private_key_jwt (RFC 7523)', () => {
  it.for(['RS256', 'PS256', 'ES256', 'EdDSA'] as const)(
    'takes assertions signed by %s [RFC7523-2.2] [RFC7523-5] [RFC9700-2.5] [ASVS-10.4.16]',
    async (alg, { tessera }) => {
      const own = newKeyPair(alg);
      const id = await addSigner(tessera, own);
      const reply = await present(tessera, await sign(tessera, id, own));
      expect(reply.body).toMatchObject({ token_type: 'Bearer', scope: 'profile:read orders:read' });
      expect(reply.status).toBe(200);
    },
  );

  it.for(
    [undefined, 'EdDSA', 'Ed25519'].flatMap((registered) => ['EdDSA', 'Ed25519'].map((alg) => ({ registered, alg }))),
  )(
    'takes an assertion by $alg for a key registered for $registered: they are one algorithm (RFC 9864, 2.2)',
    async ({ registered, alg }, { tessera }) => {
      const own = newKeyPair('EdDSA', 'own');
      const key = { ...own.jwk, ...(registered !== undefined && { alg: registered }) };
      const token = await administrator(tessera);
      const body = {
        client_name: 'x',
        scope: 'x',
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [key] },
      };
      const made = await tessera.bearer('post', '/clients', token).send(body).expect(201);
      const { client_id, jwks } = made.body as { client_id: string; jwks: unknown };
      expect(jwks).toEqual({ keys: [{ ...key, use: 'sig' }] });
      for (const kid of ['own', undefined])
        await present(tessera, await sign(tessera, client_id, own, { header: { alg, kid } })).expect(200);

      // One that was replaced is as good as one that was registered.
      const next = newKeyPair('EdDSA', 'next');
      const change = { jwks: { keys: [{ ...next.jwk, ...(registered !== undefined && { alg: registered }) }] } };
      await tessera.bearer('patch', `/clients/${client_id}`, token).send(change).expect(200);
      await present(tessera, await sign(tessera, client_id, next, { header: { alg } })).expect(200);
      expectInvalidClient(await present(tessera, await sign(tessera, client_id, own, { header: { alg } })));
    },
  );

  it('refuses every other name of that algorithm, another curve, and another kind of key under its name [RFC8725-3.1]', async ({
    tessera,
  }) => {
    const own = newKeyPair('EdDSA', 'own');
    const id = await addSigner(tessera, own);
    const [, claims = ''] = (await sign(tessera, id, own)).split('.');
    for (const alg of ['ed25519', 'eddsa', 'EDDSA', 'Ed448', 'Ed25519ph', 'ES256', ['Ed25519'], null]) {
      const input = `${Buffer.from(JSON.stringify({ alg, kid: 'own' })).toString('base64url')}.${claims}`;
      const signature = signBytes(null, Buffer.from(input), own.privateKey).toString('base64url');
      expectInvalidClient(await present(tessera, `${input}.${signature}`));
    }
    const other = await addSigner(tessera, newKeyPair('RS256', 'own'));
    for (const alg of ['EdDSA', 'Ed25519'])
      expectInvalidClient(await present(tessera, await sign(tessera, other, own, { header: { alg } })));
  });

  it('may name the client beside the assertion, but no other (RFC 7521, 4.2) [RFC7523-2.2]', async ({ tessera }) => {
    const id = await addSigner(tessera, pair);
    await present(tessera, await sign(tessera, id, pair), { client_id: id }).expect(200);
    const other = await addSigner(tessera, pair);
    for (const client_id of [other, 'first-party', 'unknown'])
      expectInvalidClient(await present(tessera, await sign(tessera, id, pair), { client_id }));
  });

  it('takes the issuer as the only audience of a list, any typ, and members that it does not know [RFC7523-3/aud] [RFC7523-3/other]', async ({
    tessera,
  }) => {
    const id = await addSigner(tessera, pair);
    const good = [
      { claims: { aud: [issuer] } },
      { header: { typ: 'client-authentication+jwt' } },
      {
        header: {
          typ: 'at+jwt',
          x5u: 'https://evil.example',
          jku: 'https://evil.example',
          jwk: newKeyPair('ES256').jwk,
        },
      },
      { claims: { nbf: tessera.clock(), roles: ['admin'] } },
      { claims: { iat: undefined } },
      { header: { kid: undefined } },
    ];
    for (const changes of good) await present(tessera, await sign(tessera, id, pair, changes)).expect(200);
  });

  it('allows for clocks that differ, to the second (RFC 7523, 3) [RFC7523-3/exp]', async ({ tessera }) => {
    const id = await addSigner(tessera, pair);
    const now = tessera.clock();
    const good = [{ exp: now - skew + 1 }, { exp: now + 5 * minutes + skew }, { nbf: now + skew }, { iat: now + skew }];
    for (const claims of good) await present(tessera, await sign(tessera, id, pair, { claims })).expect(200);
  });

  it.for(badClaims)(
    'refuses an assertion %s [RFC7523-3/iss-sub] [RFC7523-3/aud] [RFC7523-3/exp] [RFC7523-3/nbf-iat] [RFC7523-3.2]',
    async ([, claims], { tessera }) => {
      const id = await addSigner(tessera, pair);
      const bad = await sign(tessera, id, pair, { claims: claims(tessera.clock(), id) });
      expectInvalidClient(await present(tessera, bad, { client_id: id }));
      expectInvalidClient(await present(tessera, bad));
    },
  );

  it.for(badHeaders)('refuses an assertion %s [RFC7523-3.2]', async ([, header], { tessera }) => {
    const id = await addSigner(tessera, pair);
    const bad = await sign(tessera, id, pair, { header }).catch(() => '');
    // What jose will not sign, another does.
    const [, claims = ''] = (await sign(tessera, id, pair)).split('.');
    const odd = Buffer.from(JSON.stringify({ alg: 'ES256', kid: 'the-key', ...header })).toString('base64url');
    for (const assertion of [bad || 'x.y.z', `${odd}.${claims}.${'A'.repeat(86)}`])
      expectInvalidClient(await present(tessera, assertion, { client_id: id }));
  });

  it.for(['none', 'None', 'NONE', 'nOnE', ''])(
    'refuses alg "%s" (RFC 8725, 3.1) [RFC8725-3.1] [HOSTILE/alg-none]',
    async (alg, { tessera }) => {
      const id = await addSigner(tessera, pair);
      expectInvalidClient(await present(tessera, unsigned(id, tessera.clock(), alg)));
    },
  );

  it('refuses HS256 keyed with the public key, in whatever form (RFC 8725, 2.1) [RFC8725-2.1]', async ({ tessera }) => {
    const rsa = newKeyPair('RS256');
    const id = await addSigner(tessera, rsa);
    const publicKey = createPublicKey({ key: rsa.jwk, format: 'jwk' });
    const forms = [
      publicKey.export({ type: 'spki', format: 'pem' }),
      publicKey.export({ type: 'spki', format: 'der' }),
      JSON.stringify(rsa.jwk),
      rsa.jwk.n ?? '',
    ];
    for (const form of forms) {
      const jwt = new SignJWT({ iss: id, sub: id, aud: issuer, exp: tessera.clock() + 60, jti: randomUUID() });
      const forged = await jwt.setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(form));
      expectInvalidClient(await present(tessera, forged));
    }
  });

  it('holds a key to the algorithm that it was registered for (RFC 8725, 3.1) [RFC7523-3/signature]', async ({
    tessera,
  }) => {
    const rsa = newKeyPair('RS256');
    const id = await addSigner(tessera, { ...rsa, jwk: { ...rsa.jwk, alg: 'PS256' } });
    expectInvalidClient(await present(tessera, await sign(tessera, id, rsa)));
    await present(tessera, await sign(tessera, id, { ...rsa, alg: 'PS256' })).expect(200);
  });

  it('refuses the key of another client, a key that nobody registered, and one in the header [RFC7523-3/signature] [ASVS-9.1.3]', async ({
    tessera,
  }) => {
    const [mine, others] = [newKeyPair('ES256', 'k'), newKeyPair('ES256', 'k')];
    const id = await addSigner(tessera, mine);
    await addSigner(tessera, others);
    const strange = newKeyPair('ES256');
    for (const changes of [
      { key: others.privateKey },
      { key: strange.privateKey },
      { key: strange.privateKey, header: { jwk: strange.jwk } },
    ])
      expectInvalidClient(await present(tessera, await sign(tessera, id, mine, changes)));
  });

  it('refuses a changed signature, a changed text, and what is no JWT [RFC7523-3/other]', async ({ tessera }) => {
    const id = await addSigner(tessera, pair);
    const [header = '', claims = '', signature = ''] = (await sign(tessera, id, pair)).split('.');
    const other = (await sign(tessera, id, pair)).split('.');
    for (const assertion of [
      `${header}.${claims}.`,
      `${header}.${claims}`,
      `${header}.${claims}.${signature.slice(0, -4)}`,
      `${header}.${other[1] ?? ''}.${signature}`,
      `${header}.${claims}.${signature}.x.y`,
      `${header}.${Buffer.from('[]').toString('base64url')}.${signature}`,
      'x',
      '..',
    ])
      expectInvalidClient(await present(tessera, assertion, { client_id: id }));
    await present(tessera, `${header}.${claims}.${signature}`).expect(200);
  });
});

describe('the jti of a client assertion (RFC 7523, 3, item 7)', () => {
  it('works once [RFC7523-3/jti]', async ({ tessera }) => {
    const id = await addSigner(tessera, pair);
    const assertion = await sign(tessera, id, pair);
    await present(tessera, assertion).expect(200);
    expectInvalidClient(await present(tessera, assertion));
    const again = { claims: { jti: 'the same' } };
    await present(tessera, await sign(tessera, id, pair, again)).expect(200);
    expectInvalidClient(await present(tessera, await sign(tessera, id, pair, again)));
  });

  it('works once of twenty at the same moment, and at no other endpoint then [RFC7523-3/jti]', async ({ tessera }) => {
    const id = await addSigner(tessera, pair);
    const assertion = await sign(tessera, id, pair);
    const replies = await Promise.all(Array.from({ length: 20 }, () => present(tessera, assertion)));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const loser of replies.filter(({ status }) => status !== 200)) expectInvalidClient(loser);
    const form = { token: 'x', client_assertion: assertion, client_assertion_type: assertionType };
    for (const path of ['/introspect', '/revoke']) expectInvalidClient(await tessera.form(path, form));
  });

  it('works once for as long as the assertion could, whatever clock looks at it [RFC7523-3/jti]', async () => {
    const tessera = await startTessera();
    const id = await addSigner(tessera, pair);
    const assertion = await sign(tessera, id, pair, { claims: { exp: tessera.clock() + 5 * minutes } });
    await present(tessera, assertion).expect(200);
    for (let second = 0; second < 5 * minutes + 2 * skew; second += 15) {
      tessera.clock.advance(15);
      expectInvalidClient(await present(tessera, assertion));
      // Others come and go meanwhile.
      await present(tessera, await sign(tessera, id, pair)).expect(200);
    }
  });

  it('must be on record before the client may go on: 503 when it cannot be', async () => {
    const tessera = await startTessera({}, ({ stores }) => ({
      stores: {
        ...stores,
        clients: { ...stores.clients, useAssertion: () => Promise.reject(new Unavailable('locked')) },
      },
    }));
    const id = await addSigner(tessera, pair);
    const reply = await present(tessera, await sign(tessera, id, pair));
    expectOAuthError(reply, 503, 'temporarily_unavailable');
  });

  it('is not used up by whoever cannot sign, nor for another client', async ({ tessera }) => {
    const [id, other] = [await addSigner(tessera, pair), await addSigner(tessera, pair)];
    const claims = { jti: randomUUID() };
    const forged = await sign(tessera, id, pair, { claims, key: newKeyPair('ES256').privateKey });
    expectInvalidClient(await present(tessera, forged));
    await present(tessera, await sign(tessera, other, pair, { claims })).expect(200);
    await present(tessera, await sign(tessera, id, pair, { claims })).expect(200);
  });
});

describe('one method of client authentication (RFC 6749, 2.3)', () => {
  it('refuses an assertion beside another credential, even when both are right [RFC6749-2.3]', async ({ tessera }) => {
    const id = await addSigner(tessera, pair);
    const assertion = await sign(tessera, id, pair);
    const withSecret = await present(tessera, assertion, { client_id: id, client_secret: 'x' });
    expectOAuthError(withSecret, 400, 'invalid_request');
    const withBasic = await present(tessera, assertion).set('Authorization', basicHeader(`${id}:`));
    expectOAuthError(withBasic, 400, 'invalid_request');
    const typeAlone = tessera.form('/token', {
      grant_type: 'client_credentials',
      client_assertion_type: assertionType,
    });
    expectOAuthError(await typeAlone.set('Authorization', basicHeader(`${id}:x`)), 400, 'invalid_request');
    await present(tessera, assertion).expect(200);
  });

  it('needs an assertion and its type together (RFC 7521, 4.2) [RFC7523-2.2]', async ({ tessera }) => {
    const id = await addSigner(tessera, pair);
    const client_assertion = await sign(tessera, id, pair);
    for (const half of [{ client_assertion }, { client_assertion_type: assertionType, client_id: id }])
      expectOAuthError(
        await tessera.form('/token', { grant_type: 'client_credentials', ...half }),
        400,
        'invalid_request',
      );
  });

  it('refuses another type of assertion: invalid_client (RFC 6749, 5.2; RFC 7521, 4.2.1) [RFC7523-3.2]', async ({
    tessera,
  }) => {
    const id = await addSigner(tessera, pair);
    const assertion = await sign(tessera, id, pair);
    for (const client_assertion_type of [
      'urn:ietf:params:oauth:client-assertion-type:saml2-bearer',
      assertionType.toUpperCase(),
      'jwt-bearer',
    ])
      expectInvalidClient(await present(tessera, assertion, { client_assertion_type }));
  });

  it('holds a client to the method that it is registered for [RFC9700-2.5] [ASVS-10.4.16]', async ({ tessera }) => {
    const id = await addSigner(tessera, pair);
    const { client_id, client_secret } = await tessera.addClient('orders:read');
    const open = { authMethod: 'none', grantTypes: ['password'] } as const;
    const publicId = (await tessera.addClient('orders:read', open)).client_id;
    const grant = { grant_type: 'client_credentials' };
    const refused = [
      tessera.form('/token', { ...grant, client_id: id, client_secret }),
      tessera.form('/token', { ...grant, client_id: id }),
      tessera.form('/token', { ...grant, client_id }),
      tessera.form('/token', { ...grant, client_id: publicId, client_secret }),
      present(tessera, await sign(tessera, client_id, pair)),
      present(tessera, await sign(tessera, publicId, pair)),
      present(tessera, await sign(tessera, 'first-party', pair)),
      present(tessera, await sign(tessera, 'unknown', pair)),
    ];
    for (const reply of await Promise.all(refused)) expectInvalidClient(reply);
  });
});

describe('a client that fails to authenticate', () => {
  it('leaves an event with its id and the address; one that is unknown, an event without', async () => {
    const tessera = await startTessera();
    const id = await addSigner(tessera, pair);
    const assertion = await sign(tessera, id, pair, { claims: { aud: 'x' } });
    expectInvalidClient(await present(tessera, assertion));
    expectInvalidClient(await present(tessera, await sign(tessera, 'unknown', pair)));
    expectInvalidClient(await tessera.form('/token', { grant_type: 'password', client_id: 'x', client_secret: 'y' }));

    const [registered, refused, ...more] = await eventsOf(tessera, id);
    expect(registered).toMatchObject({ type: 'client.registered' });
    const expected = { type: 'client.refused', actor: { kind: 'anonymous' }, address: '127.0.0.1', reason: null };
    expect(refused).toMatchObject({ ...expected, subject: id, at: tessera.clock(), detail: 'assertion: aud' });
    expect(more).toEqual([]);
    const all = await refusals(tessera);
    expect(all.map(({ subject }) => subject)).toEqual([null, null, id]);
    expect(JSON.stringify(all)).not.toContain(assertion.slice(0, 20));
  });

  it('leaves in it which check failed, for operators alone: all are answered alike', async () => {
    const tessera = await startTessera();
    const id = await addSigner(tessera, pair);
    const withSecret = await tessera.addClient('orders:read');
    const open = { authMethod: 'none', grantTypes: ['password'] } as const;
    const publicId = (await tessera.addClient('orders:read', open)).client_id;
    const now = tessera.clock();
    const used = await sign(tessera, id, pair);
    await present(tessera, used).expect(200);
    const bad = async (claims: Record<string, unknown>) => present(tessera, await sign(tessera, id, pair, { claims }));
    const ask = (fields: Record<string, string>) =>
      tessera.form('/token', { grant_type: 'client_credentials', ...fields });
    const strange = newKeyPair('ES256');
    const failures: Record<string, () => PromiseLike<Response>> = {
      'no such client': () => ask({ client_id: 'cli_x', client_secret: 'y' }),
      'wrong secret': () => ask({ ...withSecret, client_secret: 'wrong' }),
      'no credentials': () => ask({ client_id: withSecret.client_id }),
      'secret, and another method is registered': () => ask({ client_id: publicId, client_secret: 'x' }),
      'assertion, and another method is registered': async () =>
        present(tessera, await sign(tessera, withSecret.client_id, pair)),
      'malformed Authorization header': () => ask({}).set('Authorization', 'Digest x'),
      'unknown client_assertion_type': () => present(tessera, used, { client_assertion_type: 'jwt-bearer' }),
      'assertion without a subject': () => present(tessera, 'x.y.z'),
      'assertion of another client than client_id': () => present(tessera, used, { client_id: publicId }),
      'assertion: header': async () => present(tessera, unsigned(id, now, 'none')),
      'assertion: iss': () => bad({ iss: 'x' }),
      'assertion: aud': () => bad({ aud: 'x' }),
      'assertion: exp': () => bad({ exp: now - 3600 }),
      'assertion: nbf': () => bad({ nbf: now + 3600 }),
      'assertion: iat': () => bad({ iat: now + 3600 }),
      'assertion: jti': () => bad({ jti: undefined }),
      'assertion: no such key': async () => present(tessera, await sign(tessera, id, pair, { header: { kid: 'x' } })),
      'assertion: signature': async () => present(tessera, await sign(tessera, id, pair, { key: strange.privateKey })),
      'assertion: used before': () => present(tessera, used),
    };
    const bodies = new Set<string>();
    for (const fail of Object.values(failures)) {
      const reply = await fail();
      expectInvalidClient(reply);
      bodies.add(reply.text);
    }
    expect(bodies.size).toBe(1);
    const page = { before: null, limit: 100, types: ['client.refused'] as const };
    const told = ((await tessera.database.audit.listEvents(page)) ?? []).map(({ detail }) => detail);
    expect(told.reverse()).toEqual(Object.keys(failures));
  });

  it('leaves none when the request was malformed, or it did not fail', async () => {
    const tessera = await startTessera();
    const id = await addSigner(tessera, pair);
    await present(tessera, await sign(tessera, id, pair)).expect(200);
    await tessera.form('/token', { grant_type: 'password', client_secret: 'y' }).expect(400);
    expect(await refusals(tessera)).toEqual([]);
  });
});

async function refusals(tessera: Tessera) {
  return (await tessera.database.audit.listEvents({ before: null, limit: 10, types: ['client.refused'] })) ?? [];
}
