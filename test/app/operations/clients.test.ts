import { decodeJwt } from 'jose';
import { describe, expect } from 'vitest';
import type { ClientChanges } from '../../../src/clients/store.ts';
import { administrator, eventsOf, forUsers, newKeyPair, present, sign, tokenOf } from '../../support/clients.ts';
import {
  expectDead,
  expectInvalidClient,
  expectOAuthError,
  expectProblem,
  introspect,
  matching,
  refresh,
  rotate,
  signIn,
} from '../../support/oauth.ts';
import { type Tessera, issuer, it, startTessera } from '../../support/tessera.ts';

type Client = Record<string, unknown> & { client_id: string; client_secret: string };

async function register(tessera: Tessera, token: string, members: object): Promise<Client> {
  const body = { client_name: 'orders', scope: 'orders:read', ...members };
  return (await tessera.bearer('post', '/clients', token).send(body).expect(201)).body as Client;
}

/** Makes the client one that other rules have let in. */
async function asBefore(tessera: Tessera, id: string, members: ClientChanges): Promise<void> {
  const occasion = { actor: { kind: 'schedule' }, reason: null, at: tessera.clock() } as const;
  await tessera.database.clients.updateClient(id, () => members, occasion);
}

/** The client as it is shown from then on. */
function withoutSecret(client: Client): Client {
  return { ...client, client_secret: undefined } as object as Client;
}

const unknown = '/clients/cli_AAAAAAAAAAAAAAAAAAAAAA';

