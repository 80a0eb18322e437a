/** Servers as processes of their own, to start, stop and kill again and again. Needs no test around it. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';
import type { ClientCredentials } from './jwks.ts';
import { runJson, spawnScript } from './process.ts';

/** Milliseconds, on a busy machine. */
const STARTS_WITHIN = 20_000;
const STOPS_WITHIN = 25_000;

export type Server = {
  readonly url: string;
  /** Resolves when it is ready, with the milliseconds that this took. */
  start(): Promise<number>;
  /** SIGKILL, for its workers, too. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with the exit code, null when it had to be killed. */
  stop(): Promise<number | null>;
  /** Lines that it has logged as errors, with their moment in epoch milliseconds. */
  readonly errors: () => { readonly time: number; readonly line: string }[];
};

/** A server on `PORT`, or where that is not set on a port of its own. Killed when this process ends. */
export async function newServer(settings: Record<string, string>): Promise<Server> {
  const port = settings['PORT'] ?? String(await freePort());
  const environment = { PATH: process.env['PATH'] ?? '', LOG_LEVEL: 'error', ...settings, PORT: port };
  const url = `http://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  let ended: Promise<unknown> = Promise.resolve();
  let log = '';
  let printed = '';

  function launch(): ChildProcess {
    // Its own process group, so that its workers go with it.
    const fresh = spawnScript('src/main.ts', [], environment, { detached: true });
    fresh.stdin.end();
    fresh.stdout.resume();
    fresh.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      printed = (printed + chunk).slice(-4000);
      log += chunk;
    });
    return fresh;
  }

  function killGroup(): void {
    if (child?.pid === undefined) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // There is nobody left in it.
    }
  }

  async function isReady(): Promise<boolean> {
    const reply = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
    await reply?.arrayBuffer();
    return reply?.status === 200;
  }

  return {
    url,
    async start() {
      const startedAt = performance.now();
      printed = '';
      child = launch();
      ended = once(child, 'close');
      // Before whatever removes its files then.
      process.prependOnceListener('exit', killGroup);
      while (!(await isReady())) {
        if (child.exitCode !== null || child.signalCode !== null) throw new Error(`A server ended: ${printed}`);
        if (performance.now() - startedAt > STARTS_WITHIN) throw new Error(`A server does not get ready: ${printed}`);
        await sleep(20);
      }
      return performance.now() - startedAt;
    },
    async kill() {
      killGroup();
      await ended;
      process.off('exit', killGroup);
    },
    async stop() {
      child?.kill('SIGTERM');
      const impatient = setTimeout(killGroup, STOPS_WITHIN);
      await ended;
      clearTimeout(impatient);
      process.off('exit', killGroup);
      return child?.exitCode ?? null;
    },
    errors: () =>
      log.split('\n').flatMap((line) => {
        if (!line.startsWith('{')) return [];
        const { level, time } = JSON.parse(line) as { level: number | string; time: number | string };
        return level === 'error' || Number(level) >= 50 ? [{ time: new Date(time).getTime(), line }] : [];
      }),
  };
}

export async function newClient(environment: Record<string, string>, scope: string): Promise<ClientCredentials> {
  const args = ['create', '--name', 'soak', '--scope', scope];
  const { code, output, stderr } = await runJson('scripts/clients.ts', args, environment);
  if (code !== 0) throw new Error(`No client could be made: ${stderr}`);
  const { client_id, client_secret } = output as ClientCredentials;
  return { client_id, client_secret };
}
