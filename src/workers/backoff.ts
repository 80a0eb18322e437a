/** Milliseconds. */
const shortest = 100;
const longest = 10_000;

/** A worker that has served for so long, in milliseconds, was sound: what ends it is another story. */
const soundAfter = 30_000;

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
