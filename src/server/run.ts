import { type Config, readConfig } from '../config/config.ts';
import { createBanner } from './banner.ts';
import { type OnStopSignals, patienceFor } from './signals.ts';
import { complain, say } from '../terminal.ts';

/**
 * Starts the server, alone or with workers, or as one of them, whose primary hears the signals. When it cannot start, says why
 * and sets exit code 1. What only some of them need is loaded by those.
 */
export async function run(role: 'worker' | { readonly onStopSignals: OnStopSignals }): Promise<void> {
  try {
    const config = readConfig();
    if (role === 'worker') await (await import('../workers/worker.ts')).runWorker(config);
    else if (config.workers !== null)
      await (await import('../workers/primary.ts')).runPrimary(config, config.workers, role.onStopSignals);
    else await runAlone(config, role.onStopSignals);
  } catch (error) {
    const { describeFatalError } = await import('./fatal-error.ts');
    complain(...describeFatalError(error, 'Tessera cannot start').split('\n'));
    process.exitCode = 1;
  }
}

async function runAlone(config: Config, onStopSignals: OnStopSignals): Promise<void> {
  const { startServer } = await import('./server.ts');
  const server = await startServer(config);
  onStopSignals({
    stop: (reason) => {
      // Passwords of clients that have gone may still be in the queue: nobody waits for them.
      void server.stop(reason).then(() => process.exit(0));
      setTimeout(() => process.exit(1), patienceFor(reason, config));
    },
    kill: () => process.exit(1),
  });
  if (config.tls !== null) process.on('SIGHUP', () => void server.reload());
  say(...createBanner(config.issuer));
}
