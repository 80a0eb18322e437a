import { describe, expect } from 'vitest';
import { routes } from '../../../src/generated/routes.ts';
import { expectContractKept } from '../../support/contract-check.ts';
import { it as base } from '../../support/tessera.ts';
import { password } from '../../support/tessera.ts';
import { type Headers, type WireReply, ask, chunked, listen, requestText, sendRaw } from '../../support/wire.ts';

const limit = 16 * 1024;
const json = 'application/json';
const form = 'application/x-www-form-urlencoded';

/** Every operation that takes a body, and one that it accepts as far as the schema goes. */
const operations = [
  { method: 'POST', path: '/users', type: json, body: '{"username":"","password":""}' },
  { method: 'PATCH', path: '/users/me', type: json, body: '{"name":null}' },
  { method: 'PUT', path: '/users/me/password', type: json, body: '{"current_password":"x","new_password":"y"}' },
  { method: 'POST', path: '/token', type: form, body: 'grant_type=client_credentials' },
  { method: 'POST', path: '/revoke', type: form, body: 'token=x' },
  { method: 'POST', path: '/introspect', type: form, body: 'token=x' },
] as const;
type Operation = (typeof operations)[number];

const it = base
  .extend('port', { scope: 'file' }, async ({ tessera }, { onCleanup }) => {
    const { port, close } = await listen(tessera.app);
    onCleanup(close);
    return port;
  })
  .extend('token', { scope: 'file' }, async ({ tessera }) => {
    const { username } = await tessera.newUser();
    return (await tessera.login(username)).access_token;
  })
  .extend('operator', { scope: 'file' }, async ({ tessera }) => {
    const { username } = await tessera.newUser(['operator']);
    return (await tessera.login(username)).access_token;
  });

/** Sends `body` to the operation as a caller that may use it. */
function send(
  { port, token }: { port: number; token: string },
  { method, path, type }: Operation,
  body: string | Buffer,
  headers: Headers = {},
): Promise<WireReply> {
  const credentials: Headers = path.startsWith('/users/me') ? { Authorization: `Bearer ${token}` } : {};
  const given = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== 'absent'));
  const typed = 'Content-Type' in headers ? {} : { 'Content-Type': type };
  return ask(port, method, path, { ...credentials, ...typed, ...given }, body);
}

/** The status, in the contract's own shape for the operation. */
function expectRefusal({ method, path, type }: Operation, reply: WireReply, status: number, saying: RegExp): void {
  expectContractKept(method, path, reply);
  expect({ path, status: reply.status }).toEqual({ path, status });
  const body = JSON.parse(reply.body) as { detail?: string; error?: string; error_description?: string };
  expect(type === form ? body.error_description : body.detail).toMatch(saying);
  if (type === form) expect(body.error).toBe('invalid_request');
}

