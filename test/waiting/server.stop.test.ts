import { access } from 'node:fs/promises';
import { type Socket, connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Installation, newInstallation, portOf } from '../support/installation.ts';
import { password } from '../support/passwords.ts';
import { type ServerProcess, launchServer, startServer } from '../support/server-process.ts';
import { waitFor } from '../support/wait.ts';
import { type WireReply, ask, parseReplies, requestText } from '../support/wire.ts';

const form = { 'Content-Type': 'application/x-www-form-urlencoded' };

/** A connection that stays open, as browsers and proxies keep theirs. */
class Connection {
  readonly #socket: Socket;
  readonly #closed: Promise<void>;
  #received = Buffer.alloc(0);

  constructor(port: number) {
    this.#socket = connect({ port, host: '127.0.0.1' });
    this.#socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk]);
    });
    // Being cut off is one of the outcomes.
    this.#socket.on('error', () => undefined);
    this.#closed = new Promise((resolve) => this.#socket.once('close', resolve));
  }

  send(bytes: string | Buffer): void {
    this.#socket.write(bytes);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** The replies so far, once there are `count` of them. */
  async replies(count: number): Promise<WireReply[]> {
    for (;;) {
      const found = parseReplies(this.#received);
      if (found.length >= count) return found;
      if (this.#socket.closed) throw new Error('closed before the reply');
      await Promise.race([new Promise((resolve) => this.#socket.once('data', resolve)), this.#closed]);
    }
  }

  /** All that came until the server closed the connection. */
  async untilClosed(): Promise<WireReply[]> {
    await this.#closed;
    return parseReplies(this.#received);
  }
}

type Running = { installation: Installation; server: ServerProcess; port: number };

async function start(environment: Record<string, string> = {}, options: { detached?: boolean } = {}): Promise<Running> {
  const installation = await newInstallation(environment);
  const server = await startServer(installation, options);
  return { installation, server, port: portOf(installation) };
}

/** Resolves when nobody listens at the port any more. */
async function untilRefused(port: number): Promise<void> {
  for (;;) {
    const outcome = await new Promise<string>((resolve) => {
      const socket = connect({ port, host: '127.0.0.1' }, () => {
        socket.destroy();
        resolve('connected');
      });
      socket.once('error', (error: NodeJS.ErrnoException) => {
        resolve(error.code ?? '');
      });
    });
    if (outcome === 'ECONNREFUSED') return;
  }
}

/** A request whose body does not come whole before we say so. */
function sendHalf(port: number): Connection {
  const connection = new Connection(port);
  connection.send(requestText('POST', '/revoke', { ...form, 'Content-Length': '7' }, 'tok'));
  return connection;
}

/** No connection may hold the server up for so long that the test would pass by the grace alone. */
const patient = { SHUTDOWN_GRACE: '1h' };

describe.concurrent.each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  it('lets the server finish what is in flight, and nothing new, then ends it with 0', async () => {
    const { server, port, installation } = await start(patient);
    const half = sendHalf(port);
    await ask(port, 'GET', '/livez');
    server.child.kill(signal);
    await untilRefused(port);
    half.send('en=x');
    const [reply] = await half.untilClosed();
    // A client that keeps its connections is told not to keep this one.
    expect(reply).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store', connection: 'close' } });
    expect(await server.ended).toMatchObject({ code: 0, stderr: '' });
    // A database that was closed has nothing left beside it.
    await expect(access(`${installation.folder}/data/tessera.db-wal`)).rejects.toThrow('ENOENT');
  });
});

describe.concurrent('the server, when it is told to stop', () => {
  it('finishes a login that is being worked on', async () => {
    const { server, port } = await start({ ...patient, ARGON2_PASSES: '40' });
    const account = JSON.stringify({ username: 'ada', password });
    await ask(port, 'POST', '/users', { 'Content-Type': 'application/json' }, account);
    const connection = new Connection(port);
    // The second of two requests that come together is read when the first has been answered.
    const fields = new URLSearchParams({ grant_type: 'password', username: 'ada', password }).toString();
    connection.send(Buffer.concat([requestText('GET', '/livez'), requestText('POST', '/token', form, fields)]));
    await connection.replies(1);
    server.child.kill('SIGTERM');
    const [, reply] = await connection.untilClosed();
    expect(reply?.status).toBe(200);
    expect(JSON.parse(reply?.body ?? '{}')).toMatchObject({ token_type: 'Bearer' });
    expect(await server.ended).toMatchObject({ code: 0, stderr: '' });
  });

  it('finishes a download that the client takes its time over, and lets the connection go behind it', async () => {
    const { server, port } = await start(patient);
    const slow = new Connection(port);
    slow.send(requestText('GET', '/livez'));
    await slow.replies(1);
    slow.pause();
    slow.send(requestText('GET', '/docs/redoc.js'));
    await ask(port, 'GET', '/livez');
    server.child.kill('SIGTERM');
    await untilRefused(port);
    slow.resume();
    const [, script] = await slow.untilClosed();
    expect(script?.status).toBe(200);
    expect(script?.body.length).toBeGreaterThan(1_000_000);
    expect(await server.ended).toMatchObject({ code: 0, stderr: '' });
  });

  it('does not wait for connections on which nothing is going on', async () => {
    const { server, port } = await start(patient);
    const idle = Array.from({ length: 5 }, () => new Connection(port));
    for (const connection of idle) connection.send(requestText('GET', '/livez'));
    for (const connection of idle) await connection.replies(1);
    server.child.kill('SIGTERM');
    for (const connection of idle) expect(await connection.untilClosed()).toHaveLength(1);
    expect(await server.ended).toMatchObject({ code: 0, stderr: '' });
  });

  it('cuts off after its grace what does not come to an end, and ends with 0 all the same', async () => {
    const { server, port } = await start({ SHUTDOWN_GRACE: '1s' });
    const never = [sendHalf(port), new Connection(port), new Connection(port), new Connection(port)];
    never[1]?.send('GET /livez HTTP/1.1\r\nHo');
    never[2]?.send('GARBAGE\r\n\r\n');
    await ask(port, 'GET', '/livez');
    server.child.kill('SIGTERM');
    expect(await server.ended).toMatchObject({ code: 0 });
    expect((await never[0]?.untilClosed())?.[0]?.status ?? 408).toBe(408);
    expect(server.printed.stderr).toContain('still in flight');
  });

  // A terminal signals the whole group, and npm passes the signal on as well: the server gets it twice.
  it.each(['SIGTERM', 'SIGINT'] as const)('may be told again: %s', async (signal) => {
    const { server, port } = await start(patient);
    const half = sendHalf(port);
    await ask(port, 'GET', '/livez');
    server.child.kill(signal);
    await untilRefused(port);
    server.child.kill(signal);
    half.send('en=x');
    const [reply] = await half.untilClosed();
    expect(reply?.status).toBe(200);
    expect(await server.ended).toMatchObject({ code: 0, stderr: '' });
  });

  it('may be told as soon as it has greeted', async () => {
    const ends = Array.from({ length: 2 }, async () => {
      const server = launchServer(await newInstallation());
      await server.greeted;
      server.child.kill('SIGTERM');
      return server.ended;
    });
    for (const end of await Promise.all(ends)) expect(end).toMatchObject({ code: 0, stderr: '' });
  });

  it('leaves a database that the next start goes on with', async () => {
    const { server, installation } = await start();
    const jwks = await (await fetch(`${installation.url}/.well-known/jwks.json`)).text();
    server.child.kill('SIGTERM');
    await server.ended;
    const next = launchServer(installation);
    await next.ready;
    expect(await (await fetch(`${installation.url}/.well-known/jwks.json`)).text()).toBe(jwks);
  });
});

describe.concurrent('the time before the server stops', () => {
  const delayed = { ...patient, SHUTDOWN_DELAY: '4s' };

  it('has readiness fail, while all else is served and new connections are taken, and then ends it', async () => {
    const { server, port } = await start(delayed);
    const kept = new Connection(port);
    kept.send(requestText('GET', '/livez'));
    await kept.replies(1);
    const half = sendHalf(port);
    await ask(port, 'GET', '/livez');
    const told = performance.now();
    server.child.kill('SIGTERM');
    const notReady = await waitFor(async () => {
      const reply = await ask(port, 'GET', '/readyz');
      return reply.status === 503 && reply;
    });
    expect(notReady).toMatchObject({ status: 503, headers: { 'content-type': 'application/problem+json' } });
    expect((await ask(port, 'GET', '/livez')).status).toBe(200);
    expect((await ask(port, 'GET', '/.well-known/jwks.json')).status).toBe(200);
    // Who keeps connections is sent to others by then.
    kept.send(requestText('GET', '/livez'));
    const [, last] = await kept.untilClosed();
    expect(last).toMatchObject({ status: 200, headers: { connection: 'close' } });
    await untilRefused(port);
    expect(performance.now() - told).toBeGreaterThan(3900);
    half.send('en=x');
    expect((await half.untilClosed())[0]?.status).toBe(200);
    expect(await server.ended).toMatchObject({ code: 0, stderr: '' });
  });

  it('is not for a person, who waits', async () => {
    const { server } = await start({ ...patient, SHUTDOWN_DELAY: '1m' });
    server.child.kill('SIGINT');
    expect(await server.ended).toMatchObject({ code: 0, stderr: '' });
  });

  it('is over when the server is told again, a second later or more: then it ends at once, with 1', async () => {
    const { server, port } = await start({ ...patient, SHUTDOWN_DELAY: '1m' });
    sendHalf(port);
    await ask(port, 'GET', '/livez');
    server.child.kill('SIGTERM');
    // Its second begins when it has heard.
    await waitFor(async () => (await ask(port, 'GET', '/readyz')).status === 503);
    await sleep(1200);
    expect((await ask(port, 'GET', '/livez')).status).toBe(200);
    server.child.kill('SIGTERM');
    expect((await server.ended).code).toBe(1);
  });
});

describe.concurrent('a server that is told to stop while it starts', () => {
  it('ends with 0, at whatever moment, and leaves what the next start goes on with', async () => {
    const installation = await newInstallation();
    for (const wait of [150, 250, 350, 500, 700, 1000]) {
      const server = launchServer(installation);
      await sleep(wait);
      server.child.kill('SIGTERM');
      const { code, stderr } = await server.ended;
      // Null: the signal came before Node.js had begun with the program.
      expect({ wait, code: code ?? 0, stderr }).toEqual({ wait, code: 0, stderr: '' });
    }
    const server = launchServer(installation);
    await server.ready;
    expect((await fetch(`${installation.url}/readyz`)).status).toBe(200);
  });
});
