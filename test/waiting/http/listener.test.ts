/** The listener and clients that keep it waiting, each at its own limit; the limits are shorter here. */
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { type Socket, connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { limits, listen } from '../../../src/http/listener/listener.ts';
import type { TlsPair } from '../../../src/http/listener/tls-pair.ts';
import { newCertificate } from '../../support/certificates.ts';
import { freePort } from '../../support/free-port.ts';
import { whenTestEnds } from '../../support/test-end.ts';
import { waitFor } from '../../support/wait.ts';
import { ask, parseReplies, requestText } from '../../support/wire.ts';

/** Long enough that none of them is reached unless a test shortens it. */
const patient = {
  ...limits,
  headersTimeout: 60_000,
  requestTimeout: 60_000,
  handshakeTimeout: 60_000,
  idleTimeout: 60_000,
  connectionsCheckingInterval: 20,
};

/** Whatever ends sooner was not ended by a limit that the test has not shortened; milliseconds. */
const anyOther = 30_000;

const large = Buffer.alloc(64 * 1024 * 1024, 'a');

const app: RequestListener = (request, response) => {
  if (request.url === '/large') response.end(large);
  else if (request.method === 'POST') request.resume().on('end', () => response.end('read'));
  else response.end(`headers: ${request.rawHeaders.length / 2}`);
};

async function start(changes: Partial<typeof limits> = {}, how: { most?: number; tls?: TlsPair } = {}) {
  const warnings: object[] = [];
  const log = { warn: (detail: object, message: string) => void warnings.push({ ...detail, message }) };
  const port = await freePort();
  const settings = { host: '127.0.0.1', port, issuer: 'http://localhost', maxConnections: how.most ?? 100 };
  const listener = await listen(app, settings, { log, tls: how.tls, limits: { ...patient, ...changes } });
  whenTestEnds(() => listener.drain({ grace: 0, linger: 0 }, () => undefined));
  return { listener, port, warnings };
}

/** A connection, all that came on it, and how long it took until the server closed it, in milliseconds. */
function open(port: number, text: string | Buffer = '') {
  const socket = connect({ port, host: '127.0.0.1' });
  const began = performance.now();
  let received = Buffer.alloc(0);
  socket.on('data', (chunk) => (received = Buffer.concat([received, chunk])));
  socket.on('error', () => undefined);
  socket.write(text);
  whenTestEnds(() => void socket.destroy());
  const closed = once(socket, 'close').then(() => ({
    replies: parseReplies(received),
    took: performance.now() - began,
  }));
  return { socket, closed, replies: () => parseReplies(received) };
}

async function reply(client: ReturnType<typeof open>, count = 1): Promise<void> {
  while (client.replies().length < count) await once(client.socket, 'data');
}

const half = requestText('POST', '/', { 'Content-Length': '9' }, 'abc');

describe.concurrent('a client that keeps the server waiting', () => {
  it.each([
    ['says nothing', 'headersTimeout', ''],
    ['does not end its headers', 'headersTimeout', 'GET / HTTP/1.1\r\nHost: x\r\n'],
    ['does not end its body', 'requestTimeout', half],
  ] as const)('gets 408 when it %s', async (_, limit, text) => {
    const { port } = await start({ [limit]: 200, ...(limit === 'requestTimeout' && { headersTimeout: 200 }) });
    const { replies, took } = await open(port, text).closed;
    expect(replies.map(({ status }) => status)).toEqual([408]);
    expect(took).toBeGreaterThan(150);
    expect(took).toBeLessThan(anyOther);
  });

  it.each([
    ['between two requests', 'keepAliveTimeout', requestText('GET', '/')],
    ['in the midst of its headers', 'idleTimeout', 'GET / HT'],
    ['in the midst of its body', 'idleTimeout', half],
  ] as const)('is let go when nothing moves %s', async (_, limit, text) => {
    const { port } = await start({ [limit]: 200 });
    const { took } = await open(port, text).closed;
    expect(took).toBeGreaterThan(150);
    // Node.js adds a second to what it tells the client of a connection that is kept.
    expect(took).toBeLessThan(anyOther);
  });

  it('is let go when it does not read the reply', async () => {
    const { port, listener } = await start({ idleTimeout: 300 });
    const { socket } = open(port, requestText('GET', '/large'));
    await once(socket, 'data');
    socket.pause();
    await waitFor(() => listener.connections().open === 0);
  });

  it('is let go when it reads the reply a little at a time, for ever', async () => {
    const { port, listener } = await start({ replyTimeout: 2000 });
    const began = performance.now();
    const client = open(port, requestText('GET', '/large'));
    await once(client.socket, 'data');
    // Each time, a little more moves: what looks for silence would never end this.
    const sip = setInterval(() => {
      client.socket.resume();
      setTimeout(() => client.socket.pause(), 5);
    }, 100);
    whenTestEnds(() => {
      clearInterval(sip);
    });
    await waitFor(() => listener.connections().open === 0);
    expect(performance.now() - began).toBeGreaterThan(1900);
    client.socket.resume();
    expect((await client.closed).replies).toEqual([]);
  });

  it('is let go when it has closed its half of the connection in the midst of a request', async () => {
    const { port } = await start();
    const { socket, closed } = open(port, half);
    socket.end();
    expect((await closed).replies.map(({ status }) => status)).toEqual([400]);
  });

  it('is let go when its TLS handshake does not come to an end, or begins with other words', async () => {
    const { port, listener } = await start({ handshakeTimeout: 300 }, { tls: { ...newCertificate(), expires: '' } });
    const hello = Buffer.from([22, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3]);
    const [silent, begun] = await Promise.all([open(port).closed, open(port, hello).closed]);
    for (const { replies, took } of [silent, begun]) {
      expect(replies).toEqual([]);
      expect(took).toBeGreaterThan(250);
      expect(took).toBeLessThan(anyOther);
    }
    const plain = await open(port, requestText('GET', '/')).closed;
    expect(plain.replies).toEqual([]);
    expect(listener.connections().open).toBe(0);
  });
});

describe.concurrent('a request', () => {
  it('may have 100 headers, and gets 431 with more, however many there are', async () => {
    const { port } = await start();
    const headers = (count: number) => `GET / HTTP/1.1\r\n${'a:\r\n'.repeat(count - 1)}Host: x\r\n\r\n`;
    const most = open(port, headers(100));
    await reply(most);
    expect(most.replies()).toMatchObject([{ status: 200, body: 'headers: 100' }]);
    for (const count of [101, 1500, 3500]) {
      const { replies } = await open(port, headers(count)).closed;
      expect(replies).toMatchObject([{ status: 431, headers: { connection: 'close' } }]);
      expect(JSON.parse(replies[0]?.body ?? '')).toMatchObject({ type: 'about:blank', status: 431 });
    }
  });
});

describe.concurrent('a connection too many', () => {
  it('is closed at once, which is logged once a second, and those before it are served; then there is room again', async () => {
    const { port, listener, warnings } = await start({}, { most: 3 });
    const kept = [open(port), open(port), open(port)];
    for (const { socket } of kept) socket.write(requestText('GET', '/'));
    for (const client of kept) await reply(client);
    for (let n = 0; n < 20; n += 1) {
      const { replies, took } = await open(port, requestText('GET', '/')).closed;
      expect(replies).toEqual([]);
      expect(took).toBeLessThan(anyOther);
    }
    for (const client of kept) client.socket.write(requestText('GET', '/'));
    for (const client of kept) await reply(client, 2);
    expect(listener.connections()).toEqual({ open: 3, refused: 20 });
    await waitFor(() => warnings.length > 0);
    // Each that was told of on its own would have been by then.
    await sleep(1000);
    const told = warnings.map((each) => (each as { refused: number }).refused);
    expect(told.reduce((a, b) => a + b)).toBe(20);
    expect(told.length).toBeLessThan(10);
    expect(warnings[0]).toMatchObject({ most: 3, message: 'too-many-connections' });
    kept[0]?.socket.destroy();
    await waitFor(() => listener.connections().open === 2);
    expect((await ask(port, 'GET', '/')).status).toBe(200);
  });
});

describe.concurrent('a listener that drains', () => {
  const none = () => undefined;

  it('answers what comes on an idle connection in the time that it lingers, and then lets it go', async () => {
    const { port, listener } = await start();
    const [asking, idle, silent] = [
      open(port, requestText('GET', '/')),
      open(port, requestText('GET', '/')),
      open(port),
    ];
    await reply(asking);
    await reply(idle);
    await waitFor(() => listener.connections().open === 3);
    const drained = listener.drain({ grace: 60, linger: 0.5 }, none);
    await sleep(100);
    asking.socket.write(requestText('GET', '/'));
    const { replies } = await asking.closed;
    expect(replies.map(({ headers }) => headers['connection'])).toEqual(['keep-alive', 'close']);
    const took = [await idle.closed, await silent.closed].map((each) => each.took);
    await drained;
    for (const each of took) expect(each).toBeGreaterThan(490);
    await expect(ask(port, 'GET', '/')).rejects.toThrow('ECONNREFUSED');
  });

  it('still looks for clients that are slow', async () => {
    const { port, listener } = await start({ requestTimeout: 500, headersTimeout: 500 });
    const slow = open(port, half);
    await waitFor(() => listener.connections().open === 1);
    await listener.drain({ grace: 60, linger: 0 }, none);
    expect((await slow.closed).replies.map(({ status }) => status)).toEqual([408]);
  });

  it('asks for another connection as soon as it is to let go, and takes new ones', async () => {
    const { port, listener } = await start();
    const kept = open(port, requestText('GET', '/'));
    await reply(kept);
    listener.letGo();
    kept.socket.write(requestText('GET', '/'));
    expect((await kept.closed).replies.map(({ headers }) => headers['connection'])).toEqual(['keep-alive', 'close']);
    expect((await ask(port, 'GET', '/')).status).toBe(200);
  });

  it.each([false, true])('cuts whatever is left after its grace; with TLS: %s', async (isSecure) => {
    const pair = isSecure ? { tls: { ...newCertificate(), expires: '' } } : {};
    const { port, listener } = await start({}, pair);
    const clients: Socket[] = [connect(port, '127.0.0.1')];
    if (isSecure) clients.push(connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }));
    for (const client of clients) client.on('error', none);
    clients.at(-1)?.write(half);
    await waitFor(() => listener.connections().open === clients.length);
    const cuts: string[] = [];
    await listener.drain({ grace: 0.3, linger: 30 }, () => void cuts.push('cut'));
    expect(cuts).toEqual(['cut']);
    for (const client of clients) if (!client.closed) await once(client, 'close');
  });
});
