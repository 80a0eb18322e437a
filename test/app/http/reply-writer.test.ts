import express from 'express';
import supertest from 'supertest';
import { describe, expect } from 'vitest';
import { routes } from '../../../src/generated/routes.ts';
import type { Handlers } from '../../../src/http/contract.ts';
import { type ReplyChecks, createReplyWriter } from '../../../src/http/reply/reply-writer.ts';
import { createDispatch } from '../../../src/http/request/dispatch.ts';
import { replyChecker } from '../../../src/http/reply/reply-check.ts';
import { apiHeaders } from '../../../src/http/reply/security-headers.ts';
import type { RouteTable } from '../../../src/http/route.ts';
import { createValidator } from '../../../src/http/request/validator.ts';
import { noMeter } from '../../../src/telemetry/meter.ts';
import type { KeyOffice } from '../../../src/keys/changes/key-office.ts';
import { contract, issuer } from '../../support/tessera.ts';
import { type Changes, type Variants, it } from '../../support/variant.ts';

type Entry = { level: number; msg: string; request_id: string; status?: number; faults?: string[] };
const breach = 'a reply breaks the contract';
const entriesOf = (log: string[]) => log.map((line) => JSON.parse(line) as Entry).filter(({ msg }) => msg === breach);

/** A server that keeps a store or a keyring which returns nonsense. */
const nonsense: Record<string, { changes: Changes; path: string; fault: RegExp }> = {
  'an account whose id is none': {
    changes: ({ stores }) => ({
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
    }),
    path: '/users/me',
    fault: /^body\/id must match pattern/,
  },
  'an empty key set': {
    changes: ({ keys }) => ({ keys: publishing(keys, { keys: [] }) }),
    path: '/.well-known/jwks.json',
    fault: /^body\/keys must NOT have fewer than 1 items/,
  },
  'a private key in the key set': {
    changes: ({ keys }) => ({
      keys: publishing(keys, { keys: [{ ...keys.keyring.jwks.body.keys[0], d: 'c2VjcmV0' }] }),
    }),
    path: '/.well-known/jwks.json',
    fault: /^body\/keys\/0 must NOT have additional properties/,
  },
  'an ETag that is none': {
    changes: ({ keys }) => ({ keys: publishing(keys, keys.keyring.jwks.body, 'x') }),
    path: '/.well-known/jwks.json',
    fault: /^header ETag has a value that is not declared/,
  },
};

