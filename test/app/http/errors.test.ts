import type { Request } from 'express';
import { describe, expect } from 'vitest';
import { errorReply } from '../../../src/http/reply/errors.ts';
import { HttpError } from '../../../src/http/reply/http-error.ts';
import { NoSigningKey } from '../../../src/keys/errors.ts';
import { noMeter } from '../../../src/telemetry/meter.ts';
import { Throttled } from '../../../src/throttling/throttled.ts';
import { accessTokenIssuer } from '../../../src/tokens/access-token.ts';
import { allScopes } from '../../../src/tokens/scope.ts';
import { Overloaded, Unavailable } from '../../../src/unavailable.ts';
import { expectContractKept } from '../../support/contract-check.ts';
import { issuer, password } from '../../support/tessera.ts';
import { type Changes, type Variants, it } from '../../support/variant.ts';
import { type Headers, type WireReply, ask, listen } from '../../support/wire.ts';

const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
const json = { 'Content-Type': 'application/json' };
const login = new URLSearchParams({ grant_type: 'password', username: 'ada', password }).toString();
const client = { grant_type: 'client_credentials', client_id: 'cli_x', client_secret: 'x' };
const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/;

/** A fault with all that must stay inside: a path, a query, a secret, a stack. */
const leaky =
  'SELECT * FROM users WHERE x; /etc/tessera/keys/key-encryption-key trt_secret at run (/srv/tessera/src/x.ts:1:2)';
const innards = /select|from users|sqlite|errcode|\/etc\/|\.ts|node_modules| at |trt_|stack|Error:/i;

/** Every store fails with `fault` in whatever it is asked. */
function failing(fault: Error): Changes {
  return ({ stores }) => {
    const fail = () => Promise.reject(fault);
    const broken = (store: object) => new Proxy(store, { get: () => fail });
    return {
      stores: {
        users: broken(stores.users) as typeof stores.users,
        clients: broken(stores.clients) as typeof stores.clients,
        sessions: broken(stores.sessions) as typeof stores.sessions,
        accessTokens: broken(stores.accessTokens) as typeof stores.accessTokens,
        rateLimits: broken(stores.rateLimits) as typeof stores.rateLimits,
        audit: broken(stores.audit) as typeof stores.audit,
        ping: fail,
      },
    };
  };
}

/** What needs the database, in either family, and whether it does so in the security check. */
type Need = { method: string; path: string; headers: Headers; body: string; bearer?: true };
const inNeed: Need[] = [
  { method: 'POST', path: '/users', headers: json, body: JSON.stringify({ username: 'ada', password }) },
  { method: 'GET', path: '/users/me', headers: {}, body: '' },
  { method: 'PATCH', path: '/users/me', headers: json, body: '{"name":null}' },
  { method: 'DELETE', path: '/users/me', headers: {}, body: '' },
  { method: 'PUT', path: '/users/me/password', headers: json, body: '{}' },
  { method: 'POST', path: '/token', headers: form, body: login },
  { method: 'POST', path: '/token', headers: form, body: new URLSearchParams(client).toString() },
  { method: 'POST', path: '/token', headers: form, body: 'grant_type=refresh_token&refresh_token=trt_x' },
  { method: 'POST', path: '/revoke', headers: form, body: 'token=trt_x' },
  { method: 'POST', path: '/introspect', headers: form, body: 'token=x&client_id=cli_x&client_secret=x' },
  { method: 'POST', path: '/introspect', headers: { ...form, Authorization: 'Basic Y2xpX3g6eA==' }, body: 'token=x' },
  { method: 'POST', path: '/introspect', headers: form, body: 'token=x', bearer: true },
  { method: 'GET', path: '/keys', headers: {}, body: '', bearer: true },
  { method: 'POST', path: '/keys/rotate', headers: {}, body: '', bearer: true },
  { method: 'POST', path: '/keys/x/revoke', headers: json, body: '{"reason":"x"}', bearer: true },
  { method: 'GET', path: '/audit-events', headers: {}, body: '', bearer: true },
];

type Answer = { reply: WireReply; isOAuth: boolean; line: string };