describe('POST /clients', () => {
  it('registers a client with a secret that works at once and is not shown again', async ({ tessera }) => {
    const token = await administrator(tessera);
    const body = { client_name: 'orders', scope: 'orders:read orders:read' };
    const reply = await tessera.bearer('post', '/clients', token).send(body);
    expect(reply.status).toBe(201);
    const { client_id, client_secret, ...shown } = reply.body as Client;
    const now = new Date(tessera.clock() * 1000).toISOString().replace('.000Z', 'Z');
    expect({ client_id, client_secret, ...shown }).toEqual({
      client_id: matching(/^cli_[\w-]{22}$/),
      client_secret: matching(/^tcs_[\w-]{43}$/),
      client_name: 'orders',
      token_endpoint_auth_method: 'client_secret_basic',
      grant_types: ['client_credentials'],
      scope: 'orders:read',
      audiences: [issuer],
      access_token_lifetime: null,
      jwks: null,
      jwks_uri: null,
      client_secrets: [{ id: matching(/^sec_[\w-]{22}$/), created_at: now, last_used_at: null }],
      created_at: now,
      updated_at: now,
    });
    expect(reply.headers).toMatchObject({ location: `/clients/${client_id}`, 'cache-control': 'no-store' });
    const read = await tessera.bearer('get', `/clients/${client_id}`, token).expect(200);
    expect(read.body).toEqual({ client_id, ...shown });
    await tokenOf(tessera, { client_id, client_secret });
  });

  it('registers clients that sign, and public ones, without a secret', async ({ tessera }) => {
    const token = await administrator(tessera);
    const pair = newKeyPair('ES256', 'k');
    const method = 'private_key_jwt';
    const jwks = { keys: [pair.jwk] };
    const signer = await register(tessera, token, { token_endpoint_auth_method: method, jwks });
    expect(signer).toMatchObject({ jwks: { keys: [{ ...pair.jwk, use: 'sig' }] }, client_secrets: [] });
    expect(signer).not.toHaveProperty('client_secret');
    await present(tessera, await sign(tessera, signer.client_id, pair)).expect(200);

    const open = { token_endpoint_auth_method: 'none', grant_types: ['password'], scope: 'profile:read' };
    const { client_id, ...app } = await register(tessera, token, open);
    expect(app).not.toHaveProperty('client_secret');
    const { tokens } = await signIn(tessera, { client: { client_id } });
    expect(await introspect(tessera, tokens.access_token)).toMatchObject({ client_id, scope: 'profile:read' });
  });

  it('names every fault by its pointer, and repeats no private key', async ({ tessera }) => {
    const token = await administrator(tessera);
    const d = newKeyPair('ES256').privateKey.export({ format: 'jwk' });
    const wrong: [members: object, pointer: string][] = [
      [{ scope: 'a  b' }, '/body/scope'],
      [{ grant_types: ['refresh_token'] }, '/body/grant_types'],
      [{ grant_types: ['implicit'] }, '/body/grant_types/0'],
      [{ token_endpoint_auth_method: 'none' }, '/body/grant_types'],
      [{ token_endpoint_auth_method: 'private_key_jwt' }, '/body/jwks'],
      [{ token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [d] } }, '/body/jwks/keys/0'],
      [{ token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'http://a.example' }, '/body/jwks_uri'],
      [{ audiences: ['urn:a', 'https://a.example/#x'] }, '/body/audiences/1'],
      [{ access_token_lifetime: 901 }, '/body/access_token_lifetime'],
      [{ access_token_lifetime: 0 }, '/body/access_token_lifetime'],
    ];
    for (const [members, pointer] of wrong) {
      const body = { client_name: 'x', scope: 'x', ...members };
      const reply = await tessera.bearer('post', '/clients', token).send(body);
      expectProblem(reply, 400, pointer);
      expect(reply.text).not.toContain(d.d);
    }
    expect(tessera.log.join('')).not.toContain(d.d);
  });

  it('takes http for a jwks_uri only on this machine, and in production nowhere', async ({ tessera }) => {
    const jwks_uri = 'http://127.0.0.1:9/jwks';
    const body = { client_name: 'x', scope: 'x', token_endpoint_auth_method: 'private_key_jwt', jwks_uri };
    await tessera
      .bearer('post', '/clients', await administrator(tessera))
      .send(body)
      .expect(201);
    const production = await startTessera({ NODE_ENV: 'production', RATE_LIMITS: 'on' });
    const token = await administrator(production);
    const reply = await production.bearer('post', '/clients', token).send(body);
    expectProblem(reply, 400, '/body/jwks_uri');
    expect(reply.text).toContain('https');
    const overTls = { ...body, jwks_uri: 'https://a.example/jwks' };
    const { client_id } = (await production.bearer('post', '/clients', token).send(overTls).expect(201)).body as Client;
    const change = production.bearer('patch', `/clients/${client_id}`, token);
    expectProblem(await change.send({ jwks_uri }), 400, '/body/jwks_uri');
  });

  it('takes no member that is not in the contract', async ({ tessera }) => {
    const token = await administrator(tessera);
    for (const more of [
      { client_id: 'cli_AAAAAAAAAAAAAAAAAAAAAA' },
      { client_secret: 'mine' },
      { client_secrets: [] },
      { created_at: '2020-01-01T00:00:00Z' },
      { __proto__: undefined, constructor: {} },
    ]) {
      const body = { client_name: 'x', scope: 'x', ...more };
      expectProblem(await tessera.bearer('post', '/clients', token).send(body), 400);
    }
  });

  it('is for callers with clients:manage (RFC 6750, 3.1) [ASVS-10.4.7]', async ({ tessera }) => {
    const token = (await signIn(tessera)).tokens.access_token;
    const narrowed = await administrator(tessera, 'users:manage keys:manage');
    const paths = [
      ['get', '/clients'],
      ['post', '/clients'],
      ['get', unknown],
      ['patch', unknown],
      ['delete', unknown],
      ['post', `${unknown}/secrets`],
      ['delete', `${unknown}/secrets/sec_AAAAAAAAAAAAAAAAAAAAAA`],
    ] as const;
    for (const [method, path] of paths) {
      const body = method === 'post' || method === 'patch' ? { client_name: 'x', scope: 'x' } : undefined;
      for (const bearer of [token, narrowed]) {
        const reply = await tessera.bearer(method, path, bearer).send(path.endsWith('/secrets') ? undefined : body);
        expectProblem(reply, 403);
        expect(reply.headers['www-authenticate']).toContain('scope="clients:manage"');
      }
      expectProblem(await tessera.request[method](path).send(body), 401);
    }
  });
});