function publishing(keys: KeyOffice, body: unknown, etag = '"x"'): KeyOffice {
  const keyring = new Proxy(keys.keyring, {
    get(target, name): unknown {
      const value: unknown = name === 'jwks' ? { body, etag } : Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  return { ...keys, keyring };
}

/** Where there is a choice of schemas, each of them finds faults of its own. */
function naming(fault: RegExp): unknown {
  return expect.arrayContaining([expect.stringMatching(fault)]);
}

async function askFor(path: string, variants: Variants, changes: Changes, replyChecks: ReplyChecks) {
  const { request, log } = await variants.variant((deps) => ({ ...changes(deps), replyChecks }));
  const { username } = await variants.newUser();
  const { access_token: token } = await variants.login(username);
  const reply = await request.get(path).set('Authorization', `Bearer ${token}`);
  return { reply, entries: entriesOf(log()) };
}

describe.each(Object.entries(nonsense))('a reply that breaks the contract: %s', (_, { changes, path, fault }) => {
  it('is not sent when replies are enforced: 500 in the shape of the contract, and a line in the log', async ({
    variants,
  }) => {
    const { reply, entries } = await askFor(path, variants, changes, 'enforce');
    expect(reply.status).toBe(500);
    expect(reply.headers).toMatchObject({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' });
    const { request_id: requestId } = reply.body as { request_id: string };
    const problem = { type: 'about:blank', title: 'Internal Server Error', status: 500, request_id: requestId };
    expect(reply.body).toEqual(problem);
    expect(entries).toMatchObject([{ level: 50, status: 200, request_id: requestId, faults: naming(fault) }]);
  });

  it('is sent and logged when replies are logged', async ({ variants }) => {
    const { reply, entries } = await askFor(path, variants, changes, 'log');
    expect(reply.status).toBe(200);
    expect(entries).toMatchObject([{ level: 50, faults: naming(fault) }]);
  });

  it('is sent when replies are not looked at', async ({ variants }) => {
    const { reply, entries } = await askFor(path, variants, changes, 'off');
    expect(reply.status).toBe(200);
    expect(entries).toEqual([]);
  });
});

/** The operations with handlers of the test's own, which need not keep to their types. */
async function mount(
  handlers: Partial<Record<keyof Handlers, () => unknown>>,
  checks: ReplyChecks,
  stray?: string,
  table: RouteTable = routes,
) {
  const { document } = await contract();
  const log: Entry[] = [];
  const counted: string[] = [];
  const meter = { ...noMeter, contractBroken: (operation: string) => void counted.push(operation) };
  const note = (detail: object, msg: string) => log.push({ ...(detail as Entry), msg });
  const logger = { error: note, debug: note };
  const validator = await createValidator(document, routes.operations, {
    bearerAuth: () => true,
    clientBasic: () => true,
  });
  const everyReply = apiHeaders(issuer);
  const crossOrigin = () => ({});
  const writeReply = createReplyWriter({
    checks,
    check: replyChecker(document, routes.everyReply),
    everyReply,
    crossOrigin,
    log: logger,
    meter,
  });
  const app = express().disable('x-powered-by');
  app.use((_request, response, next) => {
    if (stray !== undefined) response.setHeader(stray, 'x');
    next();
  });
  const nobody = () => Promise.reject(new Error('nobody is asked'));
  const broken = handlers as unknown as Handlers;
  const sourceOf = () => ({ address: null, userAgent: null });
  const answerPreflight = () => ({ status: 204 });
  const around = {
    validator,
    identify: nobody,
    sourceOf,
    recordDenial: nobody,
    writeReply,
    everyReply,
    crossOrigin,
    answerPreflight,
    log: logger,
    meter,
  };
  app.use(createDispatch({ table, handlers: broken, ...around }));
  return { request: supertest(app), log, counted };
}

describe('a handler that leaves its contract', () => {
  const live = { status: 200, body: { status: 'live' } };
  const leaving: Record<string, { reply: object; fault: string }> = {
    'a status that is not declared': { reply: { ...live, status: 418 }, fault: 'status 418 is not declared' },
    'a header that is not declared': {
      reply: { ...live, headers: { 'X-Debug': '1' } },
      fault: 'header X-Debug is not declared',
    },
    'a header of its own value': {
      reply: { ...live, headers: { 'Cache-Control': 'public' } },
      fault: 'header Cache-Control has a value that is not declared',
    },
    'no body': { reply: { status: 200 }, fault: 'the body is missing' },
    'one member too many': {
      reply: { status: 200, body: { status: 'live', pid: 1 } },
      fault: 'body must NOT have additional properties',
    },
    'a required header left out': {
      reply: { status: 503, body: {} },
      fault: 'header Retry-After is missing',
    },
  };

  it.each(Object.entries(leaving))('is answered for with 500: %s', async (_, { reply, fault }) => {
    const id = reply === leaving['a required header left out']?.reply ? 'getReadiness' : 'getLiveness';
    const { request, log } = await mount({ [id]: () => reply }, 'enforce');
    const path = id === 'getReadiness' ? '/readyz' : '/livez';
    const given = await request.get(path).expect(500).expect('Content-Type', 'application/problem+json');
    expect(given.body).toMatchObject({ status: 500, request_id: log[0]?.request_id });
    expect(log[0]).toMatchObject({ msg: breach, faults: [fault] });

    const logged = await mount({ [id]: () => reply }, 'log');
    await logged.request.get(path).expect((reply as { status: number }).status);
    expect(logged.log).toMatchObject([{ msg: breach, operation: id, faults: [fault] }]);
    expect(logged.counted).toEqual([id]);
  });

  it('is answered for with 500 in the family of OAuth operations, too', async () => {
    const { request, log } = await mount({ revokeToken: () => ({ status: 201 }) }, 'enforce');
    const given = await request.post('/revoke').type('form').send({ token: 'x' }).expect(500);
    const id = log[0]?.request_id ?? '';
    expect(given.body).toEqual({ error: 'server_error', error_description: `Request ${id} failed.` });
    expect(given.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' });
  });

  it('is answered for with a bare 500 where the contract has none', async () => {
    const { 500: left, ...replies } = routes.operations.getLiveness.replies;
    expect(left).toBeDefined();
    const operations = { ...routes.operations, getLiveness: { ...routes.operations.getLiveness, replies } };
    const table = { ...routes, operations };
    const { request } = await mount({ getLiveness: () => ({ status: 418 }) }, 'enforce', undefined, table);
    const { headers, text } = await request.get('/livez').expect(500);
    expect(text).toBe('');
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
  });

  it('may not throw its way around: what it throws is not shown', async () => {
    const reject: (reason: unknown) => Promise<never> = Promise.reject.bind(Promise);
    for (const thrown of [new Error('secret'), 'secret', null, undefined, { status: 200, body: 'secret' }]) {
      const { request } = await mount({ getLiveness: () => reject(thrown) }, 'enforce');
      const given = await request.get('/livez').expect(500);
      expect(given.text).not.toContain('secret');
    }
  });
});

describe('a header that was set without the reply writer', () => {
  it('does not leave when replies are enforced', async () => {
    const { request, log } = await mount(
      { getLiveness: () => ({ status: 200, body: { status: 'live' } }) },
      'enforce',
      'X-Stray',
    );
    const given = await request.get('/livez').expect(500);
    expect(given.headers).not.toHaveProperty('x-stray');
    expect(given.body).toMatchObject({ status: 500, title: 'Internal Server Error' });
    expect(log[0]).toMatchObject({ msg: breach, faults: ['header x-stray was set outside the reply writer'] });
  });

  it('leaves, and is logged, when replies are logged', async () => {
    const { request, log } = await mount(
      { getLiveness: () => ({ status: 200, body: { status: 'live' } }) },
      'log',
      'X-Stray',
    );
    await request.get('/livez').expect(200);
    expect(log).toMatchObject([{ msg: breach, faults: ['header x-stray was set outside the reply writer'] }]);
  });
});