async function askAll(variants: Variants, changes: Changes): Promise<{ answers: Answer[]; log: string[] }> {
  const token = await tokenOfNobody(variants);
  const { app, log } = await variants.variant(changes);
  const { port, close } = await listen(app);
  const answers: Answer[] = [];
  for (const { method, path, headers, body, bearer = path.startsWith('/users/me') } of inNeed) {
    const credentials = bearer ? { Authorization: `Bearer ${token}` } : {};
    const reply = await ask(port, method, path, { ...headers, ...credentials }, body);
    expectContractKept(method, path, reply);
    answers.push({ reply, isOAuth: headers['Content-Type'] === form['Content-Type'], line: `${method} ${path}` });
  }
  close();
  return { answers, log: log() };
}

/** A token in order, of a session that only the database can tell anything about. */
async function tokenOfNobody({ keys, clock }: Variants): Promise<string> {
  const signerUntil = (expiresAt: number) => keys.keyring.signerUntil(expiresAt);
  const issue = accessTokenIssuer({ issuer, lifetime: 900, clock, signerUntil });
  const scope = allScopes.join(' ');
  return (await issue({ sub: 'usr_x', client_id: 'first-party', aud: issuer, sid: 'x', scope })).token;
}

describe('a fault of the server', () => {
  it('is 500 in the family of the operation, with nothing but a request id', async ({ variants }) => {
    const { answers } = await askAll(variants, failing(new Error(leaky)));
    for (const { reply, isOAuth, line } of answers) {
      expect({ line, status: reply.status }).toEqual({ line, status: 500 });
      const id = uuid.exec(reply.body)?.[0] ?? '';
      const problem = { type: 'about:blank', title: 'Internal Server Error', status: 500, request_id: id };
      const error = { error: 'server_error', error_description: `Request ${id} failed.` };
      expect(JSON.parse(reply.body)).toEqual(isOAuth ? error : problem);
      expect(JSON.stringify(reply)).not.toMatch(innards);
    }
  });

  it('is in the log, under the id that the reply gives, with its cause and operation', async ({ variants }) => {
    const { answers, log } = await askAll(variants, failing(new Error(leaky)));
    for (const { reply } of answers) {
      const id = uuid.exec(reply.body)?.[0] ?? '';
      const [line, ...more] = log.filter((each) => each.includes(id));
      expect(more).toEqual([]);
      const entry = JSON.parse(line ?? '{}') as Record<string, unknown>;
      expect(entry).toMatchObject({ level: 50, request_id: id, msg: 'a request failed', err: { message: leaky } });
      expect(entry['operation']).toEqual(expect.any(String));
      expect(line).not.toContain(password);
    }
  });
});

describe('a database that is away', () => {
  it('is 503 with Retry-After in the family of the operation, and never 401 [RFC7009-2.2.1/unavailable]', async ({
    variants,
  }) => {
    const { answers } = await askAll(variants, failing(new Unavailable(leaky, { retryAfter: 7 })));
    for (const { reply, isOAuth, line } of answers) {
      expect({ line, status: reply.status }).toEqual({ line, status: 503 });
      expect(reply.headers).toMatchObject({ 'retry-after': '7', 'cache-control': 'no-store' });
      expect(reply.headers).not.toHaveProperty('www-authenticate');
      const body = JSON.parse(reply.body) as Record<string, unknown>;
      if (isOAuth) expect(body['error']).toBe('temporarily_unavailable');
      else expect(body).toMatchObject({ title: 'Service Unavailable', status: 503 });
      expect(JSON.stringify(reply)).not.toMatch(innards);
    }
  });

  it('does not keep the server from saying that it lives, nor from publishing its keys', async ({ variants }) => {
    const { request } = await variants.variant(failing(new Unavailable('away')));
    await request.get('/livez').expect(200);
    await request.get('/.well-known/jwks.json').expect(200);
  });
});

/** What `registerUser` would answer, had it these statuses, and what would be logged. */
function answerTo(error: Error, family: 'oauth' | 'problem', ...statuses: string[]) {
  const lines: [level: string, detail: object, message: string][] = [];
  const log = {
    error: (detail: object, message: string) => void lines.push(['error', detail, message]),
    debug: (detail: object, message: string) => void lines.push(['debug', detail, message]),
  };
  const request = Object.create(null) as Request;
  const replies = Object.fromEntries(statuses.map((each) => [each, { mediaType: null, schema: null, headers: {} }]));
  return {
    reply: errorReply(error, { family, replies, operationId: 'registerUser' }, { request, log, meter: noMeter }),
    lines,
  };
}

