/** What pages of other origins may do, as far as headers say; that browsers heed them is shown in test/processes. */
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect } from 'vitest';
import { routes } from '../../../src/generated/routes.ts';
import { limits, listen as listenAsServer } from '../../../src/http/listener/listener.ts';
import { createCrossOriginHeaders } from '../../../src/http/reply/cross-origin.ts';
import { Unavailable } from '../../../src/unavailable.ts';
import { expectContractKept } from '../../support/contract-check.ts';
import { freePort } from '../../support/free-port.ts';
import { openTessera, password, startTessera, it as withTessera } from '../../support/tessera.ts';
import { whenTestEnds } from '../../support/test-end.ts';
import type { Changes } from '../../support/variant.ts';
import {
  type Headers,
  type WireReply,
  ask,
  chunked,
  listen,
  parseReplies,
  requestText,
  sendRaw,
} from '../../support/wire.ts';

const page = 'https://app.example.com';
const settings = { CORS_ORIGINS: `${page}, http://localhost:3000` };

/** None of these is on the list, however near it comes. The last three are no origin that a browser sends. */
const strangers = [
  'https://evil.example',
  'http://app.example.com',
  'https://app.example.com:8443',
  'https://app.example.com.evil.example',
  'https://evil-app.example.com',
  'https://sub.app.example.com',
  'https://APP.example.com',
  'https://app.example.com/',
  'null',
  '*',
  `${page}, ${page}`,
  'x',
];

const exposed = 'WWW-Authenticate, Retry-After, ETag, Location, Link, X-Request-Id';
const allowed = 'Authorization, Content-Type, If-None-Match, Traceparent, Tracestate, X-Requested-With';
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const json = { 'Content-Type': 'application/json' };
const form = { 'Content-Type': 'application/x-www-form-urlencoded' };

const operations = Object.entries(routes.operations).map(([id, { method, path }]) => ({
  id,
  method: method.toUpperCase(),
  path: path.replaceAll(/\{\w+\}/g, 'x'),
  isPublic: path.startsWith('/.well-known/') || path.startsWith('/openapi.'),
}));
const paths = [...new Set(operations.map(({ path }) => path))];

/** A Tessera that lets pages of `page` in, and where it listens. */
const it = withTessera
  .extend('open', { scope: 'file' }, async ({}, { onCleanup }) => {
    const tessera = await openTessera(settings);
    onCleanup(() => tessera.close());
    return tessera;
  })
  .extend('port', { scope: 'file' }, async ({ open }, { onCleanup }) => {
    const { port, close } = await listen(open.app);
    onCleanup(close);
    return port;
  })
  .extend('token', { scope: 'file' }, async ({ open }) => {
    const { username } = await open.newUser();
    return (await open.login(username)).access_token;
  });

async function serve(environment: Record<string, string>, changes?: Changes): Promise<number> {
  const { app } = await startTessera(environment, changes);
  const { port, close } = await listen(app);
  whenTestEnds(close);
  return port;
}

function corsOf({ headers }: WireReply): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => /^(access-control-.*|vary|x-request-id)$/.test(name)),
  );
}

/** What every reply has for the page, whatever became of its request. */
const readable = {
  'access-control-allow-origin': page,
  'access-control-expose-headers': exposed,
  vary: 'Origin',
  'x-request-id': expect.stringMatching(uuid) as string,
};

function preflight(
  port: number,
  path: string,
  origin: string,
  method = 'GET',
  names = 'authorization',
): Promise<WireReply> {
  const headers = { 'Access-Control-Request-Method': method, 'Access-Control-Request-Headers': names };
  return ask(port, 'OPTIONS', path, { Origin: origin, ...headers });
}

