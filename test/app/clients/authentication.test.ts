import type { Response } from 'supertest';
import { describe, expect } from 'vitest';
import { hashSecret } from '../../../src/secret.ts';
import { addSigner, assertionType, newKeyPair, present, sign, tokenOf } from '../../support/clients.ts';
import {
  type Credentials,
  basic,
  basicHeader,
  expectInvalidClient,
  expectOAuthError,
  introspect,
  refresh,
  signIn,
} from '../../support/oauth.ts';
import { aClient, aSecret, occasion } from '../../support/records.ts';
import { type Tessera, type Tokens, it, password, startTessera } from '../../support/tessera.ts';

/** Asks for a token of the client itself. */
function ask(tessera: Tessera, authorization: string | undefined, fields: Record<string, string> = {}) {
  const request = tessera.request.post('/token').type('form');
  if (authorization !== undefined) request.set('Authorization', authorization);
  return request.send({ grant_type: 'client_credentials', ...fields });
}

/** Registers a client whose credentials were made elsewhere. */
async function addOddClient(tessera: Tessera, { client_id, client_secret }: Credentials): Promise<void> {
  const client = aClient(client_id, { scope: 'orders:read' });
  const secret = aSecret(`sec_${client_id}`, { hash: hashSecret(client_secret) });
  await tessera.database.clients.insertClient(client, secret, occasion(tessera.clock()));
}

function visible({ status, body, headers }: Response) {
  return { status, body: body as unknown, headers: { ...headers, date: '' } };
}

describe('client authentication by HTTP Basic', () => {
  it('takes the credentials of a registered client, in whatever case the scheme is written', async ({ tessera }) => {
    const header = basic(await tessera.addClient('orders:read'));
    for (const each of [header, header.replace('Basic', 'basic'), header.replace('Basic ', 'BASIC  ')])
      await ask(tessera, each).expect(200);
  });

  it.for([
    { client_id: 'a:colon', client_secret: 'b:c:d' },
    { client_id: 'plus+percent%41', client_secret: '100% of 1+1' },
    { client_id: 'https://client.example/?a=b&c=d', client_secret: '&=;/?#[]@!$\'()*,"\\' },
    { client_id: 'naïve ☂ 𝄞', client_secret: 'пароль' },
  ])('takes odd characters form-encoded: $client_id (RFC 6749, 2.3.1)', async (credentials, { tessera }) => {
    await addOddClient(tessera, credentials);
    await ask(tessera, basic(credentials)).expect(200);
    const wrong = { ...credentials, client_secret: `${credentials.client_secret}x` };
    expectInvalidClient(await ask(tessera, basic(wrong)));
  });

  it('decodes the secret once and no more (RFC 6749, 2.3.1) [RFC6749-2.3.1/basic]', async ({ tessera }) => {
    const credentials = { client_id: 'encoded-twice', client_secret: '%2525' };
    await addOddClient(tessera, credentials);
    await ask(tessera, basicHeader('encoded-twice:%252525')).expect(200);
    for (const raw of ['%2525', '%25', '%'])
      expectInvalidClient(await ask(tessera, basicHeader(`encoded-twice:${raw}`)));
  });

  it('ends the id at the first colon, so that a secret may have some as they are (RFC 7617, 2)', async ({
    tessera,
  }) => {
    await addOddClient(tessera, { client_id: 'colons', client_secret: 'a:b:c' });
    await ask(tessera, basicHeader('colons:a:b:c')).expect(200);
  });

  it('may name the same client in the body, but no other (RFC 6749, 2.3)', async ({ tessera }) => {
    const [client, other] = [await tessera.addClient('orders:read'), await tessera.addClient('orders:read')];
    await ask(tessera, basic(client), { client_id: client.client_id }).expect(200);
    for (const client_id of [other.client_id, 'first-party', 'unknown'])
      expectOAuthError(await ask(tessera, basic(client), { client_id }), 400, 'invalid_request');
  });

  it('is refused with a challenge when the header is of another scheme or malformed (RFC 6749, 5.2) [RFC6749-5.2/invalid-client]', async ({
    tessera,
  }) => {
    const client = await tessera.addClient('orders:read');
    const good = basic(client).slice('Basic '.length);
    const malformed = [
      `Digest ${good}`,
      `Basic${good}`,
      'Basic',
      'Basic ',
      'Basic !!!',
      `Basic ${good}!`,
      `Basic ${good} ${good}`,
      `Basic ${good}, Basic ${good}`,
      basicHeader(client.client_id),
      basicHeader(`${client.client_id}:%zz`),
      basicHeader(`${client.client_id}:%ff`),
      basicHeader(Buffer.concat([Buffer.from(`${client.client_id}:`), Buffer.of(0xff, 0xfe)])),
      basicHeader(' :'),
      basicHeader(': '),
      basicHeader(`:${client.client_secret}`),
      'Basic =',
      'Basic Og==, Basic Og==',
      'Basic Og==, Bearer x',
      'Bearer x, Basic Og==',
      `Bearer x, Basic ${good}`,
      'Bearer a b',
      'Bearer "x"',
      'Bearer x,',
      'Bearerx',
      ',',
      good,
    ];
    const { client_id, client_secret } = client;
    for (const header of malformed) {
      expectInvalidClient(await ask(tessera, header));
      // It was an attempt all the same, so that the right credentials beside it are a second one.
      expectOAuthError(await ask(tessera, header, { client_id, client_secret }), 400, 'invalid_request');
    }
  });
});

