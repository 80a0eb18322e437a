import type { Config } from '../config/config.ts';
import { describeFatalError } from '../server/fatal-error.ts';
import { startServer } from '../server/server.ts';
import type { StopReason } from '../server/signals.ts';
import { complain } from '../terminal.ts';
import { type FromWorker, isToWorker } from './messages.ts';

/**
 * Serves as one of several. It greets nobody and does what its primary says; when that is gone, Node.js ends it at once.
 * When it cannot start, the primary is told why.
 */
export async function runWorker(config: Config): Promise<void> {
  if (process.send === undefined) {
    complain('A worker is started by the process over it: set WORKERS, and start the server without arguments.');
    process.exitCode = 1;
    return;
  }
  // While nothing is served yet there is nothing to finish.
  let stop: (reason: StopReason) => void = () => process.exit(0);
  process.on('message', (message) => {
    if (isToWorker(message)) stop(message.reason);
  });
  try {
    const server = await startServer(config, { processes: config.workers ?? 1 });
    let stopping: Promise<void> | undefined;
    stop = (reason) => {
      stopping ??= server.stop(reason).then(() => process.exit(0));
    };
    await tell({ tessera: 'serving' });
  } catch (error) {
    await tell({ tessera: 'refused', reason: describeFatalError(error, 'Tessera cannot start') });
    process.exit(1);
  }
}

/** Resolves when it is on its way. */
function tell(message: FromWorker): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined) resolve();
    else
      process.send(message, undefined, undefined, () => {
        resolve();
      });
  });
}