describe.each(operations)('the body of $method $path', (operation) => {
  const wrongTypes = [
    'absent',
    '',
    'text/plain',
    'multipart/form-data; boundary=x',
    `${operation.type}x`,
    `${operation.type}, ${operation.type}`,
    operation.type === json ? form : json,
    'application/problem+json',
  ];

  it('is refused with 415 when its type is not the one of the contract', async ({ port, token }) => {
    for (const type of wrongTypes) {
      const reply = await send({ port, token }, operation, operation.body, { 'Content-Type': type });
      expectRefusal(operation, reply, 415, /^This operation takes application\/[a-z-]+ in UTF-8\.$/);
    }
  });

  it('may name its charset, which is UTF-8 however that is written', async ({ port, token }) => {
    const parameters = [
      '; charset=utf-8',
      ';charset=UTF-8',
      ' ; Charset="Utf-8"',
      '; charset=utf8',
      ';Charset="UTF8"',
      '; v=1; charset=utf-8',
      '; v=1',
      ';',
    ];
    for (const parameter of parameters) {
      const type = operation.type.toUpperCase() + parameter;
      const reply = await send({ port, token }, operation, operation.body, { 'Content-Type': type });
      expectContractKept(operation.method, operation.path, reply);
      expect({ parameter, refused: reply.status === 415 }).toEqual({ parameter, refused: false });
    }
  });

  it('is refused with 415 in any other charset [HOSTILE/body-encoding]', async ({ port, token }) => {
    for (const charset of ['iso-8859-1', 'utf-16', 'utf16', 'utf-8x', 'utf--8', 'utf_8', '"us-ascii"', '']) {
      const type = `${operation.type}; charset=${charset}`;
      const reply = await send({ port, token }, operation, operation.body, { 'Content-Type': type });
      expectRefusal(operation, reply, 415, /UTF-8/);
    }
  });

  it('is refused with 415 when its bytes are not UTF-8 [HOSTILE/body-encoding]', async ({ port, token }) => {
    for (const bytes of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0xaf]]) {
      const body = Buffer.concat([Buffer.from(operation.body), Buffer.from(bytes)]);
      expectRefusal(operation, await send({ port, token }, operation, body), 415, /UTF-8/);
    }
  });

  it('is refused with 415 when it is compressed, or says so [HOSTILE/body-encoding]', async ({ port, token }) => {
    for (const coding of ['gzip', 'br', 'deflate', 'x-unknown', 'gzip, identity']) {
      const reply = await send({ port, token }, operation, operation.body, { 'Content-Encoding': coding });
      expectRefusal(operation, reply, 415, /UTF-8/);
    }
    const reply = await send({ port, token }, operation, operation.body, { 'Content-Encoding': 'identity' });
    expect(reply.status).not.toBe(415);
  });

  it('is refused with 413 from one byte over 16 KiB on, and with no more to say', async ({ port, token }) => {
    const tooLong = 'x'.repeat(limit + 1);
    expectRefusal(
      operation,
      await send({ port, token }, operation, tooLong),
      413,
      /^The body is larger than 16 KiB\.$/,
    );

    const framing = { 'Transfer-Encoding': 'chunked' };
    expectRefusal(operation, await send({ port, token }, operation, chunked(tooLong), framing), 413, /16 KiB/);
    const inTime = await send({ port, token }, operation, chunked('x'.repeat(limit)), framing);
    expect(inTime.status).not.toBe(413);
  });

  it('is refused by the length that it claims, before it has come', async ({ port, token }) => {
    const reply = await send({ port, token }, operation, '', { 'Content-Length': String(limit + 1) });
    expectRefusal(operation, reply, 413, /16 KiB/);
  });

  it('is refused with 400 when it is empty or missing', async ({ port, token }) => {
    const saying = operation.type === json ? /^The body is not JSON\.$/ : /^(grant_type|token) is missing\.$/;
    expectRefusal(operation, await send({ port, token }, operation, ''), 400, saying);
    expectRefusal(operation, await send({ port, token }, operation, '', { 'Content-Length': '0' }), 400, saying);
  });
});

describe.each(operations.filter(({ type }) => type === json))('JSON for $method $path', (operation) => {
  it('is refused with 400 when it is malformed', async ({ port, token }) => {
    for (const body of ['{', '{"name":null}}', "{'name':null}", '{"name":null,}', 'NaN', '\uFEFF{"name":null}', '\0']) {
      expectRefusal(operation, await send({ port, token }, operation, body), 400, /^The body is not JSON\.$/);
    }
  });

  it('is refused with 400 when it is no object, or has members that the contract does not know', async ({
    port,
    token,
  }) => {
    for (const body of ['null', '[]', '"text"', '0', '['.repeat(limit / 2) + ']'.repeat(limit / 2)]) {
      expectRefusal(operation, await send({ port, token }, operation, body), 400, /^The request does not fit/);
    }
    for (const name of ['admin', '__proto__', 'constructor', 'a\\"b', '\\u0000', '../..']) {
      const body = operation.body.replace('{', `{"${name}":1,`);
      expectRefusal(operation, await send({ port, token }, operation, body), 400, /^The request does not fit/);
    }
  });
});

describe.each(operations.filter(({ type }) => type === form))('a form for $method $path', (operation) => {
  it('is refused when a parameter is repeated, known or not, empty or not [RFC6749-3.2/repeated]', async ({
    port,
    token,
  }) => {
    for (const pairs of ['x=1&x=2', 'x=&x=', 'x&x', '%78=1&x=2', 'scope=a&scope=a', '__proto__=1&__proto__=2']) {
      const body = `${operation.body}&${pairs}`;
      expectRefusal(operation, await send({ port, token }, operation, body), 400, /^A parameter is repeated\.$/);
    }
  });

  it('is refused when its percent-encoding is broken', async ({ port, token }) => {
    for (const pair of ['x=%', 'x=%4', 'x=%zz', '%=1', 'x=%ff', 'x=%C3', 'x=%ED%A0%80']) {
      const body = `${operation.body}&${pair}`;
      expectRefusal(operation, await send({ port, token }, operation, body), 400, /^The body is not form-encoded\.$/);
    }
  });
});