describe('client authentication by parameters of the body', () => {
  it('takes the credentials of a registered client [RFC6749-2.3.1/body]', async ({ tessera }) => {
    await ask(tessera, undefined, await tessera.addClient('orders:read')).expect(200);
  });

  it('takes odd characters as any parameter', async ({ tessera }) => {
    const credentials = { client_id: 'body: é&=+', client_secret: '50% + ☂' };
    await addOddClient(tessera, credentials);
    await ask(tessera, undefined, credentials).expect(200);
  });

  it('needs client_id beside client_secret', async ({ tessera }) => {
    const { client_secret } = await tessera.addClient('orders:read');
    expectOAuthError(await ask(tessera, undefined, { client_secret }), 400, 'invalid_request');
  });
});

describe('client authentication', () => {
  it('by both methods at once is refused, even when both are right (RFC 6749, 2.3) [RFC6749-2.3]', async ({
    tessera,
  }) => {
    const client = await tessera.addClient('orders:read');
    const { client_secret } = client;
    for (const fields of [{ ...client }, { client_secret }, { ...client, client_secret: 'wrong' }])
      expectOAuthError(await ask(tessera, basic(client), fields), 400, 'invalid_request');
  });

  it('fails alike for an unknown client, a wrong secret and none, by either method (RFC 6749, 5.2) [RFC6749-5.2/invalid-client]', async ({
    tessera,
  }) => {
    const { client_id, client_secret } = await tessera.addClient('orders:read');
    const unknown = { client_id: 'cli_AAAAAAAAAAAAAAAAAAAAAA', client_secret };
    const wrong = { client_id, client_secret: client_secret.slice(0, -1) };
    const answers = [
      await ask(tessera, basic(wrong)),
      await ask(tessera, basic(unknown)),
      await ask(tessera, basic({ client_id, client_secret: '' })),
      await ask(tessera, basic({ client_id: client_id.toUpperCase(), client_secret })),
      await ask(tessera, undefined, wrong),
      await ask(tessera, undefined, unknown),
      await ask(tessera, undefined, { client_id }),
      await ask(tessera, undefined, { client_id: unknown.client_id }),
    ];
    for (const answer of answers) {
      expectInvalidClient(answer);
      expect(visible(answer)).toEqual(visible(answers[0] as Response));
    }
  });

  it('does not take what is stored for the secret', async ({ tessera }) => {
    const { client_id, client_secret } = await tessera.addClient('orders:read');
    expectInvalidClient(await ask(tessera, undefined, { client_id, client_secret: hashSecret(client_secret) }));
  });

  it('is checked before the grant, at every OAuth operation that takes it [RFC6749-3.2.1] [ASVS-10.4.10]', async ({
    tessera,
  }) => {
    const wrong = { ...(await tessera.addClient('orders:read')), client_secret: 'wrong' };
    for (const [path, fields] of [
      ['/token', { grant_type: 'password', username: 'ada', password }],
      ['/token', { grant_type: 'refresh_token', refresh_token: 'trt_x' }],
      ['/revoke', { token: 'trt_x' }],
      ['/introspect', { token: 'trt_x' }],
    ] as const) {
      expectInvalidClient(await tessera.form(path, { ...fields, ...wrong }));
      const byBasic = tessera.request.post(path).set('Authorization', basic(wrong)).type('form').send(fields);
      expectInvalidClient(await byBasic);
    }
  });
});

/** What says nothing of a client: nobody filled in a form, or a program adds a token to every request, whether it works or not. */
const sayNothing = [basicHeader(':'), 'basic  Og', '', 'Bearer', 'Bearer tat_of-yesterday', 'bearer  a.b.c=='];

