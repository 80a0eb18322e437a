import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../clock.ts';
import { Unavailable } from '../unavailable.ts';

/** Milliseconds between two looks for what has expired, half of it more or less: replicas should not all look at once. */
const usualInterval = 60_000;

/** The same for what was decided and is still to be written: servers of the version before go by that alone. */
const soon = 2000;

/** Rows that one statement removes: few, since where the database is a file everything else waits for it. */
const atOnce = 100;

/** Of the time that it works, this many times as much it leaves to others, and so many milliseconds at least. */
const rest = 9;
const leastRest = 20;

export type Purge = {
  /** Resolves when nothing of it goes on any more. */
  stop(): Promise<void>;
};

type Deps = {
  readonly clock: Clock;
  readonly log: { debug(detail: object, message: string): void; error(detail: object, message: string): void };
  readonly interval?: number;
};

/**
 * Removes what nobody can use any more, a few rows at a time, from now on and about once a minute. Every process does: each
 * row goes to whichever gets there first.
 */
export function startPurge({
  store,
  clock,
  ...deps
}: Deps & { store: { removeSome(now: number, most: number): Promise<number> } }): Purge {
  return start({ ...deps, rows: 'expired rows', workSome: (most) => store.removeSome(clock(), most) });
}

/** In the same way, every few seconds: writes and removes what follows from what has been decided. */
export function startFollowUp({
  store,
  ...deps
}: Omit<Deps, 'clock'> & { store: { followSome(most: number): Promise<number> } }): Purge {
  return start({ interval: soon, ...deps, rows: 'rows of what has ended', workSome: (most) => store.followSome(most) });
}

function start(deps: Omit<Deps, 'clock'> & { rows: string; workSome: (most: number) => Promise<number> }): Purge {
  const { log, rows, workSome, interval = usualInterval } = deps;
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
        await workAll();
      } catch (error) {
        const detail = { err: error };
        if (error instanceof Unavailable) log.debug(detail, `${rows} stay until the database is there again`);
        else log.error(detail, `${rows} cannot be removed`);
      }
    }
  }

  async function workAll(): Promise<void> {
    for (;;) {
      const begin = performance.now();
      const done = await workSome(atOnce);
      const took = performance.now() - begin;
      if (done === 0 || !(await wait(Math.max(leastRest, took * rest)))) return;
    }
  }

  /** False as soon as it is to stop. */
  async function wait(milliseconds: number): Promise<boolean> {
    return sleep(milliseconds, true, { signal: stopping.signal, ref: false }).catch(() => false);
  }
}