describe('a preflight', () => {
  it.for(operations)(
    'for $id lets a page of a listed origin in, with all that it may send [RFC7009-2.3]',
    async (operation, { port }) => {
      const { method, path, isPublic } = operation;
      // In the path of a preflight is the query of the request that it goes before.
      for (const target of [path, `${path}?limit=2&x=%ff`]) {
        const reply = await preflight(port, target, page, method, 'authorization,content-type,traceparent');
        expectContractKept('OPTIONS', target, reply);
        expect(reply.status).toBe(204);
        expect(reply.body).toBe('');
        const methods = (reply.headers['access-control-allow-methods'] ?? '').split(', ');
        expect(methods).toContain(method);
        expect(methods).not.toContain('OPTIONS');
        expect(reply.headers['allow']).toBe([...methods, 'OPTIONS'].join(', '));
        expect(corsOf(reply)).toEqual({
          ...(isPublic ? { 'access-control-allow-origin': '*' } : readable),
          'access-control-allow-methods': methods.join(', '),
          'access-control-allow-headers': allowed,
          'access-control-max-age': '86400',
        });
      }
    },
  );

  it('says the same of every origin of the list, each in its own name', async ({ port }) => {
    const reply = await preflight(port, '/token', 'http://localhost:3000', 'POST');
    expect(corsOf(reply)).toMatchObject({
      'access-control-allow-origin': 'http://localhost:3000',
      'access-control-allow-methods': 'POST',
    });
  });

  it.for(strangers)('tells a page of another origin nothing but the methods: %s', async (origin, { port }) => {
    for (const { path, method, isPublic } of operations) {
      const reply = await preflight(port, path, origin, method);
      expectContractKept('OPTIONS', path, reply);
      expect(reply.status).toBe(204);
      if (isPublic) expect(reply.headers['access-control-allow-origin']).toBe('*');
      else expect({ path, ...corsOf(reply) }).toEqual({ path, vary: 'Origin' });
    }
  });

  it('is answered before anybody looks at credentials, a body, or the values of the path', async ({ port }) => {
    const headers = { ...json, Origin: page, 'Access-Control-Request-Method': 'DELETE', Authorization: 'Bearer x' };
    for (const path of paths) {
      const reply = await ask(port, 'OPTIONS', path, headers, '{"x":');
      expect({ path, status: reply.status }).toEqual({ path, status: 204 });
    }
  });

  it('of a public document allows any origin, and traceparent', async ({ port }) => {
    const own = await serve({});
    for (const { path } of operations.filter(({ isPublic }) => isPublic)) {
      for (const at of [port, own]) {
        const { headers } = await preflight(at, path, 'https://anybody.example', 'GET', 'traceparent,tracestate');
        expect(headers).toMatchObject({
          'access-control-allow-origin': '*',
          'access-control-allow-headers': allowed,
          'access-control-allow-methods': 'GET, HEAD',
        });
        expect(headers).not.toHaveProperty('vary');
      }
    }
  });

  it('is no answer where there is no such path, nor to a request with two hosts', async ({ port }) => {
    const missing = await preflight(port, '/nothing', page);
    expect(missing.status).toBe(404);
    expect(corsOf(missing)).toEqual(readable);
    const [refused] = await sendRaw(port, `OPTIONS /users HTTP/1.1\r\nOrigin: ${page}\r\n\r\n`);
    expect(refused?.status).toBe(400);
    expectContractKept('OPTIONS', '/users', refused as WireReply);
    expect(corsOf(refused as WireReply)).toEqual(readable);
  });
});

type Asked = [method: string, path: string, headers: Headers, body: string, status: number];

/** One of each kind of reply, by what answers it. */
function requestsWith(token: string): Asked[] {
  const bearer = { Authorization: `Bearer ${token}` };
  const account = JSON.stringify({ username: `user-${crypto.randomUUID().slice(0, 8)}`, password });
  return [
    ['GET', '/users/me', bearer, '', 200],
    ['HEAD', '/users/me', bearer, '', 200],
    ['POST', '/users', json, account, 201],
    ['POST', '/revoke', form, 'token=x', 200],
    ['GET', '/livez', {}, '', 200],
    // The check of tokens.
    ['GET', '/users/me', {}, '', 401],
    ['GET', '/users/me', { Authorization: 'Bearer x' }, '', 401],
    ['GET', '/users', bearer, '', 403],
    // The validator.
    ['GET', '/users/me?x=1', bearer, '', 400],
    ['POST', '/users', json, '{}', 400],
    ['POST', '/token', form, 'grant_type=x', 400],
    // The reader of bodies.
    ['POST', '/users', json, '{', 400],
    ['POST', '/users', { 'Content-Type': 'text/plain' }, 'x', 415],
    ['POST', '/users', json, 'x'.repeat(16_385), 413],
    ['POST', '/token', form, 'x'.repeat(16_385), 413],
    ['POST', '/users', { ...json, 'Transfer-Encoding': 'chunked' }, String(chunked('x'.repeat(16_385))), 413],
    // Before there is an operation.
    ['GET', '/nothing', {}, '', 404],
    ['DELETE', '/users', {}, '', 405],
    ['GET', '/token', {}, '', 405],
    ['GET', '/users/me', { Host: 'two, hosts' }, '', 400],
    // Handlers.
    ['POST', '/token', form, `grant_type=password&username=nobody&password=${'x'.repeat(9)}`, 400],
    ['POST', '/introspect', form, 'token=x', 401],
  ];
}

