import { readConfig } from './config.ts';
import { explain } from './explain.ts';
import { type RunningServer, startServer } from './server.ts';

/** Starts the server and has the signals stop it. When it cannot start, says why and sets exit code 1. */
export async function run(): Promise<void> {
  try {
    const server = await startServer(readConfig());
    let stopping: Promise<void> | undefined;
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        stopping ??= stop(server);
      });
    }
    for (const line of server.greeting) console.log(line);
  } catch (error) {
    console.error(explain(error, 'Tessera cannot start'));
    process.exitCode = 1;
  }
}

/** Passwords of clients that have gone may still be in the queue: nobody waits for them. */
async function stop(server: RunningServer): Promise<void> {
  await server.stop();
  process.exit(0);
}
