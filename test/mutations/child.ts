import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Milliseconds for which a process that is told to end may clean up: vitest stops its PostgreSQL. */
const endsWithin = 10_000;

export type Ended = { readonly output: string; readonly code: number | null; readonly isLate: boolean };

/** Runs a program to its end, or until `timeout` milliseconds are over; then it is told to end, with all that it started. */
export async function runInTime(
  program: string,
  args: readonly string[],
  { cwd, env, timeout, signal }: { cwd: string; env: NodeJS.ProcessEnv; timeout: number; signal: AbortSignal },
): Promise<Ended> {
  signal.throwIfAborted();
  // A group of its own, so that what it has started ends with it, and Ctrl-C reaches it through us alone.
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-4000);
    });
  let isLate = false;
  let last: NodeJS.Timeout | undefined;
  const end = () => {
    kill(child.pid, 'SIGTERM');
    last = setTimeout(kill, endsWithin, child.pid, 'SIGKILL');
  };
  const timer = setTimeout(() => {
    isLate = true;
    end();
  }, timeout);
  signal.addEventListener('abort', end);
  const [code] = (await once(child, 'close')) as [number | null];
  signal.removeEventListener('abort', end);
  clearTimeout(timer);
  clearTimeout(last);
  signal.throwIfAborted();
  return { output, code, isLate };
}

function kill(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
