/** A server with workers, seen from outside. */
import { readFile } from 'node:fs/promises';
import { type Installation, newInstallation } from './installation.ts';
import { type ServerProcess, startServer } from './server-process.ts';

export type Supervisor = { readonly installation: Installation; readonly server: ServerProcess; readonly pid: number };

/** Killed when the test ends, workers and all. In a process group of its own where that is asked for. */
export async function startWorkers(
  environment: Record<string, string> = {},
  options: { detached?: boolean } = {},
): Promise<Supervisor> {
  const installation = await newInstallation({ WORKERS: '2', ...environment });
  const server = await startServer(installation, options);
  return { installation, server, pid: server.child.pid ?? 0 };
}

/** The processes that `pid` has started and that are still there; none when it has gone itself. */
export async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return text.split(' ').filter(Boolean).map(Number);
}

/** A process that has ended and that nobody has looked after is gone as well. */
export async function isThere(pid: number): Promise<boolean> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return text !== '' && !/\) [ZX] /.test(text);
}