describe('what is away for now, as was to be expected', () => {
  const expected = new Unavailable('away', { retryAfter: 7, isExpected: true });

  it('is 503 like any other, and in the log for those who look for it', () => {
    for (const error of [expected, new Overloaded('Too much waits.', { retryAfter: 7 })]) {
      const { reply, lines } = answerTo(error, 'problem', '500', '503');
      expect(reply).toEqual({ status: 503, headers: { 'Retry-After': '7' }, body: {} });
      const detail = { request_id: expect.stringMatching(uuid) as string, operation: 'registerUser', err: error };
      expect(lines).toEqual([['debug', detail, 'a request was refused']]);
    }
  });

  it('is a fault of the server where the contract has no answer for it', () => {
    const { reply, lines } = answerTo(expected, 'problem', '500');
    expect(reply.status).toBe(500);
    expect(lines.map(([level]) => level)).toEqual(['error']);
  });

  it('is in the log as a fault when it was not to be expected', () => {
    const { lines } = answerTo(new Unavailable('away'), 'problem', '500', '503');
    expect(lines.map(([level]) => level)).toEqual(['error']);
  });
});

describe('one try too many', () => {
  const throttled = new Throttled(42, ['registration']);
  const answer = answerTo.bind(null, throttled);

  it('is 429 in the family of the operation, and says when the next makes sense', () => {
    const detail = 'Too many tries. Wait before the next one.';
    const [status, headers] = [429, { 'Retry-After': '42' }];
    expect(answer('problem', '429', '500').reply).toEqual({ status, headers, body: { detail } });
    const body = { error: 'temporarily_unavailable', error_description: detail };
    expect(answer('oauth', '429', '500').reply).toEqual({ status, headers, body });
  });

  it('is in the log for those who look for it, by the name of the limit', () => {
    const { lines } = answer('problem', '429');
    const detail = { request_id: expect.stringMatching(uuid) as string, operation: 'registerUser', err: throttled };
    expect(lines).toEqual([['debug', detail, 'a request was refused']]);
    expect(throttled.message).toBe('Too many tries: registration.');
  });

  it('is a fault of the server where the contract has no answer for it', () => {
    const { reply, lines } = answer('problem', '500', '503');
    expect(reply).toEqual({ status: 500, headers: {}, body: {} });
    expect(lines.map(([level]) => level)).toEqual(['error']);
  });
});

describe('GET /readyz', () => {
  const none = (): Promise<never> => Promise.reject(new NoSigningKey('none'));
  const unready: Record<string, Changes> = {
    'the database is away': failing(new Unavailable(leaky)),
    'the database fails otherwise': failing(new Error(leaky)),
    'there is no signer': ({ keys }) => ({
      keys: {
        ...keys,
        keyring: new Proxy(keys.keyring, {
          get: (target, name) => (name === 'signer' ? none : Reflect.get(target, name)) as unknown,
        }),
      },
    }),
  };

  it.for(Object.keys(unready))('asks for no traffic, with 503 and Retry-After, when %s', async (why, { variants }) => {
    const { app, log } = await variants.variant(unready[why] ?? (() => ({})));
    const { port, close } = await listen(app);
    const reply = await ask(port, 'GET', '/readyz');
    close();
    expectContractKept('GET', '/readyz', reply);
    expect(reply.status).toBe(503);
    expect(JSON.stringify(reply)).not.toMatch(innards);
    expect(log().join()).toContain(uuid.exec(reply.body)?.[0]);
  });
});

