import { decodeJwt } from 'jose';
import { describe, expect } from 'vitest';
import { forUsers, tokenOf } from '../../support/clients.ts';
import { expectOAuthError, introspect, rotate, signIn } from '../../support/oauth.ts';
import { type Tessera, issuer, it, startTessera } from '../../support/tessera.ts';

const [orders, billing] = ['https://orders.example.com', 'urn:example:billing'];

function ask(tessera: Tessera, fields: Record<string, string>) {
  return tessera.form('/token', { grant_type: 'client_credentials', ...fields });
}

/** What our own API says to the token; 403 means that it takes it for one of its own. */
async function atOwnApi(tessera: Tessera, token: string): Promise<number> {
  return (await tessera.bearer('get', '/users/me', token)).status;
}

describe('the resource that a token is for (RFC 8707)', () => {
  it('is the one that was asked for, one for each token (RFC 8707, 2.2) [RFC8707-2.2/audience] [RFC9700-2.3] [ASVS-9.2.4]', async ({
    tessera,
  }) => {
    const client = await tessera.addClient('orders:read', { audiences: [orders, billing] });
    for (const resource of [orders, billing])
      expect(decodeJwt(await tokenOf(tessera, { ...client, resource })).aud).toBe(resource);
    const twice = `resource=${encodeURIComponent(orders)}&resource=${encodeURIComponent(billing)}`;
    const body = `grant_type=client_credentials&${new URLSearchParams(client).toString()}&${twice}`;
    expectOAuthError(await tessera.request.post('/token').type('form').send(body), 400, 'invalid_target');
  });

  it('is one alone: several are invalid_target, for every grant, and there alone (RFC 8707, 2)', async ({
    tessera,
  }) => {
    const client = await tessera.addClient('orders:read', { audiences: [orders, billing] });
    const named = `resource=${encodeURIComponent(orders)}`;
    const post = (path: string, body: string) => tessera.request.post(path).type('form').send(body);
    const forms = [
      new URLSearchParams({ grant_type: 'client_credentials', ...client }).toString(),
      'grant_type=password&username=nobody&password=correct+horse+battery',
      `grant_type=refresh_token&refresh_token=trt_${'A'.repeat(43)}`,
      'grant_type=nonsense',
    ];
    for (const form of forms)
      for (const several of [
        `${named}&${named}`,
        `${named}&resource=urn:x`,
        `resource=&${named}`,
        `${named}&%72esource=x`,
      ]) {
        const reply = await post('/token', `${form}&${several}`);
        expectOAuthError(reply, 400, 'invalid_target');
        expect(reply.body).toMatchObject({ error_description: 'A token is for one resource.' });
      }
    for (const path of ['/revoke', '/introspect'])
      expectOAuthError(await post(path, `token=x&${named}&${named}`), 400, 'invalid_request');
  });

  it('is the first that is registered where none was asked for, and the server itself where none is [RFC8707-2/default] [RFC9068-3]', async ({
    tessera,
  }) => {
    const client = await tessera.addClient('orders:read', { audiences: [billing, orders] });
    expect(decodeJwt(await tokenOf(tessera, client)).aud).toBe(billing);
    expect(decodeJwt(await tokenOf(tessera, await tessera.addClient('orders:read'))).aud).toBe(issuer);
  });

  it('is refused when the client was not registered for it: invalid_target (RFC 8707, 2) [RFC8707-2/uri] [RFC8707-2/invalid-target] [ASVS-9.2.4]', async ({
    tessera,
  }) => {
    const client = await tessera.addClient('orders:read', { audiences: [orders] });
    for (const resource of [billing, issuer, `${orders}/`, `${orders}#x`, 'HTTPS://orders.example.com', '/', 'x y'])
      expectOAuthError(await ask(tessera, { ...client, resource }), 400, 'invalid_target');
    const own = await tessera.addClient('orders:read');
    expectOAuthError(await ask(tessera, { ...own, resource: orders }), 400, 'invalid_target');
    await ask(tessera, { ...own, resource: issuer }).expect(200);
  });

  it('is checked for users as well, and kept by refresh (RFC 8707, 2.2) [RFC8707-2.2/refresh] [RFC9700-4.14.2/binding]', async ({
    tessera,
  }) => {
    const client = await tessera.addClient('profile:read', { ...forUsers, audiences: [issuer, orders] });
    const { username, tokens } = await signIn(tessera, { client, resource: orders });
    expect(decodeJwt(tokens.access_token).aud).toBe(orders);
    expect(decodeJwt((await rotate(tessera, tokens.refresh_token, client)).access_token).aud).toBe(orders);
    const form = { grant_type: 'password', username, password: 'correct horse battery', resource: billing };
    expectOAuthError(await tessera.form('/token', { ...form, ...client }), 400, 'invalid_target');
    expectOAuthError(await tessera.form('/token', form), 400, 'invalid_target');
  });
});

describe('a token for another API', () => {
  it('is refused by this one, whatever its scope (RFC 9068, 4) [RFC8707-3] [RFC9700-4.9.1] [ASVS-10.3.1]', async ({
    tessera,
  }) => {
    const client = await tessera.addClient('clients:manage profile:read', { ...forUsers, audiences: [orders, issuer] });
    const foreign = await tokenOf(tessera, { ...client, resource: orders });
    for (const path of ['/clients', '/users/me']) {
      const reply = await tessera.bearer('get', path, foreign);
      expect(reply.status).toBe(401);
      expect(reply.headers['www-authenticate']).toContain('error="invalid_token"');
    }
    await tessera.bearer('get', '/clients', await tokenOf(tessera, { ...client, resource: issuer })).expect(200);
    const { tokens } = await signIn(tessera, { client, resource: orders });
    expect(await atOwnApi(tessera, tokens.access_token)).toBe(401);
    const asBearer = tessera.form('/introspect', { token: foreign }).set('Authorization', `Bearer ${foreign}`);
    expectOAuthError(await asBearer, 401, 'invalid_token');
  });

  it('is active in the eyes of introspection, which says whom it is for (RFC 7662, 2.2)', async ({ tessera }) => {
    const client = await tessera.addClient('orders:read', { audiences: [orders] });
    const token = await tokenOf(tessera, client);
    expect(await introspect(tessera, token)).toMatchObject({ active: true, aud: orders });
  });

  it('can be revoked like any other (RFC 7009, 2.1)', async ({ tessera }) => {
    const client = await tessera.addClient('profile:read', { ...forUsers, audiences: [orders] });
    const { tokens } = await signIn(tessera, { client });
    for (const token of [await tokenOf(tessera, client), tokens.access_token]) {
      await tessera.form('/revoke', { token, ...client }).expect(200);
      expect(await introspect(tessera, token)).toEqual({ active: false });
    }
  });

  it('is told from one for this API by AUDIENCE, which need not be the issuer', async () => {
    const tessera = await startTessera({ AUDIENCE: 'our-api' });
    const client = await tessera.addClient('orders:read', { audiences: [issuer, 'our-api'] });
    expect(await atOwnApi(tessera, await tokenOf(tessera, client))).toBe(401);
    expect(await atOwnApi(tessera, await tokenOf(tessera, { ...client, resource: 'our-api' }))).toBe(403);
    const other = await tessera.addClient('orders:read');
    expect(await atOwnApi(tessera, await tokenOf(tessera, other))).toBe(403);
  });
});
