import { describe, expect } from 'vitest';
import { basic, expectOAuthError, introspect, matching } from '../../support/oauth.ts';
import { type Tessera, it } from '../../support/tessera.ts';

function ask(tessera: Tessera, fields: Record<string, string>) {
  return tessera.form('/token', { grant_type: 'client_credentials', ...fields });
}

describe('POST /token, client_credentials grant', () => {
  it('gives a client what it is registered for, without a refresh token (RFC 6749, 4.4.3) [RFC6749-4.4.3]', async ({
    tessera,
  }) => {
    const client = await tessera.addClient('orders:read orders:write');
    const reply = await ask(tessera, client);
    expect(reply.status).toBe(200);
    expect(reply.headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' });
    expect(reply.body).toEqual({
      access_token: matching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      token_type: 'Bearer',
      expires_in: 900,
      scope: 'orders:read orders:write',
    });
  });

  it('speaks for the client itself: sub and client_id are the same', async ({ tessera }) => {
    const client = await tessera.addClient('orders:read');
    const reply = await tessera.request
      .post('/token')
      .set('Authorization', basic(client))
      .type('form')
      .send({ grant_type: 'client_credentials' })
      .expect(200);
    const { access_token } = reply.body as { access_token: string };
    const seen = await introspect(tessera, access_token);
    expect(seen).toMatchObject({ sub: client.client_id, client_id: client.client_id });
    expect(seen).not.toHaveProperty('username');
  });

  it('narrows the scope on request, and refuses more or malformed ones (RFC 6749, 3.3) [RFC6749-5.2/invalid-scope]', async ({
    tessera,
  }) => {
    const client = await tessera.addClient('orders:read orders:write');
    const narrowed = await ask(tessera, { ...client, scope: 'orders:write' });
    expect(narrowed.body).toMatchObject({ scope: 'orders:write' });
    for (const scope of ['orders:delete', 'orders:read orders:delete', 'profile:read', 'orders:read  orders:write'])
      expectOAuthError(await ask(tessera, { ...client, scope }), 400, 'invalid_scope');
    const several = await ask(tessera, { ...client, scope: 'orders:read orders:delete profile:read' });
    expect(several.body).toMatchObject({ error_description: 'The scope has orders:delete, which cannot be granted.' });
  });

  it('is not for the first-party client, named or not: unauthorized_client (RFC 6749, 5.2) [RFC6749-4.4] [RFC6749-5.2/unauthorized-client]', async ({
    tessera,
  }) => {
    expectOAuthError(await ask(tessera, {}), 400, 'unauthorized_client');
    expectOAuthError(await ask(tessera, { client_id: 'first-party' }), 400, 'unauthorized_client');
    expectOAuthError(await ask(tessera, { scope: 'tokens:introspect' }), 400, 'unauthorized_client');
  });

  it('gives no token that opens an account, whatever its scope', async ({ tessera }) => {
    const client = await tessera.addClient('profile:read profile:write');
    const { access_token } = (await ask(tessera, client).expect(200)).body as { access_token: string };
    const answers = [
      await tessera.bearer('get', '/users/me', access_token),
      await tessera.bearer('patch', '/users/me', access_token).send({ name: 'x' }),
      await tessera.bearer('delete', '/users/me', access_token),
      await tessera
        .bearer('put', '/users/me/password', access_token)
        .send({ current_password: 'a', new_password: 'tin whistle under the stairs' }),
    ];
    for (const answer of answers) {
      expect(answer.status).toBe(403);
      expect(answer.headers['www-authenticate']).toBe('Bearer realm="tessera", error="insufficient_scope"');
    }
  });
});
