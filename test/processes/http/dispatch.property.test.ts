import { password } from '../../support/passwords.ts';
import fc from '../../support/property.ts';
import { expect, it } from 'vitest';
import { routes } from '../../../src/generated/routes.ts';
import { allScopes, privilegesIn } from '../../../src/tokens/scope.ts';
import { findBreaches } from '../../support/contract-check.ts';
import { runCommand } from '../../support/command.ts';
import { sharedServer } from '../../support/server-process.ts';
import { type Headers, type WireReply, ask, chunked } from '../../support/wire.ts';

const server = sharedServer({ REPLY_CHECKS: 'enforce', LOG_LEVEL: 'error', RATE_LIMITS: 'off' });
const json = 'application/json';
const form = 'application/x-www-form-urlencoded';

/** A value for each path parameter, well-formed, of something that is not there. */
const ids: Readonly<Record<string, string>> = {
  kid: 'x',
  userId: 'usr_Zm9vYmFyYmF6cXV4MTIzNA',
  sessionId: '5a3f1a54-6f0c-4b57-8c8e-3a2a7d1c2b10',
  clientId: 'cli_b0Zx8mT2Q5eYw1RkV7uJhA',
  secretId: 'sec_J7Nq3vQ0dZ6m1kGm2lq6lg',
};
const table = Object.values(routes.operations);
const targetOf = (path: string) => path.replaceAll(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? '');
const paths = [...new Set(table.flatMap(({ path }) => [targetOf(path), path.replaceAll(/\{\w+\}/g, 'x')])), '/nothing'];
const operations = table.map(({ method, path, mediaTypes }) => {
  return { method: method.toUpperCase(), path: targetOf(path), type: mediaTypes[0] ?? '' };
});
const methods = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND', 'QUERY', 'M-SEARCH'];

/** What a request target may be made of, as far as it is HTTP at all. */
const targetText = fc.string({
  unit: fc.constantFrom(...Array.from('/.%;:@&=+$,?!~*()[]{}|^`<>"\\\'azAZ09_-')),
  maxLength: 12,
});
const query = fc.oneof(
  { weight: 4, arbitrary: fc.constant('') },
  fc.constantFrom(
    '?',
    '?x=1',
    '?access_token=x',
    '?__proto__=1',
    '?a[b]=c',
    '?%',
    '?scope=x',
    '?x=1&x=2',
    '?limit=2',
    '?cursor=x',
  ),
  targetText.map((text) => `?${text}`),
);
const target = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constantFrom(...paths), query).map((parts) => parts.join('')) },
  fc.tuple(fc.constantFrom(...paths), targetText).map((parts) => parts.join('')),
  targetText.map((text) => `/${text}`),
  fc.constantFrom('*', 'http://localhost/livez', 'http://localhost', '/users/me/', '//users/me', '/users%2fme'),
);

/** What a header value may be made of. */
const headerText = fc.string({
  unit: fc.constantFrom(...Array.from(' \t"\\,;=/*-_.~+aZ09\u00E9\u00FF')),
  maxLength: 20,
});
const type = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(json, form) },
  fc.constantFrom('text/plain', `${json}; charset=utf-8`, `${form};charset="UTF-8"`, `${json};charset=utf-16`, ''),
  headerText,
  headerText.map((text) => `${json};${text}`),
);
/**
 * `U` stands for a token that works, `S` for one that may only read, `K` for one of a client with every scope, `C` for the
 * Basic credentials of a client.
 */
const authorization = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('Bearer U', 'Bearer S', 'Bearer K', 'Basic C', '') },
  fc.constantFrom('Bearer', 'Bearer x', 'Basic', 'Basic eDp4', 'Bearer U x', 'Basic %', 'Basic Og==', 'bearer  U'),
  headerText.map((text) => `Bearer ${text}`),
  headerText.map((text) => `Basic ${text}`),
  headerText.map((text) => `Basic ${Buffer.from(text).toString('base64')}`),
  headerText,
);
const other = fc.dictionary(
  fc.constantFrom('Accept', 'If-None-Match', 'Origin', 'Range', 'Cookie', 'Content-Encoding', 'Expect', 'If-Match'),
  fc.oneof(
    headerText,
    fc.constantFrom('*', 'gzip', '"x"', 'W/"x", "y"', 'x'.repeat(2000), '100-continue', 'bytes=0-1'),
  ),
  { maxKeys: 2 },
);

const hostileText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom(
    '',
    'ada',
    password,
    'first-party',
    'profile:read',
    'x'.repeat(300),
    '\0',
    '"\\',
    '__proto__',
    "' OR 1=1 --",
  ),
);
const member = fc.oneof(
  { weight: 3, arbitrary: hostileText },
  fc.constantFrom(null, true, 0, -1.5, 1e308, [], {}, ['x'], { a: { b: [] } }),
);
const memberNames = [
  ...['username', 'password', 'name', 'current_password', 'new_password', 'force', 'signer', 'reason'],
  ...['disabled', 'roles', 'client_name', 'scope', 'grant_types', 'token_endpoint_auth_method', 'audiences', 'jwks'],
];
const jsonBody = fc
  .oneof(
    {
      weight: 6,
      arbitrary: fc.dictionary(nameOf(memberNames), member),
    },
    fc.json(),
  )
  .map((body) => (typeof body === 'string' ? body : JSON.stringify(body)));