describe('what an OAuth error says', () => {
  const hostile = ['"', '\\', '\r\nSet-Cookie: a=b', '\0', 'é', '😀', '<script>', '%00', '\u2028', '__proto__', '‮'];

  it.for(hostile)(
    'keeps to the characters of RFC 6749, 5.2 and to itself: %j [RFC6749-5.2/description]',
    async (text, { tessera }) => {
      const { port, close } = await listen(tessera.app);
      const query = `?${encodeURIComponent(text)}=${encodeURIComponent(text)}`;
      const requests: [path: string, fields: Record<string, string>][] = [
        ['/token', { grant_type: text }],
        ['/token', { [text]: text }],
        ['/token', { [text]: text, grant_type: 'password' }],
        ['/token', { grant_type: 'password', username: text, password: text }],
        ['/token', { grant_type: 'password', username: 'ada', password: text, scope: text }],
        ['/token', { grant_type: 'refresh_token', refresh_token: text }],
        [`/token${query}`, { grant_type: 'client_credentials', client_id: text, client_secret: text }],
        ['/revoke', { [text]: text }],
        ['/revoke', { token: text, client_id: text, client_secret: text }],
        [`/introspect${query}`, { [text]: text }],
        ['/introspect', { token: text, token_type_hint: text, client_id: text }],
      ];
      for (const [path, fields] of requests) {
        const reply = await ask(port, 'POST', path, form, new URLSearchParams(fields).toString());
        expectContractKept('POST', path, reply);
        expect({ path, fields, isRefused: reply.status === 400 || reply.status === 401 }).toMatchObject({
          isRefused: true,
        });
        const body = JSON.parse(reply.body) as { error_description: string };
        expect(body.error_description).toMatch(/^[\x20-\x21\x23-\x5B\x5D-\x7E]+$/);
        expect(reply.headers).not.toHaveProperty('set-cookie');
        expect(reply.headers).toMatchObject({ 'cache-control': 'no-store', 'content-type': 'application/json' });
      }
      close();
    },
  );

  it('keeps to them whatever a httpError says, of the request or of its parts', () => {
    const request = Object.create(null) as Request;
    const log = { error: () => undefined, debug: () => undefined };
    for (const text of [...hostile, 'plain']) {
      const refusals = [
        new HttpError(400, text),
        new HttpError(400, 'x', { errors: [{ pointer: `/body/${text}`, detail: text }] }),
      ];
      for (const httpError of refusals) {
        const { status, body } = errorReply(
          httpError,
          { family: 'oauth', replies: {} },
          { request, log, meter: noMeter },
        );
        expect(status).toBe(400);
        const { error_description: description } = body as { error_description: string };
        expect(description).toMatch(/^[\x20-\x21\x23-\x5B\x5D-\x7E]+$/);
        if (text === 'plain') expect(description).toMatch(/^(plain|plain plain\.)$/);
      }
    }
  });

  it('names the grant that is not supported as such', async ({ tessera }) => {
    for (const grant_type of ['authorization_code', 'PASSWORD', 'urn:ietf:params:oauth:grant-type:jwt-bearer', '"']) {
      const reply = await tessera.form('/token', { grant_type }).expect(400);
      expect(reply.body).toMatchObject({ error: 'unsupported_grant_type' });
    }
    expect((await tessera.form('/token', { grant_type: '' }).expect(400)).body).toMatchObject({
      error: 'invalid_request',
    });
  });
});

describe('a request that does not fit the contract', () => {
  it('is told where the fault is, and what', async ({ tessera }) => {
    const good = { username: 'grace', password };
    const faults: Record<string, object> = {
      '/body/admin': { ...good, admin: true },
      '/body/name': { ...good, name: 'a\nb' },
      '/body/password': { ...good, password: 'x' },
      '/body/username': { ...good, username: 'x'.repeat(65) },
    };
    for (const [pointer, body] of Object.entries(faults)) {
      const reply = await tessera.request.post('/users').send(body).expect(400);
      const { errors } = reply.body as { errors: unknown[] };
      expect(errors).toEqual([{ pointer, detail: expect.any(String) as string }]);
      expect(JSON.stringify(errors)).not.toMatch(innards);
    }
  });

  it('may have its fault in a header alone', async ({ tessera }) => {
    const tags = (length: number) => `"${'x'.repeat(length - 2)}"`;
    for (const path of ['/.well-known/jwks.json', '/.well-known/oauth-authorization-server']) {
      await tessera.request.get(path).set('If-None-Match', tags(1024)).expect(200);
      const reply = await tessera.request.get(path).set('If-None-Match', tags(1025)).expect(400);
      const { errors } = reply.body as { errors: unknown[] };
      expect(errors).toEqual([{ pointer: '/headers/if-none-match', detail: expect.any(String) as string }]);
    }
  });

  it('is not told back what it sent as a secret', async ({ tessera }) => {
    const secret = 'hunter2';
    const reply = await tessera.request.post('/users').send({ username: 'x', password: secret }).expect(400);
    expect(JSON.stringify(reply.body)).not.toContain(secret);
    expect(tessera.log.join('')).not.toContain(secret);
  });
});
