import type { Response } from 'supertest';
import { describe, expect } from 'vitest';
import { hashSecret } from '../../../src/secret.ts';
import { type Credentials, basic, basicHeader, expectInvalidClient, expectOAuthError } from '../../support/oauth.ts';
import { aClient, aSecret, occasion } from '../../support/records.ts';
import { type Tessera, it } from '../../support/tessera.ts';
import { password } from '../../support/tessera.ts';

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
      `Bearer ${good}`,
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
      basicHeader(':'),
      basicHeader(`:${client.client_secret}`),
      good,
    ];
    for (const header of malformed) expectInvalidClient(await ask(tessera, header));
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