describe.for(sayNothing)('the Authorization header "%s", which says nothing of a client,', (header) => {
  const post = (tessera: Tessera, path: string, fields: Record<string, string>) =>
    tessera.form(path, fields).set('Authorization', header);

  it('leaves a user of the first-party client free to sign in, refresh and sign out', async ({ tessera }) => {
    const { username } = await tessera.newUser();
    const first = await post(tessera, '/token', { grant_type: 'password', username, password }).expect(200);
    const { refresh_token } = first.body as Tokens;
    const next = await post(tessera, '/token', { grant_type: 'refresh_token', refresh_token }).expect(200);
    const token = (next.body as Tokens).refresh_token;
    await post(tessera, '/revoke', { token, client_id: 'first-party' }).expect(200);
    expectOAuthError(await refresh(tessera, token), 400, 'invalid_grant');
  });

  it('leaves what the body says of a client to be right', async ({ tessera }) => {
    const client = await tessera.addClient('orders:read');
    const { client_id, client_secret } = client;
    const service = { grant_type: 'client_credentials' };
    const { access_token } = (await post(tessera, '/token', { ...service, ...client }).expect(200)).body as Tokens;

    for (const [path, fields] of [
      ['/token', service],
      ['/revoke', { token: access_token }],
    ] as const) {
      for (const wrong of [{ client_id }, { client_id: 'unknown' }, { client_id, client_secret: 'wrong' }])
        expectInvalidClient(await post(tessera, path, { ...fields, ...wrong }));
      const twice = { ...client, client_assertion: 'x', client_assertion_type: assertionType };
      for (const odd of [{ client_secret }, twice])
        expectOAuthError(await post(tessera, path, { ...fields, ...odd }), 400, 'invalid_request');
    }
    expectOAuthError(await post(tessera, '/token', service), 400, 'unauthorized_client');
    expectOAuthError(await post(tessera, '/revoke', { token: access_token }), 400, 'invalid_grant');
    await post(tessera, '/revoke', { token: access_token, ...client }).expect(200);
    expect(await introspect(tessera, access_token)).toEqual({ active: false });
  });

  it('leaves a client to sign an assertion', async ({ tessera }) => {
    const pair = newKeyPair('ES256');
    const id = await addSigner(tessera, pair);
    const assertion = await sign(tessera, id, pair);
    await present(tessera, assertion).set('Authorization', header).expect(200);
    expectInvalidClient(await present(tessera, assertion).set('Authorization', header));
  });

  it('is no failure that is put on record or counted', async () => {
    const limited = await startTessera({ RATE_LIMITS: 'on' });
    const { username } = await limited.newUser();
    for (let tries = 0; tries < 40; tries += 1) await post(limited, '/revoke', { token: 'trt_x' }).expect(200);
    await post(limited, '/token', { grant_type: 'password', username, password }).expect(200);
    const found = (await limited.database.audit.listEvents({ before: null, limit: 100 })) ?? [];
    expect(found.filter(({ type }) => type === 'client.refused')).toEqual([]);
  });
});

describe('the Authorization header at /introspect', () => {
  it('counts as absent where it is Basic with neither id nor secret, or empty', async ({ tessera }) => {
    const { tokens } = await signIn(tessera);
    const client = await tessera.addClient('tokens:introspect');
    for (const header of [basicHeader(':'), '']) {
      const post = (fields: object) =>
        tessera.form('/introspect', { token: tokens.access_token, ...fields }).set('Authorization', header);
      expect((await post(client).expect(200)).body).toMatchObject({ active: true });
      for (const more of [{}, { client_id: client.client_id }, { ...client, client_secret: 'wrong' }])
        expectInvalidClient(await post(more));
    }
  });

  it('is a credential where it is a bearer token, whatever the body says [RFC7662-2.1/caller]', async ({ tessera }) => {
    const { tokens } = await signIn(tessera);
    const client = await tessera.addClient('tokens:introspect');
    const bearer = await tokenOf(tessera, client);
    const post = (header: string, fields: object = {}) =>
      tessera.form('/introspect', { token: tokens.access_token, ...fields }).set('Authorization', header);
    expect((await post(`Bearer ${bearer}`).expect(200)).body).toMatchObject({ active: true });
    expectOAuthError(await post(`Bearer ${bearer}`, client), 400, 'invalid_request');
    for (const header of ['Bearer', 'Bearer x', 'bearer  x', 'Bearer a b', `Bearer ${tokens.refresh_token}`])
      for (const fields of [{}, client]) expectOAuthError(await post(header, fields), 401, 'invalid_token');
  });
});

describe('the first-party client', () => {
  it('may be named, since it has no secret to give (RFC 6749, 3.2.1)', async ({ tessera }) => {
    const { username } = await tessera.newUser();
    const form = { grant_type: 'password', username, password };
    await tessera.form('/token', { ...form, client_id: 'first-party' }).expect(200);
    const named = tessera.request.post('/token').set('Authorization', basicHeader('first-party:')).type('form');
    await named.send(form).expect(200);
  });

  it('is refused with a secret, whatever it says [RFC6749-2.1]', async ({ tessera }) => {
    const { username } = await tessera.newUser();
    const form = { grant_type: 'password', username, password };
    for (const client_secret of ['x', 'first-party', hashSecret('first-party'), hashSecret('')]) {
      const credentials = { client_id: 'first-party', client_secret };
      expectInvalidClient(await tessera.form('/token', { ...form, ...credentials }));
      const byBasic = tessera.request.post('/token').set('Authorization', basic(credentials)).type('form').send(form);
      expectInvalidClient(await byBasic);
    }
  });
});