describe('GET /clients', () => {
  it('gives all clients in the order of registration, page by page', async () => {
    const tessera = await startTessera();
    const token = await administrator(tessera);
    const ids: string[] = [];
    for (let at = 0; at < 5; at += 1) {
      ids.push((await register(tessera, token, { client_name: `c${at}` })).client_id);
      tessera.clock.advance(1);
    }
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const query = cursor === undefined ? '' : `&cursor=${cursor}`;
      const reply = await tessera.bearer('get', `/clients?limit=2${query}`, token).expect(200);
      const page = reply.body as { clients: Client[]; next_cursor?: string };
      expect(page.clients.length).toBeLessThanOrEqual(2);
      expect(reply.text).not.toContain('tcs_');
      seen.push(...page.clients.map(({ client_id }) => client_id));
      cursor = page.next_cursor;
    } while (cursor !== undefined);
    expect(seen).toEqual(ids);
  });

  it('shows a client from before there was a longest scope; nobody asks for such a one any more', async () => {
    const tessera = await startTessera();
    const token = await administrator(tessera);
    const { client_id } = await tessera.addClient('orders:read');
    const scope = `orders:read ${'x'.repeat(3000)}`;
    await asBefore(tessera, client_id, { scope });
    const page = await tessera.bearer('get', '/clients', token).expect(200);
    expect(page.body).toMatchObject({ clients: [{ client_id, scope }] });
    const path = `/clients/${client_id}`;
    for (const reply of [
      await tessera.bearer('get', path, token),
      await tessera.bearer('patch', path, token).send({ client_name: 'renamed' }),
    ]) {
      expect(reply.status).toBe(200);
      expect(reply.body).toMatchObject({ client_id, scope });
    }
    for (const members of [{ scope }, { scope: 'x'.repeat(2001) }]) {
      expectProblem(await tessera.bearer('patch', path, token).send(members), 400, '/body/scope');
      const body = { client_name: 'x', ...members };
      expectProblem(await tessera.bearer('post', '/clients', token).send(body), 400, '/body/scope');
    }
    await tessera
      .bearer('patch', path, token)
      .send({ scope: 'x'.repeat(2000) })
      .expect(200);
  });
});

describe('PATCH /clients/{clientId}', () => {
  it('changes what is given and nothing else; null removes a member', async ({ tessera }) => {
    const token = await administrator(tessera);
    const before = withoutSecret(await register(tessera, token, { access_token_lifetime: 60 }));
    tessera.clock.advance(5);
    const change = { client_name: 'renamed', audiences: ['urn:a'], access_token_lifetime: null };
    const reply = await tessera.bearer('patch', `/clients/${before.client_id}`, token).send(change).expect(200);
    const updated_at = new Date(tessera.clock() * 1000).toISOString().replace('.000Z', 'Z');
    expect(reply.body).toEqual({ ...before, ...change, updated_at });
    const events = await eventsOf(tessera, before.client_id);
    expect(events.map(({ type, detail }) => [type, detail])).toEqual([
      ['client.registered', null],
      ['client.updated', 'client_name, audiences, access_token_lifetime'],
    ]);
  });

  it('leaves no trace when nothing changes', async ({ tessera }) => {
    const token = await administrator(tessera);
    const before = withoutSecret(await register(tessera, token, {}));
    tessera.clock.advance(5);
    const same = { client_name: 'orders', scope: 'orders:read' };
    const reply = await tessera.bearer('patch', `/clients/${before.client_id}`, token).send(same).expect(200);
    expect(reply.body).toEqual(before);
    expect(await eventsOf(tessera, before.client_id)).toHaveLength(1);
  });

  it('is judged by the client that would come of it', async ({ tessera }) => {
    const token = await administrator(tessera);
    const { client_id } = await register(tessera, token, {});
    const patch = (body: object) => tessera.bearer('patch', `/clients/${client_id}`, token).send(body);
    expectProblem(await patch({ token_endpoint_auth_method: 'none' }), 400, '/body/grant_types');
    expectProblem(await patch({ token_endpoint_auth_method: 'private_key_jwt' }), 400, '/body/jwks');
    expectProblem(await patch({ jwks_uri: 'https://a.example' }), 400, '/body/jwks_uri');
    expectProblem(await patch({}), 400);
    expectProblem(await tessera.bearer('patch', unknown, token).send({ client_name: 'x' }), 404);
    expect(await eventsOf(tessera, client_id)).toHaveLength(1);
  });

  it('does not judge what it leaves as it is, though the settings are others by now', async ({ tessera }) => {
    const token = await administrator(tessera);
    const { client_id } = await tessera.addClient('orders:read');
    const past = { accessTokenLifetime: 3600, audiences: ['the-former-audience'], scope: `a ${'x'.repeat(3000)}` };
    await asBefore(tessera, client_id, past);
    const patch = (body: object) => tessera.bearer('patch', `/clients/${client_id}`, token).send(body);
    const renamed = await patch({ client_name: 'renamed' }).expect(200);
    expect(renamed.body).toMatchObject({ access_token_lifetime: 3600, audiences: past.audiences, scope: past.scope });
    expectProblem(await patch({ access_token_lifetime: 3600 }), 400, '/body/access_token_lifetime');
    expectProblem(await patch({ audiences: past.audiences }), 400, '/body/audiences/0');
    await patch({ access_token_lifetime: 900 }).expect(200);
    await patch({ audiences: ['urn:a'] }).expect(200);
    // What goes together is looked at as a whole.
    expectProblem(await patch({ token_endpoint_auth_method: 'none' }), 400, '/body/grant_types');
    expectProblem(await patch({ jwks_uri: 'https://a.example' }), 400, '/body/jwks_uri');
  });

  it('takes the secrets of a client that is to do without, which stop working at once', async ({ tessera }) => {
    const token = await administrator(tessera);
    const { client_id, client_secret } = await register(tessera, token, {});
    const pair = newKeyPair('EdDSA');
    const change = { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [pair.jwk] } };
    const reply = await tessera.bearer('patch', `/clients/${client_id}`, token).send(change).expect(200);
    expect(reply.body).toMatchObject({ client_secrets: [] });
    const form = { grant_type: 'client_credentials', client_id, client_secret };
    expectInvalidClient(await tessera.form('/token', form));
    await present(tessera, await sign(tessera, client_id, pair)).expect(200);
    const back = { token_endpoint_auth_method: 'client_secret_post', jwks: null };
    await tessera.bearer('patch', `/clients/${client_id}`, token).send(back).expect(200);
    expectInvalidClient(await tessera.form('/token', form));
    expectInvalidClient(await present(tessera, await sign(tessera, client_id, pair)));
    const types = (await eventsOf(tessera, client_id)).map(({ type }) => type);
    expect(types.slice(0, 3)).toEqual(['client.registered', 'client.updated', 'client.secret_removed']);
  });

  it('holds for the tokens from then on, by refresh as well', async ({ tessera }) => {
    const token = await administrator(tessera);
    const members = { ...forUsers, scope: 'profile:read profile:write', accessTokenLifetime: 60 };
    const client = await tessera.addClient(members.scope, members);
    const { tokens } = await signIn(tessera, { client });
    expect(tokens.expires_in).toBe(60);
    const change = { scope: 'profile:read', access_token_lifetime: 30 };
    await tessera.bearer('patch', `/clients/${client.client_id}`, token).send(change).expect(200);
    const next = await rotate(tessera, tokens.refresh_token, client);
    expect(next).toMatchObject({ scope: 'profile:read', expires_in: 30 });
    const { exp = 0, iat = 0 } = decodeJwt(next.access_token);
    expect(exp - iat).toBe(30);
    const noMore = { grant_types: ['client_credentials'] };
    await tessera.bearer('patch', `/clients/${client.client_id}`, token).send(noMore).expect(200);
    expectOAuthError(await refresh(tessera, next.refresh_token, client), 400, 'unauthorized_client');
  });
});

