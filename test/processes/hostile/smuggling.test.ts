import { describe, expect, it } from 'vitest';
import { sharedServer } from '../../support/server-process.ts';
import { type WireReply, ask, sendRaw } from '../../support/wire.ts';

const server = sharedServer();

/** What is to be taken for a request of its own, if the server and a proxy before it differ on where a message ends. */
const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n';
const form = 'Content-Type: application/x-www-form-urlencoded';
const head = `POST /revoke HTTP/1.1\r\nHost: x\r\n${form}\r\n`;

/** All that comes back until the server hangs up, or has answered twice. */
function send(message: string): Promise<WireReply[]> {
  return sendRaw(server.port, message, { replies: 2 });
}

/** One reply, 400, behind which the connection is closed; whatever follows is no request. */
async function expectRefused(message: string): Promise<void> {
  const replies = await send(message);
  expect(replies.map(({ status, headers }) => [status, headers['connection']])).toEqual([[400, 'close']]);
  expect(JSON.parse(replies[0]?.body ?? '')).toMatchObject({ type: 'about:blank', title: 'Bad Request', status: 400 });
  expect((await ask(server.port, 'GET', '/livez')).status).toBe(200);
}

describe('a message with two lengths (RFC 9112, 6.3)', () => {
  const chunks = '7\r\ntoken=x\r\n0\r\n\r\n';
  const twice: Record<string, string> = {
    'chunks and a length, the length that of the chunks': `Content-Length: 17\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`,
    'a length of nothing, and chunks': `Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`,
    'chunks, and a length of nothing': `Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n${chunks}`,
    'a length that ends before the chunks do': `Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`,
    'two equal lengths': 'Content-Length: 7\r\nContent-Length: 7\r\n\r\ntoken=x',
    'two lengths, the first of nothing': 'Content-Length: 0\r\nContent-Length: 7\r\n\r\ntoken=x',
    'two lengths in one field': 'Content-Length: 7, 7\r\n\r\ntoken=x',
    'a length in hexadecimal': 'Content-Length: 0x7\r\n\r\ntoken=x',
    'a length with a sign': 'Content-Length: +7\r\n\r\ntoken=x',
    'a length with a fraction': 'Content-Length: 7.0\r\n\r\ntoken=x',
    'a length with a space in it': 'Content-Length: 0 7\r\n\r\ntoken=x',
    'a length past what a number holds': 'Content-Length: 18446744073709551623\r\n\r\ntoken=x',
    'an empty length': 'Content-Length: \r\n\r\ntoken=x',
  };

  it.each(Object.entries(twice))('is refused: %s [HOSTILE/smuggling]', async (_, rest) => {
    await expectRefused(`${head}${rest}${smuggled}`);
  });
});

describe('two Authorization headers in one message', () => {
  it('are not taken for one of them, nor for none, where a bearer token or an empty Basic counts as none', async () => {
    const post = (...lines: string[]) =>
      sendRaw(
        server.port,
        `${head}${lines.map((line) => `Authorization: ${line}\r\n`).join('')}Content-Length: 7\r\n\r\ntoken=x`,
      );
    expect((await post('Bearer x'))[0]?.status).toBe(200);
    expect((await post('Basic Og=='))[0]?.status).toBe(200);
    for (const pair of [
      ['Bearer x', 'Bearer x'],
      ['Basic Og==', 'Basic Og=='],
      ['Basic Og==', 'Bearer x'],
      ['Bearer x', 'Basic Y2xpX3g6eA=='],
      ['', ''],
    ])
      expect(JSON.parse((await post(...pair))[0]?.body ?? '')).toMatchObject({ error: 'invalid_client' });
  });
});

describe('a transfer coding in disguise (RFC 9112, 6.1)', () => {
  const disguises: Record<string, string> = {
    'a space before the colon': 'Transfer-Encoding : chunked',
    'a tab before the colon': 'Transfer-Encoding\t: chunked',
    'a vertical tab before the value': 'Transfer-Encoding:\x0Bchunked',
    'a form feed behind the value': 'Transfer-Encoding: chunked\x0C',
    'a carriage return before the value': 'Transfer-Encoding:\rchunked',
    'a NUL behind the value': 'Transfer-Encoding: chunked\0',
    'a folded line': 'Transfer-Encoding:\r\n chunked',
    'a name that goes on': 'X: y\r\n Transfer-Encoding: chunked',
    'another word': 'Transfer-Encoding: xchunked',
    'a quoted word': 'Transfer-Encoding: "chunked"',
    'two codings, the last another': 'Transfer-Encoding: chunked, identity',
    'two codings in two fields, the last another': 'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity',
    'chunked twice': 'Transfer-Encoding: chunked, chunked',
    'chunked twice, in two fields': 'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked',
    'a coding of nothing': 'Transfer-Encoding:',
    'a bare line feed behind it': 'Transfer-Encoding: chunked\nX: y',
    'a bare carriage return behind it': 'Transfer-Encoding: chunked\rX: y',
  };

  it.each(Object.entries(disguises))('is refused: %s [HOSTILE/smuggling]', async (_, field) => {
    await expectRefused(`${head}${field}\r\n\r\n0\r\n\r\n${smuggled}`);
    await expectRefused(`${head}Content-Length: 5\r\n${field}\r\n\r\n0\r\n\r\n${smuggled}`);
  });
});

