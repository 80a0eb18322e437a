import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connectionErrorAnswerer } from '../../../src/http/listener/connection-errors.ts';
import { expectContractKept } from '../../support/contract-check.ts';
import { sharedServer } from '../../support/server-process.ts';
import { type WireReply, ask, chunked, requestText, sendRaw } from '../../support/wire.ts';

const server = sharedServer();
const form = { 'Content-Type': 'application/x-www-form-urlencoded' };

/** A problem document for what never became a request, behind which the connection is closed. */
function expectProblem(reply: WireReply | undefined, status: number, title: string): void {
  expect(reply?.status).toBe(status);
  expect(reply?.headers).toMatchObject({
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    connection: 'close',
    'content-length': String(Buffer.byteLength(reply?.body ?? '')),
  });
  const id = expect.stringMatching(/^[0-9a-f-]{36}$/) as string;
  expect(JSON.parse(reply?.body ?? '')).toEqual({ type: 'about:blank', title, status, request_id: id });
}

async function expectGoingOn(): Promise<void> {
  expect((await ask(server.port, 'GET', '/livez')).status).toBe(200);
  expect(server.printed.stderr).toBe('');
}

describe('a message that is not HTTP', () => {
  const messages: Record<string, string> = {
    'other words': 'HELO there\r\n\r\n',
    'a TLS client hello': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'an unknown method': 'BREW /livez HTTP/1.1\r\nHost: x\r\n\r\n',
    'an unknown version': 'GET /livez HTTP/9.9\r\nHost: x\r\n\r\n',
    'a space in the path': 'GET /live z HTTP/1.1\r\nHost: x\r\n\r\n',
    'bytes that no path has': 'GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n',
    'a control character in the path': 'GET /\x01 HTTP/1.1\r\nHost: x\r\n\r\n',
    'a header without a colon': 'GET /livez HTTP/1.1\r\nHost: x\r\nodd\r\n\r\n',
    'a space before the colon': 'GET /livez HTTP/1.1\r\nHost : x\r\n\r\n',
    'a NUL in a header': 'GET /livez HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n',
    'a folded header': 'GET /livez HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n',
    'a bare line feed in a header': 'GET /livez HTTP/1.1\r\nHost: x\r\nX: a\rb\r\n\r\n',
    'a length that is no number': 'POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: 3x\r\n\r\nabc',
    'a negative length': 'POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n',
    'two lengths': 'POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc',
    'a length and chunks':
      'POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'chunks and a length':
      'POST /token HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n',
    'an unknown transfer coding': 'POST /token HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: odd\r\n\r\n',
    'chunks that are not the last coding':
      'POST /token HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n',
  };

  it.each(Object.entries(messages))('gets 400 and a problem document: %s [HOSTILE/smuggling]', async (_, message) => {
    const [reply, ...more] = await sendRaw(server.port, message, { replies: 2 });
    expectProblem(reply, 400, 'Bad Request');
    expect(more).toEqual([]);
    await expectGoingOn();
  });

  it('gets 400 for chunks that are none, after a good head', async () => {
    const head = requestText('POST', '/token', { ...form, 'Transfer-Encoding': 'chunked' }).toString();
    for (const chunks of ['zz\r\n', '-1\r\n', '3\r\nabcd\r\n0\r\n\r\n', '5\r\nabc\r\n0\r\n\r\n', '\r\n']) {
      const [reply] = await sendRaw(server.port, head + chunks);
      expectProblem(reply, 400, 'Bad Request');
    }
    await expectGoingOn();
  });

  it('is not answered when nothing has been said', async () => {
    expect(await sendRaw(server.port, '', { end: true })).toEqual([]);
    const resets = Array.from({ length: 20 }, async () => {
      const socket = connect(server.port, '127.0.0.1');
      await once(socket, 'connect');
      socket.write('GET /livez HT');
      socket.resetAndDestroy();
    });
    await Promise.all(resets);
    await expectGoingOn();
  });
});

describe('a header section over 16 KiB', () => {
  it('gets 431 and a problem document, whatever it is made of', async () => {
    const large = 'a'.repeat(16 * 1024);
    const messages = [
      `GET /livez HTTP/1.1\r\nHost: x\r\nX: ${large}\r\n\r\n`,
      `GET /${large} HTTP/1.1\r\nHost: x\r\n\r\n`,
      `GET /livez HTTP/1.1\r\nHost: x\r\n${'a: b\r\n'.repeat(4000)}\r\n`,
      `GET /users/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${large}\r\n\r\n`,
      `GET /livez HTTP/1.1\r\nHost: x\r\n${large}`,
    ];
    for (const message of messages) {
      const [reply] = await sendRaw(server.port, message);
      expectProblem(reply, 431, 'Request Header Fields Too Large');
    }
    await expectGoingOn();
  });

  it('is taken up to that', async () => {
    expect((await ask(server.port, 'GET', '/livez', { X: 'a'.repeat(15 * 1024) })).status).toBe(200);
  });
});

describe('a client that is too slow', () => {
  it('gets 408 and a problem document, in the headers as well as in the body', async () => {
    const limits = { headersTimeout: 60, requestTimeout: 90, connectionsCheckingInterval: 20 };
    const impatient = createServer(limits, (request) => void request.resume()).listen(0, '127.0.0.1');
    impatient.on('clientError', connectionErrorAnswerer({}));
    onTestFinished(() => {
      impatient.close();
    });
    await once(impatient, 'listening');
    const { port } = impatient.address() as AddressInfo;
    const slow = ['', 'GET /livez HTTP/1.1\r\nHo', 'POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc'];
    for (const [reply] of await Promise.all(slow.map((message) => sendRaw(port, message)))) {
      expectProblem(reply, 408, 'Request Timeout');
    }
  });
});

