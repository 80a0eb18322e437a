/** The metrics of several processes as one: a worker hands its own to the process over it, which adds them up. */
import type { Registry } from 'prom-client';

/** What `getMetricsAsJSON` gives. */
type Metrics = Awaited<ReturnType<Registry['getMetricsAsJSON']>>;

type Ask = { readonly telemetry: 'scrape'; readonly id: number };
type Answer = { readonly telemetry: 'scraped'; readonly id: number; readonly metrics: Metrics };

/** A process that can be asked, as `node:cluster` has them. */
export type Worker = {
  readonly id: number;
  isConnected(): boolean;
  send(message: object, callback: (error: Error | null) => void): boolean;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  off(event: 'message', listener: (message: unknown) => void): unknown;
};

/** Milliseconds that a worker has to answer: Prometheus itself waits for ten seconds. */
const patience = 2000;

export type WorkersMetrics = {
  /** In Prometheus' text format. */
  readonly metrics: () => Promise<string>;
  /** Whether all workers are. */
  readonly isReady: () => Promise<boolean>;
};

/** In a worker: answers the process over it. */
export function answerScrapes(registry: Registry): void {
  process.on('message', (message: unknown) => {
    if (!isAbout(message, 'scrape')) return;
    const { id } = message as Ask;
    void registry.getMetricsAsJSON().then((metrics) => {
      const answer: Answer = { telemetry: 'scraped', id, metrics };
      process.send?.(answer, undefined, undefined, () => undefined);
    });
  });
}

/**
 * In the process over them: what all workers have counted, in Prometheus' text format. What workers that have gone had
 * counted when they were last asked still counts: a sum that fell would be taken for one that began anew, and so for a
 * burst of whatever it counts. A worker that does not answer in time is taken at its last word.
 */
export async function workersMetrics(workers: () => readonly Worker[]): Promise<WorkersMetrics> {
  const { AggregatorRegistry } = await import('prom-client');
  const lastWords = new Map<number, Metrics>();
  let gone: Metrics[] = [];
  let lastId = 0;

  async function gather(): Promise<Registry> {
    const present = workers();
    await Promise.all(
      present.map(async (worker) => {
        const metrics = await ask(worker, (lastId += 1));
        if (metrics !== undefined) lastWords.set(worker.id, metrics);
      }),
    );
    const connected = new Set(present.filter((worker) => worker.isConnected()).map(({ id }) => id));
    for (const [id, metrics] of lastWords) {
      if (connected.has(id)) continue;
      lastWords.delete(id);
      gone = [await addUp([...gone, metrics.filter(isCounted)])];
    }
    return AggregatorRegistry.aggregate([...lastWords.values(), ...gone]);

    async function addUp(several: Metrics[]): Promise<Metrics> {
      return AggregatorRegistry.aggregate(several).getMetricsAsJSON();
    }
  }

  return {
    metrics: async () => (await gather()).metrics(),
    isReady: async () => {
      const all = await (await gather()).getMetricsAsJSON();
      const ready = all.find(({ name }) => name === 'tessera_ready');
      return ready !== undefined && 'values' in ready && ready.values.every(({ value }) => value === 1);
    },
  };
}

/** What only ever grows. What is true of a process at a moment goes with it. */
function isCounted({ type }: Metrics[number]): boolean {
  // In prom-client's types it is a number, and in fact a word.
  return ['counter', 'histogram'].includes(type as unknown as string);
}

/** Undefined when there is no answer, or none in time. */
function ask(worker: Worker, id: number): Promise<Metrics | undefined> {
  return new Promise((resolve) => {
    const end = (metrics?: Metrics): void => {
      clearTimeout(timer);
      worker.off('message', onMessage);
      resolve(metrics);
    };
    const onMessage = (message: unknown): void => {
      if (isAbout(message, 'scraped') && (message as Answer).id === id) end((message as Answer).metrics);
    };
    const timer = setTimeout(end, patience);
    if (!worker.isConnected()) {
      end();
      return;
    }
    worker.on('message', onMessage);
    worker.send({ telemetry: 'scrape', id } satisfies Ask, (error) => {
      if (error !== null) end();
    });
  });
}

function isAbout(message: unknown, telemetry: string): boolean {
  return typeof message === 'object' && message !== null && 'telemetry' in message && message.telemetry === telemetry;
}