describe('a body that is optional', () => {
  const optional = Object.values(routes.operations).filter(
    (route) => !route.bodyRequired && route.mediaTypes.length > 0,
  );
  /** What the operation answers when it was asked for nothing more: too soon to rotate, no such key. */
  const asked: Readonly<Record<string, number>> = { '/keys/rotate': 409, '/keys/{kid}/revoke': 404 };
  const framings: readonly [Headers, Buffer][] = [
    [{}, Buffer.alloc(0)],
    [{ 'Content-Length': '0' }, Buffer.alloc(0)],
    [{ 'Content-Length': '00' }, Buffer.alloc(0)],
    [{ 'Transfer-Encoding': 'chunked' }, chunked('')],
    [{ 'Transfer-Encoding': 'chunked' }, Buffer.from('0;x=y\r\nTrailer: x\r\n\r\n')],
  ];
  const types = [
    ...['absent', '', json, `${json}; charset=utf-8`, `${json}; charset=utf-16`, `${json}, ${json}`],
    ...[form, 'text/plain', 'application/octet-stream', 'multipart/form-data; boundary=x', '*/*', 'nonsense'],
  ];
  const typed = (type: string): Headers => (type === 'absent' ? {} : { 'Content-Type': type });

  it('is one of these', () => {
    expect(optional.map(({ path }) => path)).toEqual(Object.keys(asked));
  });

  it.for(optional)(
    'is absent where there is no content, whatever its type is said to be: $path',
    async ({ method, path }, { port, operator }) => {
      const target = path.replace('{kid}', 'unknown');
      for (const type of types)
        for (const [framing, body] of framings) {
          const headers = { Authorization: `Bearer ${operator}`, ...typed(type), ...framing };
          const reply = await ask(port, method.toUpperCase(), target, headers, body);
          expectContractKept(method, path, reply);
          expect({ type, framing, status: reply.status }).toEqual({ type, framing, status: asked[path] });
        }
    },
  );

  it.for(optional)(
    'is held to its type and to the contract where there is content: $path',
    async ({ method, path }, { port, operator }) => {
      const target = path.replace('{kid}', 'unknown');
      const send = (content: string, type: string, isInChunks: boolean) => {
        const framing: Headers = isInChunks ? { 'Transfer-Encoding': 'chunked' } : {};
        const headers = { Authorization: `Bearer ${operator}`, ...typed(type), ...framing };
        return ask(port, method.toUpperCase(), target, headers, isInChunks ? chunked(content) : content);
      };
      for (const isInChunks of [false, true]) {
        for (const type of types.filter((each) => each !== json && each !== `${json}; charset=utf-8`))
          for (const content of ['{}', ' ', 'x'.repeat(limit)]) {
            const reply = await send(content, type, isInChunks);
            expectContractKept(method, path, reply);
            expect({ type, isInChunks, status: reply.status }).toEqual({ type, isInChunks, status: 415 });
          }
        for (const content of [' ', '{"reason":""}', '{"reason":1}', 'null', '{'])
          expect({ content, status: (await send(content, json, isInChunks)).status }).toEqual({ content, status: 400 });
        expect((await send('x'.repeat(limit + 1), 'text/plain', isInChunks)).status).toBe(415);
        expect((await send('x'.repeat(limit + 1), json, isInChunks)).status).toBe(413);
        expect((await send('{"reason":"a drill"}', json, isInChunks)).status).toBe(asked[path]);
      }
    },
  );
});

describe('a body of exactly 16 KiB', () => {
  const pad = (body: string, filler: string) => body + filler.repeat(limit - body.length);

  it('is taken as JSON', async ({ port }) => {
    const body = pad(JSON.stringify({ username: 'exactly', password }), ' ');
    const reply = await ask(port, 'POST', '/users', { 'Content-Type': json }, body);
    expect(reply.status).toBe(201);
    const more = await ask(port, 'POST', '/users', { 'Content-Type': json }, body + ' ');
    expect(more.status).toBe(413);
  });

  it('is taken as a form', async ({ port, tessera }) => {
    const { username } = await tessera.newUser();
    const body = pad(`${new URLSearchParams({ grant_type: 'password', username, password }).toString()}&x=`, 'a');
    expect((await ask(port, 'POST', '/token', { 'Content-Type': form }, body)).status).toBe(200);
    expect((await ask(port, 'POST', '/token', { 'Content-Type': form }, body + 'a')).status).toBe(413);
  });
});

describe('a body that is not as long as it claims', () => {
  it('gets 400 when it ends too soon, and the server goes on', async ({ port }) => {
    for (const framing of [{ 'Content-Length': '100' }, { 'Transfer-Encoding': 'chunked' }]) {
      const message = requestText('POST', '/token', { 'Content-Type': form, ...framing }, '5\r\ngrant');
      const [reply] = await sendRaw(port, message, { end: true });
      expect(reply?.status ?? 400).toBe(400);
    }
    expect((await ask(port, 'GET', '/livez')).status).toBe(200);
  });

  it('ends where it claims to, whatever comes behind', async ({ port }) => {
    const framing = { 'Content-Type': form, 'Content-Length': '9' };
    const [reply] = await sendRaw(port, requestText('POST', '/revoke', framing, 'token=abcGET /livez HTTP/1.1\r\n'));
    expect(reply).toMatchObject({ status: 200, body: '' });
  });
});