describe('a request on a connection', () => {
  const paths = ['/livez', '/users/me', '/token', '/nothing'];

  it.each(paths)('gets 400 without Host (RFC 9112, 3.2): %s', async (path) => {
    const [reply] = await sendRaw(server.port, `GET ${path} HTTP/1.1\r\n\r\n`);
    expect(reply?.status).toBe(400);
    expect(reply?.headers['content-type']).toBe(path === '/token' ? 'application/json' : 'application/problem+json');
  });

  it.each(paths)('gets 400 with two Hosts, or with one that is none (RFC 9112, 3.2): %s', async (path) => {
    for (const host of ['Host: a\r\nHost: b', 'Host: a\r\nhost: a', 'Host: a b', 'Host: a/b']) {
      const [reply] = await sendRaw(server.port, `GET ${path} HTTP/1.1\r\n${host}\r\n\r\n`);
      expect({ host, status: reply?.status }).toEqual({ host, status: 400 });
    }
  });

  it('may name its host as a URL does', async () => {
    for (const host of ['', 'a', 'A.example:8080', '127.0.0.1', '[::1]:8080', 'xn--bcher-kva.example', 'my_host']) {
      expect((await ask(server.port, 'GET', '/livez', { Host: host })).status).toBe(200);
    }
  });

  it('is refused when a header that may be there once is there twice', async () => {
    const twice: [headers: string, status: number][] = [
      ['Content-Type: application/x-www-form-urlencoded\r\nContent-Type: application/x-www-form-urlencoded', 415],
      ['Content-Type: application/x-www-form-urlencoded\r\nContent-Type: text/plain', 415],
      [
        'Authorization: Basic eDp4\r\nAuthorization: Basic eDp4\r\nContent-Type: application/x-www-form-urlencoded',
        401,
      ],
    ];
    for (const [headers, status] of twice) {
      const head = `POST /revoke HTTP/1.1\r\nHost: x\r\n${headers}\r\nContent-Length: 7\r\n\r\n`;
      const [reply] = await sendRaw(server.port, `${head}token=x`);
      expect({ headers, status: reply?.status }).toEqual({ headers, status });
    }
  });

  it('may be of HTTP/1.0, which knows no Host', async () => {
    const [reply] = await sendRaw(server.port, 'GET /livez HTTP/1.0\r\n\r\n');
    expect(reply).toMatchObject({ status: 200, headers: { connection: 'close' } });
  });

  it('may be one of many that come at once, which are answered in order', async () => {
    const login = 'grant_type=password&username=nobody&password=wrong';
    const message = Buffer.concat([
      requestText('POST', '/token', form, login),
      requestText('GET', '/livez'),
      requestText('GET', '/nothing'),
      requestText('POST', '/token', { ...form, 'Transfer-Encoding': 'chunked' }, chunked(login)),
      requestText('GET', '/readyz'),
    ]);
    const replies = await sendRaw(server.port, message, { replies: 5 });
    expect(replies.map(({ status }) => status)).toEqual([400, 200, 404, 400, 200]);
    expect(replies[0]?.body).toContain('invalid_grant');
    expect(replies[4]?.body).toBe('{"status":"ready"}');
  });

  it('is not answered with the fault of what comes behind it', async () => {
    const login = requestText('POST', '/token', form, 'grant_type=password&username=nobody&password=wrong');
    const [reply] = await sendRaw(server.port, Buffer.concat([login, Buffer.from('GARBAGE\r\n\r\n')]));
    expect(reply?.body).toContain('invalid_grant');
    expect(reply?.headers['connection']).toBe('close');
    await expectGoingOn();
  });

  it('is asked for its body when it expects 100, and only when the body may come', async () => {
    const good = { ...form, Expect: '100-continue' };
    const replies = await sendRaw(server.port, requestText('POST', '/revoke', good, 'token=x'));
    expect(replies.map(({ status }) => status)).toEqual([100, 200]);
  });

  it('is served when it expects what nobody knows', async () => {
    const [reply] = await sendRaw(server.port, requestText('GET', '/livez', { Expect: 'the-spanish-inquisition' }));
    expect(reply?.status).toBe(200);
  });

  it('is served as it is when it asks for another protocol', async () => {
    for (const protocol of ['h2c', 'websocket', 'odd']) {
      const reply = await ask(server.port, 'GET', '/livez', { Connection: 'Upgrade', Upgrade: protocol });
      expect(reply.status).toBe(200);
    }
  });

  it('is not taken for a tunnel', async () => {
    const [reply] = await sendRaw(server.port, 'CONNECT localhost:80 HTTP/1.1\r\nHost: localhost:80\r\n\r\n');
    expect(reply?.status ?? 400).toBeGreaterThanOrEqual(400);
    await expectGoingOn();
  });

  it('may have a body where none is wanted, which is not mistaken for the next request', async () => {
    const message = requestText('GET', '/livez', {}, 'GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n');
    const replies = await sendRaw(server.port, Buffer.concat([message, requestText('GET', '/readyz')]), { replies: 2 });
    expect(replies.map(({ status, body }) => [status, body])).toEqual([
      [200, '{"status":"live"}'],
      [200, '{"status":"ready"}'],
    ]);
  });

  it('may be refused before its body is there, and then ends the connection, so that the rest is no request', async () => {
    const refused = requestText('POST', '/users', { 'Content-Type': 'text/plain' }, 'x'.repeat(100_000));
    const replies = await sendRaw(server.port, Buffer.concat([refused, requestText('GET', '/livez')]), { replies: 2 });
    expect(replies.map(({ status, headers }) => [status, headers['connection']])).toEqual([[415, 'close']]);
    expectContractKept('POST', '/users', replies[0] as WireReply);
  });
});