describe('DELETE /clients/{clientId}', () => {
  it('stops the client, its tokens and the sessions through it at once', async ({ tessera }) => {
    const token = await administrator(tessera);
    const client = await tessera.addClient('profile:read tokens:introspect', forUsers);
    const { tokens } = await signIn(tessera, { client });
    const other = await signIn(tessera);
    const own = await tokenOf(tessera, client);
    await tessera.bearer('delete', `/clients/${client.client_id}`, token).expect(204);

    for (const dead of [tokens.access_token, own]) await expectDead(tessera, dead);
    expect(await introspect(tessera, tokens.refresh_token)).toEqual({ active: false });
    expectInvalidClient(await tessera.form('/token', { grant_type: 'client_credentials', ...client }));
    expectInvalidClient(await refresh(tessera, tokens.refresh_token, client));
    const bearer = tessera.form('/introspect', { token: 'x' }).set('Authorization', `Bearer ${own}`);
    expectOAuthError(await bearer, 401, 'invalid_token');
    await tessera.bearer('get', '/users/me', other.tokens.access_token).expect(200);

    expectProblem(await tessera.bearer('get', `/clients/${client.client_id}`, token), 404);
    expectProblem(await tessera.bearer('delete', `/clients/${client.client_id}`, token), 404);
    const events = await eventsOf(tessera, client.client_id);
    expect(events.map(({ type }) => type)).toContain('client.deleted');
    const { sid, sub } = decodeJwt(tokens.access_token) as { sid: string; sub: string };
    const ended = (await eventsOf(tessera, sid)).find(({ type }) => type === 'session.ended');
    expect(ended).toMatchObject({ detail: `client deleted, of ${sub}`, actor: { kind: 'caller' } });
  });
});
