/**
 * Servers that are processes over one database, and the command lines beside them. Needs no test around it. Nothing
 * waits for it for ever: once it is closed, whatever waits for a server is refused, and command lines have ended.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../free-port.ts';
import type { ClientCredentials } from '../jwks.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Milliseconds: limits to what a busy machine may take, for all servers to serve and for a command line to end. */
const SERVERS_START_WITHIN = 25_000;
const COMMAND_ENDS_WITHIN = 20_000;

export type Installation = {
  /** Of each server; the first is the issuer. */
  readonly urls: readonly [string, ...string[]];
  /** What the servers have logged of errors, a JSON document each. */
  readonly errors: () => string[];
  /** Runs a command line with `--json`. */
  readonly runCommand: (script: string, ...args: string[]) => Promise<Finished>;
  readonly newClient: (scope: string) => Promise<ClientCredentials>;
  /** Kills the servers and removes the folder. */
  readonly close: () => Promise<void>;
};

/** `output` is what was printed, parsed; null when that was nothing. */
export type Finished = { readonly code: number; readonly output: unknown; readonly stderr: string };

/** Starts `count` servers with these settings, and no others of the caller's environment. */
export async function openInstallation(count: number, settings: Record<string, string>): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), 'tessera-soak-'));
  const ports: number[] = [];
  while (ports.length < count) ports.push(await freePort());
  const [issuer = '', ...others] = ports.map((port) => `http://127.0.0.1:${port}`);
  const environment = {
    PATH: process.env['PATH'] ?? '',
    ISSUER: issuer,
    DATABASE_URL: `sqlite:${folder}/data/tessera.db`,
    KEYS_DIR: `${folder}/keys`,
    LOG_LEVEL: 'error',
    ...settings,
  };
  const children = new Set<ChildProcess>();
  let log = '';

  /** Killed after `timeout` milliseconds, when that is not 0. */
  function launch(args: readonly string[], changes: Record<string, string>, timeout: number) {
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: { ...environment, ...changes },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout,
      killSignal: 'SIGKILL',
    });
    children.add(child);
    child.once('exit', () => children.delete(child));
    return child;
  }

  function startServer(port: number): ChildProcess {
    const child = launch(['src/main.ts'], { PORT: String(port) }, 0);
    child.stdout.resume();
    child.stderr.on('data', (chunk) => {
      log += String(chunk);
    });
    return child;
  }

  function killAll(): void {
    for (const child of children) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
  // Also when this process is interrupted.
  process.once('exit', killAll);

  const installation: Installation = {
    urls: [issuer, ...others],
    errors: () => log.split('\n').filter((line) => line.startsWith('{')),
    async runCommand(script, ...args) {
      const child = launch([script, ...args, '--json'], {}, COMMAND_ENDS_WITHIN);
      const [stdout, stderr, end] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
      // The exit code, null when it was killed.
      const code = end[0] as number | null;
      if (code === null) throw new Error(`${script} ${args.join(' ')} did not end`);
      return { code, output: stdout === '' ? null : JSON.parse(stdout), stderr };
    },
    async newClient(scope) {
      const create = await installation.runCommand('scripts/clients.ts', 'create', '--name', 'soak', '--scope', scope);
      if (create.code !== 0) throw new Error(`No client could be made: ${create.stderr}`);
      const { client_id, client_secret } = create.output as ClientCredentials;
      return { client_id, client_secret };
    },
    async close() {
      await Promise.all([...children].map(killAndWait));
      killAll();
      process.off('exit', killAll);
    },
  };

  try {
    // One after the other: the first makes the database and the keys.
    const patience = AbortSignal.timeout(SERVERS_START_WITHIN);
    for (const [index, url] of installation.urls.entries()) {
      const child = startServer(ports[index] ?? 0);
      if (!(await isServing(child, url, patience))) throw new Error(`A server did not start: ${log}`);
    }
  } catch (error) {
    await installation.close();
    throw error;
  }
  return installation;
}

async function isServing(child: ChildProcess, url: string, patience: AbortSignal): Promise<boolean> {
  while (!patience.aborted && isRunning(child)) {
    const reply = await fetch(`${url}/livez`, { signal: patience }).catch(() => undefined);
    if (reply?.ok) return true;
    await sleep(50);
  }
  return false;
}

function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}

async function killAndWait(child: ChildProcess): Promise<void> {
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
}
