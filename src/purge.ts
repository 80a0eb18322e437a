import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from './clock.ts';
import { Unavailable } from './unavailable.ts';

/** Milliseconds between two looks for what can go, half of it more or less: replicas should not all look at once. */
const usualInterval = 60_000;

/** Rows that one statement removes: few, since where the database is a file everything else waits for it. */
const atOnce = 100;

/** Of the time that it works, this many times as much it leaves to others, and so many milliseconds at least. */
const rest = 9;
const leastRest = 20;

export type Purge = {
  /** Resolves when nothing of it goes on any more. */
  stop(): Promise<void>;
};

/**
 * Removes what nobody can use any more, a few rows at a time, from now on and about once a minute. Every process does: each
 * row goes to whichever gets there first.
 */
export function startPurge(deps: {
  store: { removeSome(now: number, most: number): Promise<number> };
  clock: Clock;
  log: { debug(detail: object, message: string): void; error(detail: object, message: string): void };
  interval?: number;
}): Purge {
  const { store, clock, log, interval = usualInterval } = deps;
  const stopping = new AbortController();
  const going = goOn();
  return {
    stop: async () => {
      stopping.abort();
      await going;
    },
  };

  async function goOn(): Promise<void> {
    while (await wait(interval * (0.5 + Math.random()))) {
      try {
        await removeAll();
      } catch (error) {
        const detail = { err: error };
        if (error instanceof Unavailable) log.debug(detail, 'expired rows stay until the database is there again');
        else log.error(detail, 'expired rows cannot be removed');
      }
    }
  }

  async function removeAll(): Promise<void> {
    for (;;) {
      const begin = performance.now();
      const removed = await store.removeSome(clock(), atOnce);
      const took = performance.now() - begin;
      if (removed === 0 || !(await wait(Math.max(leastRest, took * rest)))) return;
    }
  }

  /** False as soon as it is to stop. */
  async function wait(milliseconds: number): Promise<boolean> {
    return sleep(milliseconds, true, { signal: stopping.signal, ref: false }).catch(() => false);
  }
}
