import { describe, expect } from 'vitest';
import { parseBearer } from '../../../src/http/request/bearer.ts';
import { Unavailable } from '../../../src/unavailable.ts';
import { expectContractKept } from '../../support/contract-check.ts';
import { type Changes, it as base } from '../../support/variant.ts';
import { type Headers, ask, listen, requestText, sendRaw } from '../../support/wire.ts';

const it = base
  .extend('port', { scope: 'file' }, async ({ variants }, { onCleanup }) => {
    const { port, close } = await listen(variants.app);
    onCleanup(close);
    return port;
  })
  .extend('token', { scope: 'file' }, async ({ variants }) => {
    const { username } = await variants.newUser();
    return (await variants.login(username)).access_token;
  });

const bare = 'Bearer realm="tessera"';
const invalid = `${bare}, error="invalid_token", error_description="The access token does not work."`;

/** `T` stands for a token that works. */
const table: [header: string, outcome: 'good' | 'bare' | 'invalid'][] = [
  ['Bearer T', 'good'],
  ['bearer T', 'good'],
  ['BEARER T', 'good'],
  ['bEaReR T', 'good'],
  ['Bearer   T', 'good'],
  ['  Bearer T  ', 'good'],
  ['\tBearer T\t', 'good'],
  ['', 'bare'],
  ['Basic T', 'bare'],
  ['Basic bearer', 'bare'],
  ['Basic Bearer T', 'bare'],
  ['Digest username="bearer"', 'bare'],
  ['DPoP T', 'bare'],
  ['Negotiate', 'bare'],
  ['T', 'bare'],
  ['xBearer T', 'bare'],
  ['Bearerx T', 'bare'],
  ['BearerT', 'bare'],
  ['"Bearer" T', 'bare'],
  [', Bearer T', 'bare'],
  ['Basic x, Bearer T', 'bare'],
  ['Bearer:T', 'bare'],
  ['Bearer\tT', 'bare'],
  ['B\u00E9arer T', 'bare'],
  ['Bearer', 'invalid'],
  ['Bearer ', 'invalid'],
  ['Bearer T x', 'invalid'],
  ['Bearer T T', 'invalid'],
  ['Bearer T,', 'invalid'],
  ['Bearer T, Bearer T', 'invalid'],
  ['Bearer T;', 'invalid'],
  ['Bearer "T"', 'invalid'],
  ["Bearer 'T'", 'invalid'],
  ['Bearer <T>', 'invalid'],
  ['Bearer T\tx', 'invalid'],
  ['Bearer \tT', 'invalid'],
  ['Bearer token=T', 'invalid'],
  ['Bearer T=', 'invalid'],
  ['Bearer =T', 'invalid'],
  ['Bearer T%20', 'invalid'],
  ['Bearer T\u00E9', 'invalid'],
  ['Bearer \u00A0T', 'invalid'],
  ['Bearer Bearer T', 'invalid'],
  ['Bearer ..', 'invalid'],
  ['Bearer null', 'invalid'],
  ['Bearer eyJhbGciOiJub25lIn0.e30.', 'invalid'],
];

describe('the Authorization header of an operation that needs an access token', () => {
  it.for(table)('%j is %s [RFC6750-2.1]', async ([header, outcome], { port, token }) => {
    const headers = { Authorization: header.replaceAll('T', token) };
    const reply = await ask(port, 'GET', '/users/me', headers);
    expectContractKept('GET', '/users/me', reply);
    expect(reply.status).toBe(outcome === 'good' ? 200 : 401);
    const challenge = { good: undefined, bare, invalid }[outcome];
    expect(reply.headers['www-authenticate']).toBe(challenge);
    if (outcome === 'good') return;
    const detail = outcome === 'bare' ? 'This needs an access token.' : 'The access token does not work.';
    expect(JSON.parse(reply.body)).toMatchObject({ status: 401, title: 'Unauthorized', detail });
  });

  it('is missed with a bare challenge, before the body is looked at', async ({ port }) => {
    const operations = [
      ['GET', '/users/me'],
      ['PATCH', '/users/me'],
      ['DELETE', '/users/me'],
      ['PUT', '/users/me/password'],
    ] as const;
    for (const [method, path] of operations) {
      const reply = await ask(port, method, path, { 'Content-Type': 'application/json' }, method === 'GET' ? '' : '{');
      expectContractKept(method, path, reply);
      expect(reply).toMatchObject({ status: 401, headers: { 'www-authenticate': bare, 'cache-control': 'no-store' } });
    }
  });

  it('counts once: a second one does not replace the first [RFC6750-2.1] [HOSTILE/two-tokens]', async ({
    port,
    token,
  }) => {
    const headers = `Authorization: Bearer x\r\nAuthorization: Bearer ${token}`;
    const [reply] = await sendRaw(port, `GET /users/me HTTP/1.1\r\nHost: x\r\n${headers}\r\n\r\n`);
    expect(reply?.status).toBe(401);
  });

  it('is not looked for anywhere else [RFC6750-5.3]', async ({ port, token }) => {
    const elsewhere: Headers[] = [
      { Cookie: `access_token=${token}` },
      { 'X-Authorization': `Bearer ${token}` },
      { 'Proxy-Authorization': `Bearer ${token}` },
      { 'X-Access-Token': token },
    ];
    for (const headers of elsewhere) {
      const reply = await ask(port, 'GET', '/users/me', headers);
      expect(reply.headers['www-authenticate']).toBe(bare);
    }
    const body = `access_token=${token}`;
    const message = requestText('GET', '/users/me', { 'Content-Type': 'application/x-www-form-urlencoded' }, body);
    expect((await sendRaw(port, message))[0]?.status).toBe(401);
  });
});