describe('chunks in disguise (RFC 9112, 7.1)', () => {
  const disguises: Record<string, string> = {
    'a size with a prefix': '0x7\r\ntoken=x\r\n0\r\n\r\n',
    'a size with a sign': '+7\r\ntoken=x\r\n0\r\n\r\n',
    'a size past what a number holds': '10000000000000007\r\ntoken=x\r\n0\r\n\r\n',
    'a size with a space before it': ' 7\r\ntoken=x\r\n0\r\n\r\n',
    'no size at all': ';a=b\r\ntoken=x\r\n0\r\n\r\n',
    'lines that end in a line feed': '7\ntoken=x\n0\n\n',
    'a size whose line ends in a line feed': '7\ntoken=x\r\n0\r\n\r\n',
    'data that ends in a line feed': '7\r\ntoken=x\n0\r\n\r\n',
    'data that goes on behind its size': '7\r\ntoken=xx\r\n0\r\n\r\n',
    'an extension that ends in a line feed': '7;a=b\ntoken=x\r\n0\r\n\r\n',
    'an extension with a line feed in it': '7;a="\n"\r\ntoken=x\r\n0\r\n\r\n',
    'an extension with a NUL in it': '7;a=\0\r\ntoken=x\r\n0\r\n\r\n',
  };

  it.each(Object.entries(disguises))('are refused: %s [HOSTILE/smuggling]', async (_, chunks) => {
    await expectRefused(`${head}Transfer-Encoding: chunked\r\n\r\n${chunks}${smuggled}`);
  });

  it('may have extensions and trailers, which mean nothing, and end where they should [HOSTILE/smuggling]', async () => {
    const next = 'GET /livez HTTP/1.1\r\nHost: x\r\n\r\n';
    for (const chunks of [
      '7;a=b\r\ntoken=x\r\n0;e\r\n\r\n',
      '7\r\ntoken=x\r\n0\r\nAuthorization: Basic eDp4\r\nHost: evil\r\n\r\n',
    ]) {
      const replies = await send(`${head}Transfer-Encoding: chunked\r\n\r\n${chunks}${next}`);
      expect(replies.map(({ status }) => status)).toEqual([200, 200]);
    }
  });

  it('may not have trailers that say how long the message is', async () => {
    for (const trailer of ['Content-Length: 400', 'Transfer-Encoding: identity'])
      await expectRefused(
        `${head}Transfer-Encoding: chunked\r\n\r\n7\r\ntoken=x\r\n0\r\n${trailer}\r\n\r\n${smuggled}`,
      );
  });

  it('may not have extensions without end', async () => {
    const extensions = 'a=b;'.repeat(10_000);
    await expectRefused(`${head}Transfer-Encoding: chunked\r\n\r\n7;${extensions}\r\ntoken=x\r\n0\r\n\r\n${smuggled}`);
  });
});

describe('a head in disguise (RFC 9112, 2.2 and 5)', () => {
  const disguises: Record<string, string> = {
    'lines that end in a line feed': 'GET /livez HTTP/1.1\nHost: x\n\n',
    'a request line that ends in a line feed': 'GET /livez HTTP/1.1\nHost: x\r\n\r\n',
    'a head that ends in a line feed': 'GET /livez HTTP/1.1\r\nHost: x\r\n\n',
    'lines that end in a carriage return': 'GET /livez HTTP/1.1\rHost: x\r\r',
    'a field that goes on in the next line': 'GET /livez HTTP/1.1\r\nHost: x\r\nX: a\r\n\tb\r\n\r\n',
    'a first field that is a continuation': 'GET /livez HTTP/1.1\r\n Host: x\r\nHost: y\r\n\r\n',
    'a field without a name': 'GET /livez HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n',
    'a name with a space in it': 'GET /livez HTTP/1.1\r\nHost: x\r\nX Y: z\r\n\r\n',
    'a name in quotes': 'GET /livez HTTP/1.1\r\nHost: x\r\n"X": z\r\n\r\n',
    'a version in small letters': 'GET /livez http/1.1\r\nHost: x\r\n\r\n',
    'a version of two digits': 'GET /livez HTTP/1.10\r\nHost: x\r\n\r\n',
    'a fourth word in the request line': 'GET /livez HTTP/1.1 HTTP/1.1\r\nHost: x\r\n\r\n',
  };

  it.each(Object.entries(disguises))('is refused: %s [HOSTILE/smuggling]', async (_, message) => {
    await expectRefused(message + smuggled);
  });
});

describe('a body that reads like a request', () => {
  it('is the body of GET, of a refused request, and of one without a path: nothing in it is answered [HOSTILE/smuggling]', async () => {
    const length = `Content-Length: ${smuggled.length}`;
    const last = 'GET /livez HTTP/1.1\r\nHost: x\r\n\r\n';
    const heads: [head: string, status: number][] = [
      ['GET /livez HTTP/1.1', 200],
      ['POST /revoke HTTP/1.1', 415],
      ['DELETE /users/me HTTP/1.1', 401],
      ['POST /nothing HTTP/1.1', 404],
    ];
    for (const [line, status] of heads) {
      const replies = await send(`${line}\r\nHost: x\r\n${length}\r\n\r\n${smuggled}${last}`);
      expect(replies[0]?.status).toBe(status);
      for (const { status: next } of replies.slice(1)) expect(next).toBe(200);
    }
  });

  it('of HTTP/1.0 may not be in chunks', async () => {
    const replies = await send(
      `POST /revoke HTTP/1.0\r\n${form}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
    );
    expect(replies).toHaveLength(1);
    expect(replies[0]?.status).toBe(400);
  });
});
