import cluster, { type Worker } from 'node:cluster';
import { fileURLToPath } from 'node:url';
import type { StopReason } from '../server/signals.ts';
import { type ToWorker, isFromWorker, workerRole } from './messages.ts';

/** How a worker ended: with a code, or by a signal. */
export type End = { readonly code: number | null; readonly signal: string | null };

/** It ended before it served: for `reason`, where it knew one. */
export class WorkerRefusal extends Error {
  override readonly name = 'WorkerRefusal';
  readonly end: End;

  constructor(reason: string | undefined, end: End) {
    super(reason ?? `A worker ended before it served (${end.signal ?? `exit code ${end.code ?? 'unknown'}`}).`);
    this.end = end;
  }
}

export type WorkerProcess = {
  readonly pid: number;
  /** Resolves when it serves, or with why it does not. */
  readonly started: Promise<WorkerRefusal | null>;
  readonly ended: Promise<End>;
  /** Milliseconds since it began to serve; 0 before. */
  servedFor(): number;
  /** Whether it was told to end. */
  isToldToStop(): boolean;
  /** What it has begun is finished. Killed when that takes longer than `patience`, in milliseconds. */
  stop(reason: StopReason, patience: number): Promise<End>;
  kill(): void;
};

/**
 * They take connections themselves, whoever has time for them. In turns, this process would hand each connection to a
 * worker, and one that was handed to a worker just as it crashed would hang for ever.
 */
cluster.schedulingPolicy = cluster.SCHED_NONE;

const main = fileURLToPath(new URL('../main.ts', import.meta.url));

/** A process of its own, over what is in the files by now. */
export function startWorker(): WorkerProcess {
  cluster.setupPrimary({ exec: main, args: [workerRole] });
  const worker = cluster.fork();
  let servingSince: number | undefined;
  let isTold = false;
  let refusal: string | undefined;
  const ended = new Promise<End>((resolve) => {
    worker.once('exit', (code: number | null, signal: string | null) => {
      resolve({ code: signal === null ? code : null, signal });
    });
    // Either there is no process, for which nothing else is said, or it did not get a message, and will have ended.
    worker.on('error', () => {
      if (worker.process.pid === undefined) resolve({ code: null, signal: null });
    });
  });
  const started = new Promise<WorkerRefusal | null>((resolve) => {
    worker.on('message', (message: unknown) => {
      if (!isFromWorker(message)) return;
      if (message.tessera === 'refused') refusal = message.reason;
      else {
        servingSince = performance.now();
        resolve(null);
      }
    });
    void ended.then((end) => {
      resolve(new WorkerRefusal(refusal, end));
    });
  });

  const kill = () => {
    isTold = true;
    worker.process.kill('SIGKILL');
  };
  return {
    pid: worker.process.pid ?? 0,
    started,
    ended,
    servedFor: () => (servingSince === undefined ? 0 : performance.now() - servingSince),
    isToldToStop: () => isTold,
    kill,
    stop: async (reason, patience) => {
      isTold = true;
      tell(worker, { tessera: 'stop', reason });
      const timer = setTimeout(kill, patience);
      const end = await ended;
      clearTimeout(timer);
      return end;
    },
  };
}

function tell(worker: Worker, message: ToWorker): void {
  if (worker.isConnected()) worker.send(message, () => undefined);
}
