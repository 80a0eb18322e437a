import type { Response } from 'supertest';
import { describe, expect } from 'vitest';
import { addSigner, administrator, eventsOf, newKeyPair, tokenOf } from '../../support/clients.ts';
import { expectInvalidClient, expectProblem } from '../../support/oauth.ts';
import { type Tessera, it } from '../../support/tessera.ts';

/** RFC 6750, 3.1: the challenge names what is missing, and the problem says it in words. */
function expectLacking(reply: Response, ...scopes: string[]): void {
  expectProblem(reply, 403);
  const scope = scopes.join(' ');
  expect(reply.headers['www-authenticate']).toBe(
    `Bearer realm="tessera", error="insufficient_scope", scope="${scope}"`,
  );
  expect(reply.body).toMatchObject({ detail: `This needs an access token with the scope ${scope}.` });
}

/** Somebody who may register clients, and no more. */
const registrar = (tessera: Tessera) => administrator(tessera, 'clients:manage profile:read');

const patch = (tessera: Tessera, token: string, id: string, body: object) =>
  tessera.bearer('patch', `/clients/${id}`, token).send(body);

describe('who may register clients gets hold of nothing else by it', () => {
  it('passes on what the access token has, the scopes of every user, and those of other APIs', async ({ tessera }) => {
    const token = await registrar(tessera);
    const body = { client_name: 'x', scope: 'clients:manage profile:read profile:write orders:read' };
    await tessera.bearer('post', '/clients', token).send(body).expect(201);
  });

  it('passes on no other scope of this server, whatever the account has [ASVS-10.4.11]', async ({ tessera }) => {
    const token = await registrar(tessera);
    const all = ['keys:read', 'keys:manage', 'users:read', 'users:manage', 'tokens:introspect', 'audit:read'];
    for (const scope of all) {
      const body = { client_name: 'x', scope: `orders:read ${scope}` };
      expectLacking(await tessera.bearer('post', '/clients', token).send(body), scope);
    }
    const body = { client_name: 'x', scope: `clients:manage ${all.join(' ')}` };
    expectLacking(await tessera.bearer('post', '/clients', token).send(body), ...all);
    await tessera
      .bearer('post', '/clients', await administrator(tessera))
      .send(body)
      .expect(201);
  });

  it('holds for a client as the caller, too', async ({ tessera }) => {
    const token = await tokenOf(tessera, await tessera.addClient('clients:manage'));
    const body = { client_name: 'x', scope: 'clients:manage audit:read' };
    expectLacking(await tessera.bearer('post', '/clients', token).send(body), 'audit:read');
    await tessera
      .bearer('post', '/clients', token)
      .send({ ...body, scope: 'clients:manage' })
      .expect(201);
  });

  it('adds no such scope to a client', async ({ tessera }) => {
    const token = await registrar(tessera);
    const { client_id } = await tessera.addClient('orders:read');
    await patch(tessera, token, client_id, { scope: 'orders:write clients:manage' }).expect(200);
    const wider = { scope: 'orders:write keys:manage audit:read' };
    expectLacking(await patch(tessera, token, client_id, wider), 'keys:manage', 'audit:read');
    await patch(tessera, token, client_id, { scope: 'orders:read' }).expect(200);
  });

  it('leaves the scope of a client that may do more as it is, for it might get it back', async ({ tessera }) => {
    const token = await registrar(tessera);
    const { client_id } = await tessera.addClient('users:manage orders:read');
    for (const scope of ['orders:read', 'users:manage', 'users:manage orders:write', 'orders:read users:manage'])
      expectLacking(await patch(tessera, token, client_id, { scope }), 'users:manage');
    expectLacking(await patch(tessera, token, client_id, { scope: 'keys:manage' }), 'users:manage', 'keys:manage');
    const whole = await administrator(tessera);
    await patch(tessera, whole, client_id, { scope: 'orders:read' }).expect(200);
    await patch(tessera, token, client_id, { scope: 'orders:write' }).expect(200);
  });

  it('changes nothing else of such a client either: not its name, nor for how long its tokens live', async ({
    tessera,
  }) => {
    const token = await registrar(tessera);
    const whole = await administrator(tessera);
    const { client_id } = await tessera.addClient('users:manage orders:read');
    const before = await tessera.bearer('get', `/clients/${client_id}`, whole).expect(200);
    const changes = [
      { client_name: 'renamed' },
      { access_token_lifetime: 60 },
      { scope: 'orders:read users:manage', client_name: 'renamed' },
    ];
    for (const change of changes) expectLacking(await patch(tessera, token, client_id, change), 'users:manage');
    const after = await tessera.bearer('get', `/clients/${client_id}`, whole).expect(200);
    expect(after.body).toEqual(before.body);
    await patch(tessera, whole, client_id, { client_name: 'renamed' }).expect(200);
  });

  it('takes no secret from such a client, and does not delete it', async ({ tessera }) => {
    const [token, whole] = [await registrar(tessera), await administrator(tessera)];
    const client = await tessera.addClient('users:manage audit:read orders:read');
    const path = `/clients/${client.client_id}`;
    const added = await tessera.bearer('post', `${path}/secrets`, whole).expect(201);
    const secret = `${path}/secrets/${(added.body as { id: string }).id}`;
    for (const target of [secret, path])
      expectLacking(await tessera.bearer('delete', target, token), 'users:manage', 'audit:read');
    await tokenOf(tessera, { ...client, client_secret: (added.body as { client_secret: string }).client_secret });
    expectProblem(await tessera.bearer('delete', `${path}/secrets/sec_AAAAAAAAAAAAAAAAAAAAAA`, token), 404);
    for (const target of [secret, path]) await tessera.bearer('delete', target, whole).expect(204);

    const harmless = `/clients/${(await tessera.addClient('orders:read clients:manage')).client_id}`;
    const another = await tessera.bearer('post', `${harmless}/secrets`, token).expect(201);
    const { id } = another.body as { id: string };
    for (const target of [`${harmless}/secrets/${id}`, harmless])
      await tessera.bearer('delete', target, token).expect(204);
  });

  it('plants no secret in a client that gets its scope back later', async ({ tessera }) => {
    const [token, whole] = [await registrar(tessera), await administrator(tessera)];
    const client = await tessera.addClient('users:manage orders:read');
    const path = `/clients/${client.client_id}`;
    await patch(tessera, token, client.client_id, { scope: 'orders:read' });
    const planted = (await tessera.bearer('post', `${path}/secrets`, token)).body as { client_secret?: string };
    await patch(tessera, whole, client.client_id, { scope: 'users:manage orders:read' }).expect(200);
    expect(planted.client_secret).toBeUndefined();
    const read = await tessera.bearer('get', path, whole).expect(200);
    expect((read.body as { client_secrets: object[] }).client_secrets).toHaveLength(1);
    await tokenOf(tessera, client);
  });

  it('gets no secret of a client that may do more', async ({ tessera }) => {
    const token = await registrar(tessera);
    const { client_id } = await tessera.addClient('users:manage audit:read orders:read');
    const reply = await tessera.bearer('post', `/clients/${client_id}/secrets`, token);
    expectLacking(reply, 'users:manage', 'audit:read');
    expect(reply.text).not.toContain('tcs_');
    const mine = await tessera.addClient('orders:read clients:manage');
    await tessera.bearer('post', `/clients/${mine.client_id}/secrets`, token).expect(201);
    const whole = await administrator(tessera);
    await tessera.bearer('post', `/clients/${client_id}/secrets`, whole).expect(201);
  });

  it('does not change how such a client authenticates, nor where and for whom it acts', async ({ tessera }) => {
    const token = await registrar(tessera);
    const service = (await tessera.addClient('users:manage')).client_id;
    const signer = await addSigner(tessera, newKeyPair('ES256'), { scope: 'users:manage' });
    const jwks = { keys: [newKeyPair('ES256').jwk] };
    const attempts: [id: string, change: object][] = [
      [service, { token_endpoint_auth_method: 'private_key_jwt', jwks }],
      [service, { token_endpoint_auth_method: 'client_secret_post' }],
      [service, { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'https://evil.example' }],
      [service, { token_endpoint_auth_method: 'none', grant_types: ['password'] }],
      [service, { grant_types: ['client_credentials', 'password'] }],
      [service, { audiences: ['https://evil.example'] }],
      // Letting go of the scope in the same breath is no way round.
      [service, { token_endpoint_auth_method: 'private_key_jwt', jwks, scope: 'orders:read' }],
      [signer, { jwks }],
      [signer, { jwks: null, jwks_uri: 'https://evil.example' }],
      [signer, { token_endpoint_auth_method: 'client_secret_basic', jwks: null }],
    ];
    for (const [id, change] of attempts) expectLacking(await patch(tessera, token, id, change), 'users:manage');
    const whole = await administrator(tessera);
    await patch(tessera, whole, signer, { jwks }).expect(200);
  });

  it('decides by the client as it is when the change is made', async ({ tessera }) => {
    const [token, whole] = [await registrar(tessera), await administrator(tessera)];
    for (let round = 0; round < 5; round += 1) {
      const client = await tessera.addClient('orders:read');
      const path = `/clients/${client.client_id}`;
      const [raised, added] = await Promise.all([
        tessera.bearer('patch', path, whole).send({ scope: 'users:manage' }),
        tessera.bearer('post', `${path}/secrets`, token),
      ]);
      expect(raised.status).toBe(200);
      // Whichever came first: a secret is given out before the client may do more, or not at all.
      const events = await tessera.database.audit.listEvents({ before: null, limit: 3, subject: client.client_id });
      const order = (events ?? [])
        .map(({ type }) => type)
        .reverse()
        .slice(1);
      if (added.status === 201) expect(order).toEqual(['client.secret_added', 'client.updated']);
      else expectLacking(added, 'users:manage');
    }
    expectInvalidClient(
      await tessera.form('/token', { grant_type: 'client_credentials', client_id: 'x', client_secret: 'y' }),
    );
  });

  it('decides so of a removal, too', async ({ tessera }) => {
    const [token, whole] = [await registrar(tessera), await administrator(tessera)];
    for (let round = 0; round < 5; round += 1) {
      const { client_id } = await tessera.addClient('orders:read');
      const path = `/clients/${client_id}`;
      const { id } = (await tessera.bearer('post', `${path}/secrets`, whole).expect(201)).body as { id: string };
      const raise = tessera.bearer('patch', path, whole).send({ scope: 'users:manage' });
      const remove = tessera.bearer('delete', `${path}/secrets/${id}`, token);
      // The one that is asked first goes first.
      await Promise.all(round % 2 === 0 ? [raise, remove] : [remove, raise]);
      const removed = await remove;
      const types = (await eventsOf(tessera, client_id)).slice(2).map(({ type }) => type);
      if (removed.status === 204) expect(types).toEqual(['client.secret_removed', 'client.updated']);
      else expectLacking(removed, 'users:manage');
    }
  });
});
