/**
 * Run in a process of its own, with --expose-gc: sends a server what would fill a cache that is keyed on Content-Type,
 * and prints how much the heap has grown by it, in bytes. The first part of the load is not counted: much is only then compiled.
 */
import { randomBytes } from 'node:crypto';
import { Agent, request as send } from 'node:http';
import { readConfig } from '../../src/config/config.ts';
import { startServer } from '../../src/server/server.ts';

const collect = (globalThis as { gc?: () => void }).gc;
if (collect === undefined) throw new Error('--expose-gc is missing');

const config = readConfig(process.env);
const server = await startServer(config);
const agent = new Agent({ keepAlive: true, maxSockets: 8 });

/** Thrice `rounds` requests, none with a Content-Type that was there before. */
async function load(rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 8) {
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        const novel = randomBytes(6).toString('hex');
        await post('/users', `application/json; v=${novel}`);
        await post('/users', `application/${novel}`);
        await get('/livez', `application/${novel}; v=${novel}`);
      }),
    );
  }
}

const post = (path: string, type: string) => exchange('POST', path, type, '{}');
const get = (path: string, type: string) => exchange('GET', path, type, '');

function exchange(method: string, path: string, type: string, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': type, 'Content-Length': body.length };
    send({ agent, host: config.host, port: config.port, method, path, headers }, (reply) => {
      reply.resume().once('end', resolve);
    })
      .once('error', reject)
      .end(body);
  });
}

function heapUsed(): number {
  collect?.();
  return process.memoryUsage().heapUsed;
}

await load(160);
const before = heapUsed();
await load(500);
const after = heapUsed();
agent.destroy();
await server.stop();
console.log(JSON.stringify({ grown: after - before }));