describe('parseBearer', () => {
  it('gives the token of a header that is exactly as RFC 6750 wants it [RFC6750-2.1]', () => {
    expect(parseBearer('Bearer aZ09-._~+/==')).toBe('aZ09-._~+/==');
    expect(parseBearer('bearer  x')).toBe('x');
  });

  it('tells a malformed header from one that is not there, or of another scheme', () => {
    for (const malformed of ['Bearer', 'Bearer ', 'Bearer a b', 'Bearer a,b', 'Bearer =', 'Bearer a=b', 'Bearer a\n']) {
      expect({ malformed, token: parseBearer(malformed) }).toEqual({ malformed, token: null });
    }
    for (const other of [undefined, '', 'Basic x', 'Bearers x', 'xBearer x', ' Bearer x', 'Bearer\tx']) {
      expect({ other, token: parseBearer(other) }).toEqual({ other, token: undefined });
    }
  });
});

describe('an access token', () => {
  it('is said to have expired from its last second on, and not before [RFC6750-3.1/invalid-token]', async ({
    variants,
  }) => {
    const { username } = await variants.newUser();
    const { access_token: token, expires_in: lifetime } = await variants.login(username);
    variants.clock.advance(lifetime - 1);
    await variants.bearer('get', '/users/me', token).expect(200);
    variants.clock.advance(1);
    const reply = await variants.bearer('get', '/users/me', token).expect(401);
    variants.clock.advance(-lifetime);
    const description = 'The access token has expired.';
    const challenge = `${bare}, error="invalid_token", error_description="${description}"`;
    expect(reply.headers['www-authenticate']).toBe(challenge);
    expect(reply.body).toMatchObject({ detail: description });
  });

  it('without the scope of the operation is 403, which names the scope', async ({ variants, port }) => {
    const { username } = await variants.newUser();
    const { access_token: token } = await variants.login(username, 'profile:read');
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
    const operations = [
      ['PATCH', '/users/me', '{"name":null}'],
      ['DELETE', '/users/me', ''],
      ['PUT', '/users/me/password', '{'],
    ] as const;
    for (const [method, path, body] of operations) {
      const reply = await ask(port, method, path, headers, body);
      expectContractKept(method, path, reply);
      expect(reply.status).toBe(403);
      const challenge = `${bare}, error="insufficient_scope", scope="profile:write"`;
      expect(reply.headers['www-authenticate']).toBe(challenge);
      expect(JSON.parse(reply.body)).toMatchObject({
        detail: 'This needs an access token with the scope profile:write.',
      });
    }
    expect((await ask(port, 'GET', '/users/me', headers)).status).toBe(200);
  });

  it('of a client does not read an account', async ({ variants, port }) => {
    const client = await variants.addClient('profile:read profile:write');
    const reply = await variants.form('/token', { grant_type: 'client_credentials', ...client }).expect(200);
    const { access_token: token } = reply.body as { access_token: string };
    for (const method of ['GET', 'DELETE'] as const) {
      const refused = await ask(port, method, '/users/me', { Authorization: `Bearer ${token}` });
      expectContractKept(method, '/users/me', refused);
      expect(refused.status).toBe(403);
    }
  });
});

describe('a security check that cannot be made', () => {
  const failing = (fault: Error): Changes => {
    return ({ stores }) => {
      const fail = () => Promise.reject(fault);
      return {
        stores: { ...stores, accessTokens: { ...stores.accessTokens, findTokenUser: fail, findTokenClient: fail } },
      };
    };
  };

  it('is a fault of the server, and never says that the token is wrong', async ({ variants, token }) => {
    const faults: [Error, number][] = [
      [new Unavailable('locked'), 503],
      [new Error('broken'), 500],
      [Object.assign(new Error('says 401'), { status: 401 }), 500],
    ];
    for (const [fault, status] of faults) {
      const { request } = await variants.variant(failing(fault));
      const reply = await request.get('/users/me').set('Authorization', `Bearer ${token}`);
      expect(reply.status).toBe(status);
      expect(reply.headers).not.toHaveProperty('www-authenticate');
    }
  });
});

describe('an operation with several ways to authenticate', () => {
  it('is not held to the one that was not used [RFC6750-3.1/invalid-request]', async ({ variants, port }) => {
    const client = await variants.addClient('tokens:introspect');
    const basic = Buffer.from(`${client.client_id}:${client.client_secret}`).toString('base64');
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded', Authorization: `Basic ${basic}` };
    const malformed = await ask(port, 'POST', '/introspect', headers, 'x=1');
    expectContractKept('POST', '/introspect', malformed);
    expect(malformed.status).toBe(400);
    expect(malformed.headers).not.toHaveProperty('www-authenticate');

    const { request } = await variants.variant(({ stores }) => ({
      stores: {
        ...stores,
        clients: { ...stores.clients, findClient: () => Promise.reject(new Unavailable('locked')) },
      },
    }));
    await request.post('/introspect').set(headers).send('token=x').expect(503);
  });
});
