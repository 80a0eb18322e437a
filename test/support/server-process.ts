/** The server as a process that a test may signal, crowd or break; everything that it prints is kept. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { freePort } from './free-port.ts';
import type { Finished, Installation } from './process.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

export type ServerProcess = {
  readonly child: ChildProcess;
  /** All that it has printed so far. */
  readonly printed: { stdout: string; stderr: string };
  readonly ended: Promise<Finished>;
  /** Resolves as soon as it greets. */
  readonly greeted: Promise<void>;
  /** Resolves when it serves; rejects, with what it printed, when it ends before. */
  readonly ready: Promise<void>;
};

/** Killed when the test ends, if it still runs. `options` are those of `spawn`. */
export function launchServer({ environment }: Installation, options: { detached?: boolean } = {}): ServerProcess {
  const server = spawnServer(environment, options);
  onTestFinished(() => stopServer(server));
  return server;
}

/** A server for all tests of a file. */
export function sharedServer(environment: Record<string, string> = {}) {
  const shared = {
    pid: 0,
    port: 0,
    url: '',
    folder: '',
    environment: {} as Record<string, string>,
    printed: { stdout: '', stderr: '' },
  };
  let server: ServerProcess | undefined;
  beforeAll(async () => {
    shared.port = await freePort();
    shared.url = `http://127.0.0.1:${shared.port}`;
    shared.folder = await mkdtemp(join(tmpdir(), 'tessera-'));
    shared.environment = {
      PATH: process.env['PATH'] ?? '',
      PORT: String(shared.port),
      DATABASE_URL: `sqlite:${shared.folder}/data/tessera.db`,
      KEYS_DIR: `${shared.folder}/keys`,
      LOG_LEVEL: 'warn',
      // One address asks for everything here.
      RATE_LIMITS: 'off',
      // Many processes load the same code.
      NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/compile'),
      ...environment,
    };
    server = spawnServer(shared.environment, {});
    shared.pid = server.child.pid ?? 0;
    shared.printed = server.printed;
    await server.ready;
  });
  afterAll(async () => {
    if (server !== undefined) await stopServer(server);
    await rm(shared.folder, { recursive: true, force: true });
  });
  return shared;
}

/** Ended by whoever spawns it. */
export function spawnServer(environment: Record<string, string>, options: { detached?: boolean }): ServerProcess {
  const child = spawn(process.execPath, ['src/main.ts'], { cwd: root, env: environment, stdio: 'pipe', ...options });
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
  // The greeting comes just before the signal handlers do; a reply comes after both.
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
