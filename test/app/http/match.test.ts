import { describe, expect } from 'vitest';
import { routes } from '../../../src/generated/routes.ts';
import { expectContractKept } from '../../support/contract-check.ts';
import { it as base } from '../../support/tessera.ts';
import { type WireReply, ask, listen, sendRaw } from '../../support/wire.ts';

const it = base
  .extend('port', { scope: 'file' }, async ({ tessera }, { onCleanup }) => {
    const { port, close } = await listen(tessera.app);
    onCleanup(close);
    return port;
  })
  .extend('token', { scope: 'file' }, async ({ tessera }) => {
    const { username } = await tessera.newUser();
    return (await tessera.login(username)).access_token;
  });

const methodsOf: Readonly<Record<string, string>> = {
  '/token': 'POST, OPTIONS',
  '/revoke': 'POST, OPTIONS',
  '/introspect': 'POST, OPTIONS',
  '/users': 'POST, GET, HEAD, OPTIONS',
  '/users/me': 'GET, HEAD, PATCH, DELETE, OPTIONS',
  '/users/me/password': 'PUT, OPTIONS',
  '/.well-known/jwks.json': 'GET, HEAD, OPTIONS',
  '/.well-known/oauth-authorization-server': 'GET, HEAD, OPTIONS',
  '/openapi.json': 'GET, HEAD, OPTIONS',
  '/openapi.yaml': 'GET, HEAD, OPTIONS',
  '/livez': 'GET, HEAD, OPTIONS',
  '/readyz': 'GET, HEAD, OPTIONS',
};

function problemOf(reply: WireReply) {
  expect(reply.headers).toMatchObject({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' });
  return JSON.parse(reply.body) as Record<string, unknown>;
}

describe('a path that the contract does not have', () => {
  const strangers = [
    '/',
    '/nothing',
    '//users/me',
    '/users//me',
    '/users/me/',
    '/users/me/.',
    '/users/../users/me',
    '/users/%2e%2e/users/me',
    '/users%2Fme',
    '/users%2fme',
    '/%75sers/me',
    '/Users/me',
    '/users/me%',
    '/%',
    '/%ff',
    '/.well-known',
    '/.well-known/JWKS.json',
    '/.well-known/jwks.json/',
    '/constructor',
    '/__proto__',
    '/toString',
    '*',
    '/*',
    '/{id}',
    '/docs/',
    '/docs/..%2f..%2fpackage.json',
    '/docs/redoc.js/..',
    '/src/main.ts',
    '/.git/config',
    '/keys/key-encryption-key',
  ];

  it.for(strangers)('is 404, not the path that it resembles: %s [HOSTILE/paths]', async (target, { port }) => {
    const reply = await ask(port, 'GET', target);
    expectContractKept('GET', target, reply);
    expect(reply.status).toBe(404);
    expect(problemOf(reply)).toEqual({
      type: 'about:blank',
      title: 'Not Found',
      status: 404,
      detail: 'There is nothing at this path.',
      request_id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    });
  });

  // What stands where an id goes is an id, and none that there is.
  const noIds = ['/users/me;v=1', '/users/me#top', '/users/me%00', '/users/me%20', '/users/me\\', '/users/ME'];

  it.for(noIds)('is not the account of the caller: %s', async (target, { tessera, port, token }) => {
    expect((await ask(port, 'GET', target)).status).toBe(401);
    expect((await ask(port, 'GET', target, { Authorization: `Bearer ${token}` })).status).toBe(403);
    const admin = await tessera.newUser(['admin']);
    const { access_token: reader } = await tessera.login(admin.username);
    const reply = await ask(port, 'GET', target, { Authorization: `Bearer ${reader}` });
    expectContractKept('GET', target, reply);
    expect(reply.status).toBe(400);
  });

  it('is 404 for every method', async ({ port }) => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD', 'TRACE', 'PROPFIND', 'QUERY']) {
      const reply = await ask(port, method, '/nothing');
      expect({ method, status: reply.status }).toEqual({ method, status: 404 });
    }
    expect((await ask(port, 'OPTIONS', '*')).status).toBe(404);
  });

  it('has a request id of its own each time', async ({ port }) => {
    const replies = await Promise.all(Array.from({ length: 20 }, () => ask(port, 'GET', '/nothing')));
    expect(new Set(replies.map((reply) => problemOf(reply)['request_id'])).size).toBe(20);
  });
});

describe('a path in absolute form (RFC 9112, 3.2.2)', () => {
  it('is the same path, whatever host it names', async ({ port, token }) => {
    expect((await ask(port, 'GET', 'http://localhost/livez')).status).toBe(200);
    expect((await ask(port, 'GET', 'HTTPS://elsewhere.example:1/livez')).status).toBe(200);
    expect((await ask(port, 'GET', 'http://localhost/users/me')).status).toBe(401);
    expect((await ask(port, 'POST', 'http://localhost/livez')).headers['allow']).toBe('GET, HEAD, OPTIONS');
    const authorization = { Authorization: `Bearer ${token}` };
    expect((await ask(port, 'GET', 'http://localhost/users/me?x=1', authorization)).status).toBe(400);
    for (const target of [
      'http://localhost',
      'http://localhost/',
      'http://localhost/nothing',
      'ftp://localhost/livez',
    ]) {
      const reply = await ask(port, 'GET', target);
      expect({ target, status: reply.status }).toEqual({ target, status: 404 });
    }
  });
});