describe('a reply', () => {
  it('can be read by a page of a listed origin, whatever it says [RFC7009-2.3]', async ({ port, token }) => {
    for (const [method, path, headers, body, status] of requestsWith(token)) {
      const reply = await ask(port, method, path, { ...headers, Origin: page }, body);
      expectContractKept(method, path, reply);
      expect({ method, path, status: reply.status, ...corsOf(reply) }).toEqual({ method, path, status, ...readable });
      const { request_id: id } = (method === 'HEAD' || reply.body === '' ? {} : JSON.parse(reply.body)) as {
        request_id?: string;
      };
      if (id !== undefined) expect(reply.headers['x-request-id']).toBe(id);
    }
  });

  it('has for pages of other origins, and for all others, nothing but Vary', async ({ port, token }) => {
    for (const origin of [...strangers, undefined]) {
      for (const [method, path, headers, body, status] of requestsWith(token)) {
        const reply = await ask(
          port,
          method,
          path,
          { ...headers, ...(origin !== undefined && { Origin: origin }) },
          body,
        );
        expectContractKept(method, path, reply);
        expect({ path, status: reply.status, ...corsOf(reply) }).toEqual({ path, status, vary: 'Origin' });
      }
    }
  });

  it('has nothing of it where no origin is listed', async ({ tessera }) => {
    const { port, close } = await listen(tessera.app);
    whenTestEnds(close);
    const { username } = await tessera.newUser();
    const { access_token: token } = await tessera.login(username);
    for (const [method, path, headers, body, status] of requestsWith(token)) {
      const reply = await ask(port, method, path, { ...headers, Origin: page }, body);
      expect({ path, status: reply.status, ...corsOf(reply) }).toEqual({ path, status });
    }
  });

  it('of a public document is for any origin, and says so to all in the same words', async ({ port }) => {
    for (const { path, method } of operations.filter(({ isPublic }) => isPublic)) {
      for (const origin of [page, 'https://anybody.example', 'null', undefined]) {
        const headers = { ...(origin !== undefined && { Origin: origin }), traceparent: 'x' };
        const reply = await ask(port, method, path, headers);
        expect({ path, ...corsOf(reply) }).toEqual({
          path,
          'access-control-allow-origin': '*',
          'access-control-expose-headers': exposed,
        });
      }
    }
  });

  it('about a public document is for any origin, whatever it says', async ({ port }) => {
    const publicPaths = operations.filter(({ isPublic }) => isPublic).map(({ path }) => path);
    const fault = { get: () => Promise.reject(new Error('broken')) };
    const broken = await serve({}, ({ keys }) => ({
      keys: { ...keys, keyring: Object.create(keys.keyring, { jwks: fault }) as typeof keys.keyring },
    }));
    for (const path of publicPaths) {
      const long = 'x'.repeat(1025);
      const asked: [number, string, Headers, number][] = [
        [port, 'GET', { 'If-None-Match': long }, 400],
        [port, 'HEAD', { 'If-None-Match': long }, 400],
        [port, 'GET', { Host: 'two, hosts' }, 400],
        [port, 'POST', { Host: 'two, hosts' }, 400],
        [port, 'POST', form, 405],
        [port, 'PATCH', {}, 405],
      ];
      if (path === '/.well-known/jwks.json') asked.push([broken, 'GET', {}, 500]);
      for (const [at, method, headers, status] of asked) {
        for (const origin of [page, 'https://anybody.example', undefined]) {
          const reply = await ask(at, method, path, { ...headers, ...(origin !== undefined && { Origin: origin }) });
          if (status !== 400 || method !== 'POST') expectContractKept(method, path, reply);
          expect({ method, path, status: reply.status, ...corsOf(reply) }).toEqual({
            method,
            path,
            status,
            'access-control-allow-origin': '*',
            'access-control-expose-headers': exposed,
          });
        }
      }
    }
  });

  it('can be read by the page when there were too many tries', async () => {
    const port = await serve({ ...settings, RATE_LIMITS: 'on' });
    const wrong = new URLSearchParams({ grant_type: 'password', username: 'ada', password: 'not this one' }).toString();
    const replies: WireReply[] = [];
    for (let tries = 0; tries < 11; tries += 1)
      replies.push(await ask(port, 'POST', '/token', { ...form, Origin: page }, wrong));
    const last = replies.at(-1) as WireReply;
    expectContractKept('POST', '/token', last);
    expect(last.status).toBe(429);
    expect(corsOf(last)).toEqual(readable);
    expect(last.headers['retry-after']).toMatch(/^[0-9]+$/);
  });

  it.for([
    [503, new Unavailable('away')],
    [500, new Error('broken')],
  ] as const)('can be read by the page when the server answers %i', async ([status, fault]) => {
    const broken = (store: object) => new Proxy(store, { get: () => () => Promise.reject(fault) });
    const port = await serve({ CORS_ORIGINS: page }, ({ stores }) => ({
      stores: { ...stores, users: broken(stores.users) as typeof stores.users },
    }));
    const login = new URLSearchParams({ grant_type: 'password', username: 'ada', password }).toString();
    const account = JSON.stringify({ username: 'ada', password });
    for (const [path, headers, body] of [
      ['/token', form, login],
      ['/users', json, account],
    ] as const) {
      const reply = await ask(port, 'POST', path, { ...headers, Origin: page }, body);
      expectContractKept('POST', path, reply);
      expect({ path, status: reply.status, ...corsOf(reply) }).toEqual({ path, status, ...readable });
    }
  });

  it('can be read by the page when it stands for one that would have broken the contract', async () => {
    const tessera = await startTessera({ CORS_ORIGINS: page }, ({ stores }) => ({
      stores: {
        ...stores,
        accessTokens: {
          ...stores.accessTokens,
          findTokenUser: async (query) => {
            const found = await stores.accessTokens.findTokenUser(query);
            return found && { ...found, user: { ...found.user, id: 'x' } };
          },
        },
      },
    }));
    const { username } = await tessera.newUser();
    const { access_token: token } = await tessera.login(username);
    const { port, close } = await listen(tessera.app);
    whenTestEnds(close);
    const reply = await ask(port, 'GET', '/users/me', { Origin: page, Authorization: `Bearer ${token}` });
    expect(reply.status).toBe(500);
    expect(corsOf(reply)).toEqual(readable);
  });
});

