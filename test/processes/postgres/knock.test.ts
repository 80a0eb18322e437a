import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { knock } from '../../../src/database/postgres/knock.ts';
import { whenTestEnds } from '../../support/test-end.ts';

/** A server on a thread of its own, which answers while this one does nothing. `delay` in milliseconds; null for never. */
async function startServer(delay: number | null): Promise<number> {
  const code = `
    const { parentPort } = require('node:worker_threads');
    const server = require('node:net').createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', () => { if (${String(delay !== null)}) setTimeout(() => socket.write("N"), ${delay ?? 0}); });
    }).listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));`;
  const worker = new Worker(code, { eval: true });
  whenTestEnds(async () => {
    await worker.terminate();
  });
  const [port] = (await once(worker, 'message')) as [number];
  return port;
}

/** Nothing of this process runs for so many milliseconds. */
function stall(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

describe('whether a server answers', () => {
  it('is so when it does, soon or after a while', async () => {
    expect(await knock({ host: '127.0.0.1', port: await startServer(0) }, 1000)).toBe(true);
    expect(await knock({ host: '127.0.0.1', port: await startServer(500) }, 1000)).toBe(true);
  });

  it('is not so when it takes a connection and says nothing, or takes none', async () => {
    expect(await knock({ host: '127.0.0.1', port: await startServer(null) }, 300)).toBe(false);
    expect(await knock({ host: '127.0.0.1', port: 1 }, 300)).toBe(false);
  });

  it('is so when this process had no time to hear it, whenever that began', async () => {
    const port = await startServer(0);
    for (const pause of [0, 1, 20, 100]) {
      const answer = knock({ host: '127.0.0.1', port }, 300);
      await new Promise((resolve) => setTimeout(resolve, pause));
      stall(900);
      expect(await answer).toBe(true);
    }
    const answer = knock({ host: '127.0.0.1', port }, 300);
    stall(900);
    expect(await answer).toBe(true);
  });
});
