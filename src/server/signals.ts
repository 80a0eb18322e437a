/**
 * The signals that stop this process, and SIGHUP, which never does. They come by several ways: a terminal and systemd
 * signal the whole process group, and npm passes on what it gets.
 */

/**
 * `terminate`, by whoever runs the server for others, who are told first; `interrupt`, by a person who waits; `replace`,
 * by a primary that has another worker in its place.
 */
export type StopReason = 'terminate' | 'interrupt' | 'replace';

/** Milliseconds beyond its grace that a process has to put things away. */
const margin = 5000;

/** Milliseconds after which a process that was told to stop for `reason` is not waited for any more. Settings in seconds. */
export function patienceFor(reason: StopReason, times: { shutdownDelay: number; shutdownGrace: number }): number {
  return ((reason === 'terminate' ? times.shutdownDelay : 0) + times.shutdownGrace) * 1000 + margin;
}

const reasons = { SIGTERM: 'terminate', SIGINT: 'interrupt' } as const;

/** Milliseconds in which one signal may come by two ways. Who signals again later means at once. */
const sameSignal = 1000;

/** While nothing is served yet there is nothing to finish: whatever a start has begun, a kill may come in the middle of. */
const whileStarting = {
  stop: (): void => process.exit(0),
  kill: (): void => process.exit(1),
};

type StopHandlers = { stop: (reason: StopReason) => void; kill: () => void };

/** Hands on the signals: from its call on, the first one calls `stop`, and another one, a second later or more, `kill`. */
export type OnStopSignals = (handlers: StopHandlers) => void;

/**
 * Catches the signals from now on. They end the process at once until the result is called, which says what else to do.
 * SIGHUP does nothing by itself: whoever has something to read again listens to it as well.
 */
export function catchStopSignals(): OnStopSignals {
  process.on('SIGHUP', () => undefined);
  let handlers: StopHandlers = whileStarting;
  let firstAt: number | undefined;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      const now = performance.now();
      if (firstAt === undefined) {
        firstAt = now;
        handlers.stop(reasons[signal]);
      } else if (now - firstAt >= sameSignal) handlers.kill();
    });
  }
  return (chosen) => {
    handlers = chosen;
  };
}

/** For a worker, which does what its primary says: signals to the whole group have reached the primary as well. */
export function ignoreSignals(): void {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
}