describe('what the listener answers by itself', () => {
  /** With limits of its own, since nobody waits for those of the server. */
  async function start(heard: () => void = () => undefined): Promise<number> {
    const port = await freePort();
    const address = { host: '127.0.0.1', port, issuer: 'http://localhost', maxConnections: 100 };
    const crossOrigin = createCrossOriginHeaders(routes.crossOrigin, [page]);
    const soon = { ...limits, requestTimeout: 200, headersTimeout: 200, connectionsCheckingInterval: 20 };
    const deps = { log: { warn: () => undefined }, crossOrigin, limits: soon };
    const listener = await listenAsServer(
      (request) => {
        request.resume();
        heard();
      },
      address,
      deps,
    );
    whenTestEnds(() => listener.drain({ grace: 0, linger: 0 }, () => undefined));
    return port;
  }

  const many = Object.fromEntries(Array.from({ length: 120 }, (_, n) => [`X-${n}`, 'x']));
  const messages: [what: string, status: number, (origin: Headers) => Buffer][] = [
    ['headers that are too large', 431, (origin) => requestText('GET', '/', { ...origin, X: 'x'.repeat(20_000) })],
    ['too many headers', 431, (origin) => requestText('GET', '/', { ...origin, ...many })],
    ['a header that is none', 400, (origin) => requestText('GET', '/', { ...origin, 'X\0': 'x' })],
    ['a body that is too slow', 408, (origin) => requestText('POST', '/', { ...origin, 'Content-Length': '9' }, 'abc')],
  ];

  it.for(messages)('can be read by a page of a listed origin, and by no other: %s', async ([, status, write]) => {
    const port = await start();
    const [listed] = await sendRaw(port, write({ Origin: page }));
    expect(listed?.status).toBe(status);
    expect(corsOf(listed as WireReply)).toEqual(readable);
    expect(listed?.headers['x-request-id']).toBe((JSON.parse(listed?.body ?? '') as { request_id: string }).request_id);
    for (const origin of [{ Origin: 'https://evil.example' }, {}]) {
      const [other] = await sendRaw(port, write(origin));
      expect(other?.status).toBe(status);
      expect(corsOf(other as WireReply)).toEqual({ vary: 'Origin' });
    }
  });

  it.for([
    ['that has another in its body', { Origin: page }, 'Origin: https://evil.example', readable],
    ['whose headers came in an earlier packet', { Origin: page }, 'no chunk', readable],
    ['whose body names a listed one', {}, `Origin: ${page}`, { vary: 'Origin' }],
    [
      'of another, whose body names a listed one',
      { Origin: 'https://evil.example' },
      `Origin: ${page}`,
      { vary: 'Origin' },
    ],
  ] as const)('goes by the origin of the request, of one %s', async ([, origin, rest, cors]) => {
    const head = requestText('POST', '/', { ...origin, 'Transfer-Encoding': 'chunked' });
    const body = `x\r\n${rest}\r\n\r\n`;
    for (const isWhole of [true, false]) {
      const heard = Promise.withResolvers<undefined>();
      const socket = connect({
        port: await start(() => {
          heard.resolve(undefined);
        }),
        host: '127.0.0.1',
      });
      const received = text(socket);
      socket.write(isWhole ? Buffer.concat([head, Buffer.from(body)]) : head);
      await heard.promise;
      if (!isWhole) socket.write(body);
      const [reply] = parseReplies(Buffer.from(await received));
      expect(reply?.status).toBe(400);
      expect(corsOf(reply as WireReply)).toEqual(cors);
    }
  });
});
