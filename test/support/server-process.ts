/** The server as a process that a test may signal, crowd or break; everything that it prints is kept. */
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import pLimit from 'p-limit';
import { afterAll, beforeAll } from 'vitest';
import { type Installation, createInstallation, removeInstallation } from './installation.ts';
import { type Finished, spawnScript } from './process.ts';
import { whenTestEnds } from './test-end.ts';

export type ServerProcess = {
  readonly child: ChildProcessWithoutNullStreams;
  /** All that it has printed so far. */
  readonly printed: { stdout: string; stderr: string };
  readonly ended: Promise<Finished>;
  /** Resolves as soon as it greets. */
  readonly greeted: Promise<void>;
  /** Resolves when it serves; rejects, with what it printed, when it ends before. */
  readonly ready: Promise<void>;
};

/** `options` are those of `spawn`; `main` is another server's, such as that of a copy of the project. */
type Options = { readonly detached?: boolean; readonly main?: string };

/** Killed when the test ends, if it still runs. */
export function launchServer({ environment }: Installation, options: Options = {}): ServerProcess {
  const server = spawnServer(environment, options);
  whenTestEnds(() => stopServer(server));
  return server;
}

/** More starts at once would only be in each other's way. */
const startsAtOnce = pLimit(2);

/** As `launchServer`; it serves already. */
export async function startServer(installation: Installation, options: Options = {}): Promise<ServerProcess> {
  let server: ServerProcess | undefined;
  whenTestEnds(() => server && stopServer(server));
  return startsAtOnce(async () => {
    server = spawnServer(installation.environment, options);
    await server.ready;
    return server;
  });
}

/** A server for all tests of a file, or of a `describe`. */
export function sharedServer(environment: Record<string, string> = {}) {
  const shared = {
    pid: 0,
    port: 0,
    url: '',
    folder: '',
    environment: {} as Record<string, string>,
    printed: { stdout: '', stderr: '' },
    ended: Promise.resolve<Finished>({ code: null, stdout: '', stderr: '' }),
  };
  let server: ServerProcess | undefined;
  beforeAll(async () => {
    const installation = await createInstallation(environment);
    server = spawnServer(installation.environment);
    const { child, printed, ended } = server;
    const [pid, port] = [child.pid ?? 0, Number(installation.environment['PORT'])];
    Object.assign(shared, { ...installation, pid, port, printed, ended });
    await server.ready;
  });
  afterAll(async () => {
    if (server !== undefined) await stopServer(server);
    await removeInstallation(shared);
  });
  return shared;
}

/** Ended by whoever spawns it. */
export function spawnServer(
  environment: Record<string, string>,
  { main = 'src/main.ts', ...options }: Options = {},
): ServerProcess {
  const child = spawnScript(main, [], environment, options);
  const printed = { stdout: '', stderr: '' };
  child.stderr.on('data', (chunk) => {
    printed.stderr += String(chunk);
  });
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...printed }));
  const greeted = new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk) => {
      printed.stdout += String(chunk);
      if (printed.stdout.includes('\nNext ')) resolve();
    });
  });
  const gone = ended.then(({ stdout, stderr }) => {
    throw new Error(`The server ended before it was ready:\n${stdout}${stderr}`);
  });
  gone.catch(() => undefined);
  const url = `http://127.0.0.1:${environment['PORT'] ?? ''}`;
  // The banner comes just before the signal handlers do; a reply comes after both.
  const served = greeted.then(async () => {
    await fetch(`${url}/livez`);
  });
  const ready = Promise.race([served, gone]);
  ready.catch(() => undefined);
  return { child, printed, ended, greeted, ready };
}

export async function stopServer({ child, ended }: ServerProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  await ended;
}
