/*
 * The load generator: keep-alive HTTP/1.1 over bare sockets, one request in flight on each, with just enough parsing
 * to know that a reply was 200 and where it ends. On two cores every microsecond spent here is taken from the
 * server under test, so requests are bytes made beforehand and replies are never decoded.
 */
import { connect, type Socket } from 'node:net';

export type Target = { host: string; port: number };
/** The bytes of the next request of a connection. */
export type Feed = () => Buffer;
export type Load = { replies: number; seconds: number; latencies: number[] };

const okStatus = Buffer.from('HTTP/1.1 200 ');
const headEnd = Buffer.from('\r\n\r\n');
const maxHeadBytes = 16_384;

/** The bytes of one request. The body, when there is one, is form-encoded: the only kind measured. */
export function encodeRequest(
  target: Target,
  method: 'GET' | 'POST',
  path: string,
  headers: Record<string, string>,
  form?: Record<string, string>,
): Buffer {
  const body = form === undefined ? '' : new URLSearchParams(form).toString();
  const all = {
    Host: `${target.host}:${target.port}`,
    ...headers,
    ...(form && { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': String(body.length) }),
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
}

/** Goes on where it was when the load pauses. */
export function feedInTurn(requests: readonly Buffer[]): Feed {
  let turn = 0;
  return () => {
    const request = requests[turn % requests.length];
    if (request === undefined) throw new Error('a connection that asks nothing');
    turn += 1;
    return request;
  };
}

/** Bytes that the reply at the start of `received` takes, or undefined while its head is incomplete. */
function replyLength(received: Buffer): number | undefined {
  const end = received.indexOf(headEnd);
  if (end < 0) {
    if (received.length > maxHeadBytes) throw new Error('a reply head longer than 16 KiB');
    return undefined;
  }
  const head = received.toString('latin1', 0, end);
  if (okStatus.compare(received, 0, okStatus.length) !== 0) {
    throw new Error(`a reply other than 200:\n${head}\n\n${received.toString('utf8', end + 4)}`);
  }
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length === undefined) throw new Error(`a reply without Content-Length:\n${head}`);
  return end + headEnd.length + Number(length);
}

function openSocket(target: Target): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(target.port, target.host);
    socket.setNoDelay(true);
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

/** Sends one request after the other on `socket`; the last reply may come after `deadline` and is waited for. */
function drive(socket: Socket, next: Feed, deadline: number, latencies: number[]): Promise<void> {
  return new Promise((resolve, reject) => {
    let sentAt = 0;
    let pending: Buffer | undefined;
    let expected: number | undefined;

    function send(): void {
      sentAt = performance.now();
      socket.write(next());
    }
    function receive(chunk: Buffer): void {
      const received = pending === undefined ? chunk : Buffer.concat([pending, chunk]);
      expected ??= replyLength(received);
      if (expected === undefined || received.length < expected) {
        pending = received;
        return;
      }
      if (received.length > expected) throw new Error('more bytes than the reply announced');
      pending = undefined;
      expected = undefined;
      const now = performance.now();
      latencies.push(now - sentAt);
      if (now < deadline) send();
      else resolve();
    }
    socket.on('data', (chunk: Buffer) => {
      try {
        receive(chunk);
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
    socket.once('error', reject);
    socket.once('close', () => {
      reject(new Error('the server closed a connection under load'));
    });
    send();
  });
}

/** One connection for each of `feeds`, all kept busy for `milliseconds`. Opening them is not measured. */
export async function applyLoad(target: Target, feeds: readonly Feed[], milliseconds: number): Promise<Load> {
  const pairs = await Promise.all(feeds.map(async (next) => ({ next, socket: await openSocket(target) })));
  const latencies: number[] = [];
  const startedAt = performance.now();
  try {
    await Promise.all(pairs.map(({ socket, next }) => drive(socket, next, startedAt + milliseconds, latencies)));
    return { replies: latencies.length, seconds: (performance.now() - startedAt) / 1000, latencies };
  } finally {
    for (const { socket } of pairs) socket.destroy();
  }
}
