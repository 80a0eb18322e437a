import type { Response } from 'supertest';
import { describe, expect } from 'vitest';
import { readConfig } from '../../../src/config/config.ts';
import { Keyring } from '../../../src/keys/keyring/keyring.ts';
import { connectTo } from '../../support/database.ts';
import { compact, unsigned } from '../../support/forgery.ts';
import { basic, expectProblem, signIn } from '../../support/oauth.ts';
import { isPostgres } from '../../support/place.ts';
import { type Tessera, it, startTessera } from '../../support/tessera.ts';
import { issuer, password } from '../../support/tessera.ts';

/** One request for each operation that needs the database, with credentials that are in order. */
async function requests(tessera: Tessera) {
  const { username, tokens } = await signIn(tessera);
  const client = await tessera.addClient('tokens:introspect');
  const { access_token, refresh_token } = tokens;
  const bearer = (method: 'get' | 'patch' | 'put' | 'delete', path: string) =>
    tessera.bearer(method, path, access_token);
  return {
    oauth: [
      () => tessera.form('/token', { grant_type: 'password', username, password }),
      () => tessera.form('/token', { grant_type: 'refresh_token', refresh_token }),
      () => tessera.form('/token', { grant_type: 'client_credentials', ...client }),
      () => tessera.form('/revoke', { token: access_token }),
      () => tessera.form('/revoke', { token: refresh_token }),
      () => tessera.form('/introspect', { token: access_token, ...client }),
      () => tessera.form('/introspect', { token: access_token }).set('Authorization', basic(client)),
      () => tessera.form('/introspect', { token: access_token }).set('Authorization', `Bearer ${access_token}`),
    ],
    problem: [
      () => tessera.request.post('/users').send({ username: 'newcomer', password }),
      () => bearer('get', '/users/me'),
      () => bearer('patch', '/users/me').send({ name: 'x' }),
      () => bearer('put', '/users/me/password').send({ current_password: password, new_password: 'tin whistle 77' }),
      () => bearer('delete', '/users/me'),
    ],
  };
}

/** A fault of the server, in the shape of the operation, that tells nothing but the number of the request. */
function expectFault(tessera: Tessera, reply: Response, family: 'oauth' | 'problem'): void {
  const statuses = family === 'oauth' ? { server_error: 500, temporarily_unavailable: 503 } : {};
  if (family === 'oauth') {
    const { error, error_description, ...rest } = reply.body as { error: string; error_description: string };
    expect(statuses).toHaveProperty(error, reply.status);
    expect(error_description).toMatch(/^Request [0-9a-f-]{36} failed\.( Try again later\.)?$/);
    expect(rest).toEqual({});
    expect(reply.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' });
  } else {
    expect([500, 503]).toContain(reply.status);
    expectProblem(reply, reply.status);
    expect(Object.keys(reply.body as object).toSorted()).toEqual(['request_id', 'status', 'title', 'type']);
  }
  expect(reply.headers['retry-after'] !== undefined).toBe(reply.status === 503);
  expect(reply.headers).not.toHaveProperty('www-authenticate');
  const requestId = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(reply.text)?.[0] ?? 'none';
  expect(tessera.log.filter((line) => line.includes(requestId))).toHaveLength(1);
}

async function expectNotReady(tessera: Tessera): Promise<void> {
  const reply = await tessera.request.get('/readyz');
  expectProblem(reply, 503);
  expect(reply.headers['retry-after']).toMatch(/^[1-9][0-9]*$/);
  expect(reply.text).not.toMatch(/sql|select|table|driver|destroyed|keyring|\/tmp|\.ts|node_modules/i);
  const live = await tessera.request.get('/livez');
  expect(live.status).toBe(200);
}

describe('GET /livez and /readyz', () => {
  it('answer 200, not to be cached, while all is well', async ({ tessera }) => {
    for (const [path, status] of [
      ['/livez', 'live'],
      ['/readyz', 'ready'],
    ] as const) {
      const reply = await tessera.request.get(path);
      expect(reply.status).toBe(200);
      expect(reply.body).toEqual({ status });
      expect(reply.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' });
    }
  });
});

describe('while the database is closed', () => {
  it('the server is live and not ready', async () => {
    const tessera = await startTessera();
    await tessera.database.close();
    await expectNotReady(tessera);
  });

  it('operations fail in the shape of their family and tell nothing (RFC 6749, 5.2; RFC 9457)', async () => {
    const tessera = await startTessera();
    const { oauth, problem } = await requests(tessera);
    await tessera.database.close();
    for (const request of oauth) expectFault(tessera, await request(), 'oauth');
    for (const request of problem) expectFault(tessera, await request(), 'problem');
  });

  it('the keys and the contract are still there', async () => {
    const tessera = await startTessera();
    await tessera.database.close();
    for (const path of ['/.well-known/jwks.json', '/.well-known/oauth-authorization-server', '/openapi.json'])
      await tessera.request.get(path).expect(200);
  });

  it('what needs no database is refused as ever: 401 without a token, 400 for a bad request', async () => {
    const tessera = await startTessera();
    await tessera.database.close();
    await tessera.request.get('/users/me').expect(401);
    await tessera.bearer('get', '/users/me', 'x').expect(401);
    await tessera.form('/token', { grant_type: 'x' }).expect(400);
    await tessera.request.post('/users').send({}).expect(400);
  });
});

describe('while the database is broken', () => {
  it('operations tell nothing of its words, and log no secret', async () => {
    const tessera = await startTessera();
    const { oauth, problem } = await requests(tessera);
    const other = await connectTo(tessera.databaseUrl);
    const tables = ['refresh_tokens', 'sessions', 'users', 'clients', 'revoked_tokens', 'signing_keys'];
    for (const table of tables) await other.all(`alter table ${table} rename to gone_${table}`);
    await other.close();

    await expectNotReady(tessera);
    for (const request of oauth) expectFault(tessera, await request(), 'oauth');
    for (const request of problem) expectFault(tessera, await request(), 'problem');

    const log = tessera.log.join('\n');
    expect(log).toMatch(isPostgres ? /relation \\"\w+\\" does not exist/ : /no such table/);
    expect(log).not.toContain(password);
    expect(log).not.toMatch(/trt_[\w-]{43}|tcs_[\w-]{43}|eyJ[\w-]+\.eyJ|\$argon2id\$/);
  });
});

describe('while there is no signing key', () => {
  it('the server is live and not ready, and operations fail in the shape of their family', async () => {
    const never = () => Promise.reject(new Error('not asked'));
    const { keyPolicy: policy } = readConfig({ ISSUER: issuer });
    const tessera = await startTessera({}, ({ keys }) => {
      const store = { ...keys.store, listKeys: () => Promise.resolve([]) };
      const step = { ...keys, store, policy, isServer: true, generateKey: never, openPrivateKey: never };
      // Never started, so it has no view of any key.
      return { keys: { ...keys, keyring: new Keyring({ ...step, actor: { kind: 'schedule' } }) } };
    });
    await expectNotReady(tessera);
    const client = await tessera.addClient('orders:read');
    expectFault(tessera, await tessera.form('/token', { grant_type: 'client_credentials', ...client }), 'oauth');
    expectFault(tessera, await tessera.request.get('/.well-known/jwks.json'), 'problem');
    const token = compact({ alg: 'RS256', typ: 'at+jwt', kid: 'x' }, {}, unsigned);
    expectFault(tessera, await tessera.bearer('get', '/users/me', `${token}AAAA`), 'problem');
  });
});
