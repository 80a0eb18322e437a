/** Tessera as its users run it: processes of its own, on a port of its own, over a folder of its own. */
import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { freePort } from './free-port.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

export type Installation = {
  readonly folder: string;
  readonly url: string;
  readonly environment: Record<string, string>;
};
export type Finished = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** A fresh folder and a free port; the folder is removed when the test ends. */
export async function newInstallation(environment: Record<string, string> = {}): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), 'tessera-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const port = await freePort();
  return {
    folder,
    url: `http://127.0.0.1:${port}`,
    environment: {
      PATH: process.env['PATH'] ?? '',
      PORT: String(port),
      DATABASE_URL: `sqlite:${folder}/data/tessera.db`,
      KEYS_DIR: `${folder}/keys`,
      LOG_LEVEL: 'warn',
      // One address asks for everything here.
      RATE_LIMITS: 'off',
      ...environment,
    },
  };
}

/** Starts the server and waits until it has greeted. Stopped when the test ends, if it still runs. */
export async function startProcess(
  installation: Installation,
  main = 'src/main.ts',
): Promise<{ child: ChildProcess; greeting: string }> {
  const child = launch(main, [], installation);
  onTestFinished(() => {
    if (child.exitCode === null) child.kill('SIGKILL');
  });
  let greeting = '';
  for await (const chunk of child.stdout) {
    greeting += String(chunk);
    if (greeting.includes('Next ')) return { child, greeting };
  }
  throw new Error(`The server ended before it was ready: ${greeting}${await text(child.stderr)}`);
}

/** Runs a script, or the server where it is expected to end by itself. */
export async function run(
  script: string,
  args: readonly string[],
  installation: Installation,
  input = '',
): Promise<Finished> {
  const child = launch(script, args, installation);
  child.stdin.end(input);
  return finished(child);
}

/** What a process printed, and how it ended; null when a signal ended it. */
export async function finished(child: ChildProcessByStdio<Writable, Readable, Readable>): Promise<Finished> {
  const [stdout, stderr, end] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: end[0] as number | null, stdout, stderr };
}

function launch(script: string, args: readonly string[], { environment }: Installation) {
  const child = spawn(process.execPath, [script, ...args], { cwd: root, env: environment, stdio: 'pipe' });
  return child;
}