const formNames = [
  'grant_type',
  'username',
  'password',
  'refresh_token',
  'scope',
  'client_id',
  'client_secret',
  'client_assertion',
  'client_assertion_type',
  'resource',
  'token',
];
const formValue = fc.oneof(
  hostileText,
  fc.constantFrom('password', 'refresh_token', 'client_credentials', 'trt_x', 'a.b.c'),
);
const formBody = fc
  .array(fc.tuple(nameOf([...formNames, 'token_type_hint']), formValue), { maxLength: 6 })
  .map((pairs) => pairs.map((pair) => pair.map((text) => encodeURIComponent(text.toWellFormed())).join('=')).join('&'));
const body = fc.oneof(
  { weight: 4, arbitrary: jsonBody.map((text) => Buffer.from(text)) },
  { weight: 4, arbitrary: formBody.map((text) => Buffer.from(text)) },
  fc.constant(Buffer.alloc(0)),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  targetText.map((text) => Buffer.from(text)),
  fc.constantFrom(16_384, 16_385, 70_000).map((length) => Buffer.alloc(length, 'a')),
);

function nameOf(names: string[]) {
  return fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...names) }, hostileText);
}

/** Mostly what some operation takes, as far as method, path and type go. */
const way = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom(...operations), query)
      .map(([way, text]) => ({ ...way, target: way.path + text })),
  },
  fc.record({ method: fc.constantFrom(...methods), target, type }),
);
const hostileRequest = fc
  .record({ way, authorization, other, body, isChunked: fc.boolean() })
  .map(({ way: { method, target: path, type: contentType }, ...rest }) => ({
    method,
    target: path,
    type: contentType,
    ...rest,
  }));
type HostileRequest = typeof hostileRequest extends fc.Arbitrary<infer Value> ? Value : never;

async function newUser(username: string, scope = ''): Promise<string> {
  const account = JSON.stringify({ username, password });
  await ask(server.port, 'POST', '/users', { 'Content-Type': json }, account);
  const fields = new URLSearchParams({ grant_type: 'password', username, password, scope });
  const reply = await ask(server.port, 'POST', '/token', { 'Content-Type': form }, fields.toString());
  return (JSON.parse(reply.body) as { access_token: string }).access_token;
}

async function newClient(): Promise<{ basic: string; token: string }> {
  const scope = privilegesIn(allScopes).join(' ');
  const args = ['create', '--name', 'a', '--scope', scope, '--json'];
  const { stdout } = await runCommand('clients', args, server);
  const { client_id: id, client_secret: secret } = JSON.parse(stdout) as { client_id: string; client_secret: string };
  const fields = { grant_type: 'client_credentials', client_id: id, client_secret: secret };
  const body = new URLSearchParams(fields).toString();
  const reply = await ask(server.port, 'POST', '/token', { 'Content-Type': form }, body);
  const { access_token: token } = JSON.parse(reply.body) as { access_token: string };
  return { basic: Buffer.from(`${id}:${secret}`).toString('base64'), token };
}

it('answers whatever it is sent, and every answer keeps the contract [HOSTILE/anything]', async () => {
  const { basic: client, token: operator } = await newClient();
  const reader = await newUser('reader', 'profile:read');
  let token = await newUser('user');
  const seen = new Map<number, number>();

  await fc.assert(
    fc.asyncProperty(hostileRequest, async (request) => {
      const reply = await send(request, { U: token, S: reader, K: operator, C: client });
      seen.set(reply.status, (seen.get(reply.status) ?? 0) + 1);
      expect(reply.status).toBeLessThan(500);
      expect(findBreaches(request.method, request.target, reply)).toEqual([]);
      expect(reply.body).not.toMatch(/\.ts:\d|node_modules|SQLITE|errcode/);
      const isSpent = reply.status === 204 && request.target === '/users/me';
      if (isSpent) token = await newUser('user');
    }),
    { numRuns: Number(process.env['FUZZ_RUNS'] ?? 600) },
  );

  expect(server.printed.stderr).toBe('');
  // The requests are not so wild that the first guard catches them all.
  for (const status of [200, 400, 401, 404, 405, 413, 415]) expect([...seen.keys()]).toContain(status);
});

function send(request: HostileRequest, credentials: Record<string, string>): Promise<WireReply> {
  const {
    method,
    target: path,
    type: contentType,
    authorization: given,
    other: more,
    body: bytes,
    isChunked,
  } = request;
  const headers: Record<string, string> = { ...more };
  if (contentType !== '') headers['Content-Type'] = contentType;
  if (given !== '') headers['Authorization'] = given.replace(/\b[USKC]\b/, (name) => credentials[name] ?? name);
  if (isChunked) headers['Transfer-Encoding'] = 'chunked';
  return ask(server.port, method, path, headers satisfies Headers, isChunked ? chunked(bytes) : bytes);
}
