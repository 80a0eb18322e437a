import { greetingOf } from '../server/greeting.ts';
import type { Config } from '../config/config.ts';
import { type OnStopSignals, patienceFor } from '../server/signals.ts';
import { openLog } from '../telemetry/logger.ts';
import { complain, say } from '../terminal.ts';
import { Fleet, Stopping } from './fleet.ts';
import { WorkerRefusal } from './worker-process.ts';

/** Serves with `workers` processes on the one port. SIGHUP replaces them one after another. */
export async function runPrimary(config: Config, workers: number, onStopSignals: OnStopSignals): Promise<void> {
  const { log, flush } = await openLog(config);
  process.on('exit', flush);
  const fleet = new Fleet(workers, { log, patience: (reason) => patienceFor(reason, config) });
  onStopSignals({
    stop: (reason) => {
      void fleet.stop(reason).then((isClean) => process.exit(isClean ? 0 : 1));
    },
    kill: () => {
      fleet.kill();
      process.exit(1);
    },
  });
  process.on('SIGHUP', () => {
    void fleet.roll();
  });
  try {
    await fleet.start();
    if (config.management !== null) await (await import('./metrics.ts')).serveMetrics(config.management, log);
  } catch (error) {
    // Told to stop before it had started: that is under way.
    if (error instanceof Stopping) return;
    await fleet.stop('interrupt');
    if (!(error instanceof WorkerRefusal)) throw error;
    complain(...error.message.split('\n'));
    process.exit(1);
  }
  say(...greetingOf(config.issuer));
}
