/*
 * Server processes under test: started, waited for, weighed and stopped. Every child is stopped by its own process,
 * also when the benchmark fails or is interrupted. What a server is and how it is filled is contenders.ts.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Target } from './load.ts';

export type Launch = { args: string[]; cwd: string; env: Record<string, string>; target: Target };
export type Server = { target: Target; pid: number; startSeconds: number; stop: () => Promise<void> };

const startWithin = 30_000;
const stopWithin = 10_000;
const pollEvery = 2;
const running = new Set<ChildProcess>();

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        if (address !== null && typeof address === 'object') resolve(address.port);
        else reject(new Error('no free port'));
      });
    });
  });
}

/** Whether `/livez` answers 200 now. A bare socket: a fetch client would cost more than the wait it measures. */
function isLive(target: Target): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(target.port, target.host);
    socket.setNoDelay(true);
    socket.once('connect', () =>
      socket.write(`GET /livez HTTP/1.1\r\nHost: ${target.host}\r\nConnection: close\r\n\r\n`),
    );
    socket.once('data', (chunk) => {
      resolve(chunk.toString('latin1').startsWith('HTTP/1.1 200 '));
      socket.destroy();
    });
    socket.once('error', () => {
      resolve(false);
    });
    socket.once('close', () => {
      resolve(false);
    });
  });
}

async function stopChild(child: ChildProcess, exited: Promise<void>): Promise<void> {
  child.kill('SIGTERM');
  const patience = new AbortController();
  const impatient = sleep(stopWithin, undefined, { signal: patience.signal }).then(
    () => child.kill('SIGKILL'),
    () => false,
  );
  await exited;
  patience.abort();
  await impatient;
}

/** Starts a server and resolves at its first 200 on `/livez`; `startSeconds` is the time from spawn until then. */
export async function startServer(launch: Launch): Promise<Server> {
  const { target } = launch;
  const startedAt = performance.now();
  const child = spawn(process.execPath, launch.args, {
    cwd: launch.cwd,
    env: launch.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      running.delete(child);
      resolve();
    });
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-4000);
    });
  }

  const { pid } = child;
  if (pid === undefined) throw new Error(`cannot start node ${launch.args.join(' ')}`);
  while (!(await isLive(target))) {
    if (!running.has(child)) throw new Error(`node ${launch.args.join(' ')} ended instead of serving:\n${said}`);
    if (performance.now() - startedAt > startWithin) {
      throw new Error(`node ${launch.args.join(' ')} did not answer /livez within ${startWithin / 1000} s:\n${said}`);
    }
    await sleep(pollEvery);
  }
  const startSeconds = (performance.now() - startedAt) / 1000;
  return { target, pid, startSeconds, stop: () => stopChild(child, exited) };
}

/** Resident memory in MiB, or undefined where there is no /proc. */
export function residentMemory(pid: number): number | undefined {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readProc(pid, 'status'))?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) / 1024;
}

/** Processor seconds used so far by all threads of the process, or undefined where there is no /proc. */
export function processorSeconds(pid: number): number | undefined {
  // Fields after the parenthesised name, which may itself hold spaces: utime and stime are the 12th and 13th.
  const fields = readProc(pid, 'stat').split(') ').at(-1)?.split(' ') ?? [];
  const [user, system] = [fields[11], fields[12]];
  const ticksPerSecond = 100; // USER_HZ, a constant of the Linux interface
  return user === undefined || system === undefined ? undefined : (Number(user) + Number(system)) / ticksPerSecond;
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
