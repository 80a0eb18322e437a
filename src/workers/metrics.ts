import cluster, { type Worker } from 'node:cluster';
import type { Logger } from 'pino';
import { listenForManagement } from '../http/listener/management.ts';
import { workersMetrics } from '../telemetry/workers-metrics.ts';

/** What the workers have to tell, at one place. */
export async function serveMetrics(address: { host: string; port: number }, log: Logger): Promise<void> {
  const workers = () => Object.values(cluster.workers ?? {}).filter((worker): worker is Worker => worker !== undefined);
  await listenForManagement(address, await workersMetrics(workers), (error) => {
    log.error({ err: error }, 'metrics-not-served');
  });
}
