/** Milliseconds. */
const shortest = 100;
const longest = 10_000;

/** A worker that has served for so long, in milliseconds, was sound: what ends it is another story. */
const soundAfter = 30_000;

/** While none serves, whoever comes gets no answer: so long, in milliseconds, and no longer is such a moment made. */
const longestOutage = 500;

/** So many starts in a row that never served say that the next one will not either; the wait from then on, in milliseconds. */
const hopelessStarts = 20;
const pause = 5000;

/** As things stand with all workers. */
type Standing = {
  readonly isAnyServing: boolean;
  /** In a row, of all workers, that never served. */
  readonly failedStarts: number;
};

export function isHopeless({ isAnyServing, failedStarts }: Standing): boolean {
  return !isAnyServing && failedStarts >= hopelessStarts;
}

/** Milliseconds before the next start of a worker; `own` is its own wait. */
export function waitBeforeStart(own: number, standing: Standing): number {
  if (isHopeless(standing)) return pause;
  return standing.isAnyServing ? own : Math.min(own, longestOutage);
}

/** How long to wait before a worker is replaced that keeps on ending: twice as long each time. */
export class Backoff {
  #next = shortest;

  /** `servedFor` is how long the worker that has just ended had served, in milliseconds. */
  next(servedFor: number): number {
    const wait = servedFor >= soundAfter ? shortest : this.#next;
    this.#next = Math.min(wait * 2, longest);
    return wait;
  }
}
