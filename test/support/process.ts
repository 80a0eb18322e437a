/** Processes of Tessera's own code. Where a process is not the subject, `command.ts` is cheaper. */
import {
  type ChildProcessByStdio,
  type ChildProcessWithoutNullStreams,
  type SpawnOptions,
  spawn,
} from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { compileCache } from './compile-cache.ts';
import type { Installation } from './installation.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

export type Finished = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** Runs a script, or the server where it is expected to end by itself. */
export async function run(
  script: string,
  args: readonly string[],
  { environment }: Pick<Installation, 'environment'>,
  input = '',
): Promise<Finished> {
  const child = spawnScript(script, args, environment);
  child.stdin.end(input);
  return finished(child);
}

/** `output` is what was printed, parsed; null when that was nothing. `code` is null when it had to be killed. */
export type JsonFinished = { readonly code: number | null; readonly output: unknown; readonly stderr: string };

/** Runs a command line with `--json`, for `endsWithin` milliseconds at most; the default is for a busy machine. */
export async function runJson(
  script: string,
  args: readonly string[],
  environment: Record<string, string>,
  endsWithin = 60_000,
): Promise<JsonFinished> {
  const settings = { PATH: process.env['PATH'] ?? '', LOG_LEVEL: 'error', ...environment };
  const child = spawnScript(script, [...args, '--json'], settings, { timeout: endsWithin, killSignal: 'SIGKILL' });
  child.stdin.end();
  const { code, stdout, stderr } = await finished(child);
  return { code, output: stdout === '' ? null : JSON.parse(stdout), stderr };
}

/** What a process printed, and how it ended; null when a signal ended it. */
export async function finished(child: ChildProcessByStdio<Writable, Readable, Readable>): Promise<Finished> {
  const [stdout, stderr, end] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: end[0] as number | null, stdout, stderr };
}

/** `script` is a path in the project, or anywhere. Ended by whoever spawns it. */
export function spawnScript(
  script: string,
  args: readonly string[],
  environment: Record<string, string>,
  options: Pick<SpawnOptions, 'detached' | 'timeout' | 'killSignal'> = {},
): ChildProcessWithoutNullStreams {
  const env = { ...compileCache, ...environment };
  return spawn(process.execPath, [script, ...args], { cwd: root, env, stdio: 'pipe', ...options });
}
