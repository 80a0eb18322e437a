import { EventEmitter } from 'node:events';
import { Counter, Gauge, Registry } from 'prom-client';
import { describe, expect, it, vi } from 'vitest';
import { type Worker, workersMetrics } from '../../../src/telemetry/workers-metrics.ts';
import { freePort } from '../../support/free-port.ts';
import { parseMetrics, scrape, valueOf } from '../../support/metrics.ts';
import { newInstallation } from '../../support/installation.ts';
import { launchServer } from '../../support/server-process.ts';

/** A worker that answers as one does, as far as it is let. */
class FakeWorker extends EventEmitter implements Worker {
  readonly id: number;
  readonly registry = new Registry();
  readonly counter = new Counter({ name: 'things_total', help: 'Things.', registers: [this.registry] });
  readonly gauge = new Gauge({ name: 'queue', help: 'Queue.', registers: [this.registry] });
  readonly ready = new Gauge({ name: 'tessera_ready', help: 'Ready.', registers: [this.registry], aggregator: 'min' });
  is: 'well' | 'gone' | 'silent' = 'well';

  constructor(id: number) {
    super();
    this.id = id;
    this.ready.set(1);
  }

  isConnected(): boolean {
    return this.is !== 'gone';
  }

  send(message: { id: number }, callback: (error: Error | null) => void): boolean {
    callback(null);
    if (this.is === 'well')
      void this.registry.getMetricsAsJSON().then((metrics) => {
        // On its way from process to process it is copied.
        this.emit('message', structuredClone({ telemetry: 'scraped', id: message.id, metrics }));
      });
    return true;
  }
}

async function gather(workers: () => readonly Worker[]) {
  const { metrics, isReady } = await workersMetrics(workers);
  return { look: async () => parseMetrics(await metrics()), isReady };
}

describe('the metrics of several workers', () => {
  it('are added up', async () => {
    const [one, two] = [new FakeWorker(1), new FakeWorker(2)];
    const { look } = await gather(() => [one, two]);
    one.counter.inc(3);
    two.counter.inc(4);
    one.gauge.set(5);
    const samples = await look();
    expect([valueOf(samples, 'things_total'), valueOf(samples, 'queue'), valueOf(samples, 'tessera_ready')]).toEqual([
      7, 5, 1,
    ]);
  });

  it('never count back: what a worker that has gone had counted still counts, and what it held is gone with it', async () => {
    let workers = [new FakeWorker(1), new FakeWorker(2)];
    const { look } = await gather(() => workers);
    for (let turn = 0, total = 0; turn < 5; turn += 1) {
      for (const worker of workers) {
        worker.counter.inc(10);
        worker.gauge.set(2);
      }
      total += 20;
      const samples = await look();
      expect([valueOf(samples, 'things_total'), valueOf(samples, 'queue')]).toEqual([total, 4]);
      const [old] = workers;
      if (old !== undefined) old.is = 'gone';
      workers = [...workers.slice(1), new FakeWorker(10 + turn)];
      expect(valueOf(await look(), 'things_total')).toBe(total);
    }
  });

  it('are there though one worker does not answer, which is taken at its last word', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const [one, two] = [new FakeWorker(1), new FakeWorker(2)];
      const { look } = await gather(() => [one, two]);
      one.counter.inc(3);
      two.counter.inc(4);
      await look();
      two.is = 'silent';
      one.counter.inc();
      two.counter.inc();
      const looking = look();
      await vi.advanceTimersByTimeAsync(2000);
      expect(valueOf(await looking, 'things_total')).toBe(8);
      expect(two.listenerCount('message')).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('say that the server is ready when all workers are, and there is one', async () => {
    let workers: FakeWorker[] = [];
    const { isReady } = await gather(() => workers);
    expect(await isReady()).toBe(false);
    workers = [new FakeWorker(1), new FakeWorker(2)];
    expect(await isReady()).toBe(true);
    workers[1]?.ready.set(0);
    expect(await isReady()).toBe(false);
  });
});

describe('a server with workers', () => {
  it('serves the metrics of all of them at one place', async () => {
    const port = await freePort();
    const installation = await newInstallation({ WORKERS: '2', MANAGEMENT_PORT: String(port) });
    const server = launchServer(installation);
    await server.ready;
    await scrape(port);
    // Connections are dealt out in turn, so both workers have their share.
    const ask = () => fetch(`${installation.url}/.well-known/jwks.json`, { headers: { Connection: 'close' } });
    for (let times = 0; times < 10; times += 1) expect((await ask()).status).toBe(200);
    const samples = await scrape(port);
    expect(valueOf(samples, 'tessera_http_requests_total', { operation: 'getJwks', status: '200' })).toBe(10);
    expect(valueOf(samples, 'tessera_keys', { state: 'active' })).toBe(1);
    expect(valueOf(samples, 'tessera_ready')).toBe(1);
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
    server.child.kill('SIGTERM');
    expect((await server.ended).code).toBe(0);
  });
});