describe.each(Object.entries(methodsOf))('%s', (path, allow) => {
  it(`has ${allow}, and answers any other method 405 with Allow`, async ({ port }) => {
    const methods = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND', 'QUERY', 'PURGE'];
    for (const method of methods.filter((each) => !allow.split(', ').includes(each))) {
      const reply = await ask(port, method, path, { 'Content-Type': 'text/odd', Authorization: 'odd' });
      expectContractKept(method, path, reply);
      expect({ method, status: reply.status, allow: reply.headers['allow'] }).toEqual({ method, status: 405, allow });
      if (method === 'HEAD') continue;
      const said = `This path does not have the method ${method}.`;
      if (reply.headers['content-type'] === 'application/json') {
        expect(JSON.parse(reply.body)).toEqual({ error: 'invalid_request', error_description: said });
      } else {
        expect(problemOf(reply)).toMatchObject({ title: 'Method Not Allowed', status: 405, detail: said });
      }
    }
  });

  it('does not take the method from anywhere but the request line', async ({ port }) => {
    const override = { 'X-HTTP-Method-Override': allow.split(', ')[0] ?? '', 'X-HTTP-Method': 'GET' };
    const reply = await ask(port, 'PURGE', path, override);
    expect(reply.status).toBe(405);
  });
});

describe('the query', () => {
  const strangers = [
    '?x=1',
    '?x',
    '?=',
    '?%',
    '?%ff=1',
    '?a[b]=1',
    '?__proto__=1',
    '?constructor=x',
    '?a=1&a=2',
    '?x=%00',
  ];

  it.for(strangers)(
    'is refused with 400 where the contract has no such parameter: %s',
    async (query, { port, token }) => {
      for (const path of ['/users/me', '/users/me/sessions']) {
        const reply = await ask(port, 'GET', path + query, { Authorization: `Bearer ${token}` });
        expectContractKept('GET', path + query, reply);
        expect({ path, status: reply.status }).toEqual({ path, status: 400 });
        const pointer = expect.stringMatching(/^\/query\//) as string;
        const errors = [{ pointer, detail: 'is not a parameter of this operation' }];
        expect(problemOf(reply)).toMatchObject({ detail: 'The request does not fit the contract.', errors });
      }
    },
  );

  it.for(strangers)('is ignored by probes and public documents: %s', async (query, { port }) => {
    const publicReads = Object.values(routes.operations).filter(
      ({ access, method }) => access === 'public' && method !== 'post',
    );
    expect(publicReads.length).toBeGreaterThanOrEqual(6);
    for (const { method, path } of publicReads) {
      const plain = await ask(port, method.toUpperCase(), path);
      const reply = await ask(port, method.toUpperCase(), path + query);
      expectContractKept(method.toUpperCase(), path + query, reply);
      expect({ path, ...reply, headers: { ...reply.headers, date: '' } }).toEqual({
        path,
        ...plain,
        headers: { ...plain.headers, date: '' },
      });
    }
  });

  it.for(strangers)('is ignored by OAuth operations: %s', async (query, { port }) => {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const reply = await ask(port, 'POST', `/revoke${query}`, headers, 'token=x');
    expect({ query, status: reply.status }).toEqual({ query, status: 200 });
  });

  it('may be empty', async ({ port }) => {
    expect((await ask(port, 'GET', '/livez?')).status).toBe(200);
    expect((await ask(port, 'GET', '/livez?&')).status).toBe(200);
  });

  it('does not bring a token [RFC6750-2.3]', async ({ port, token }) => {
    expect((await ask(port, 'GET', `/users/me?access_token=${token}`)).status).toBe(401);
    const reply = await ask(port, 'GET', `/users/me?access_token=${token}`, { Authorization: `Bearer ${token}` });
    expect(reply.status).toBe(400);
  });
});

describe('OPTIONS', () => {
  it('tells the methods of the path as a 405 does', async ({ port }) => {
    for (const template of new Set(Object.values(routes.operations).map((route) => route.path))) {
      const path = template.replaceAll(/\{\w+\}/g, 'x');
      const refused = await ask(port, 'PURGE', path);
      const reply = await ask(port, 'OPTIONS', path);
      expectContractKept('OPTIONS', path, reply);
      expect({ path, status: reply.status, allow: reply.headers['allow'] }).toEqual({
        path,
        status: 204,
        allow: refused.headers['allow'],
      });
    }
  });
});

describe('HEAD', () => {
  it('sends no content behind its 404 and 405 either', async ({ port }) => {
    for (const path of ['/nothing', '/users/me/password', '/token']) {
      const message = `HEAD ${path} HTTP/1.1\r\nHost: x\r\n\r\nGET /livez HTTP/1.1\r\nHost: x\r\n\r\n`;
      const [head, next] = await sendRaw(port, message, { isHead: true, replies: 2 });
      expect(head?.status).toBe(path === '/nothing' ? 404 : 405);
      expect(next?.status).toBe(200);
    }
  });
});
