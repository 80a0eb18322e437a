import { createBanner } from '../server/banner.ts';
import type { Config } from '../config/config.ts';
import { type OnStopSignals, patienceFor } from '../server/signals.ts';
import { openLog } from '../telemetry/logger.ts';
import { complain, say } from '../terminal.ts';
import { Supervisor, Stopping } from './supervisor.ts';
import { WorkerRefusal } from './worker-process.ts';

/** Serves with `workers` processes on the one port. SIGHUP replaces them one after another. */
export async function runPrimary(config: Config, workers: number, onStopSignals: OnStopSignals): Promise<void> {
  const { log, flush } = await openLog(config);
  process.on('exit', flush);
  const supervisor = new Supervisor(workers, { log, patience: (reason) => patienceFor(reason, config) });
  onStopSignals({
    stop: (reason) => {
      void supervisor.stop(reason).then((isClean) => process.exit(isClean ? 0 : 1));
    },
    kill: () => {
      supervisor.kill();
      process.exit(1);
    },
  });
  process.on('SIGHUP', () => {
    void supervisor.roll();
  });
  try {
    await supervisor.start();
    if (config.management !== null) await (await import('./metrics.ts')).serveMetrics(config.management, log);
  } catch (error) {
    // Told to stop before it had started: that is under way.
    if (error instanceof Stopping) return;
    await supervisor.stop('interrupt');
    if (!(error instanceof WorkerRefusal)) throw error;
    complain(...error.message.split('\n'));
    process.exit(1);
  }
  say(...createBanner(config.issuer));
}
