import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { sharedServer } from '../../support/server-process.ts';
import { type WireReply, ask, parseReplies } from '../../support/wire.ts';

const server = sharedServer();

/** Sends `start`, then one `crumb` each half second, and tells what came back, and after how many seconds the end came. */
async function trickle(start: string, crumb: string): Promise<{ replies: WireReply[]; seconds: number }> {
  const began = performance.now();
  const socket = connect(server.port, '127.0.0.1');
  const received: Buffer[] = [];
  socket.on('data', (chunk) => received.push(chunk));
  socket.on('error', () => undefined);
  socket.write(start);
  const drip = setInterval(() => socket.write(crumb), 500);
  await once(socket, 'close');
  clearInterval(drip);
  return { replies: parseReplies(Buffer.concat(received)), seconds: (performance.now() - began) / 1000 };
}

describe('clients that send a little at a time, for ever', () => {
  const length = 'Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 9000\r\n\r\n';
  const chunks = 'Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n';
  const start = 'POST /token HTTP/1.1\r\nHost: x\r\n';

  it('get 408, the headers after 10 seconds and the body after 20, and keep nobody else waiting [HOSTILE/slow]', async () => {
    const slow = [
      ...Array.from({ length: 50 }, () => trickle(start, 'X: y\r\n')),
      ...Array.from({ length: 50 }, () => trickle('GET /', 'a')),
    ];
    const slower = [
      ...Array.from({ length: 50 }, () => trickle(start + length, 'a')),
      ...Array.from({ length: 50 }, () => trickle(start + chunks, '1\r\na\r\n')),
    ];
    const longest: number[] = [];
    const look = async () => {
      const began = performance.now();
      expect((await ask(server.port, 'GET', '/.well-known/jwks.json')).status).toBe(200);
      longest.push(performance.now() - began);
    };
    const looks: Promise<void>[] = [];
    const looking = setInterval(() => looks.push(look()), 250);

    try {
      for (const [several, limit] of [
        [slow, 10],
        [slower, 20],
      ] as const) {
        for (const { replies, seconds } of await Promise.all(several)) {
          expect(seconds).toBeGreaterThan(limit - 1);
          expect(seconds).toBeLessThan(2 * limit);
          expect(replies.map(({ status, headers }) => [status, headers['connection']])).toEqual([[408, 'close']]);
          const problem = { type: 'about:blank', title: 'Request Timeout', status: 408 };
          expect(JSON.parse(replies[0]?.body ?? '')).toMatchObject(problem);
        }
      }
    } finally {
      clearInterval(looking);
    }
    await Promise.all(looks);
    expect(longest.length).toBeGreaterThan(50);
    // Far less than anybody slow is given.
    expect(Math.max(...longest)).toBeLessThan(5000);
    expect(server.printed.stderr).toBe('');
  });
});
