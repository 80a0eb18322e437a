import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds between the beginnings of two looks: they are asked for by requests, which come from anyone. */
const pace = 250;

/** Milliseconds that a request which can do without waits for a look. */
const patience = 500;

/** Looks at the store for all who ask, so that however many they are, the store is not asked more often. */
export class PacedLooks {
  readonly #look: () => Promise<void>;
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | null = null;
  #begunAt = -Infinity;
  #isAnswered = true;

  constructor(look: () => Promise<void>) {
    this.#look = look;
  }

  /** Resolves once a look that began after the call is over: what was in the store before the call is known then. Rejects as it does. */
  run(): Promise<void> {
    this.#next ??= this.#begin();
    return this.#next;
  }

  /**
   * The same, for who would rather know less than wait: for no longer than half a second, and not at all while the store
   * does not answer. Never rejects.
   */
  async tryRun(): Promise<void> {
    const look = this.run().catch(() => undefined);
    if (!this.#isAnswered) return;
    const given = new AbortController();
    const up = sleep(patience, undefined, { signal: given.signal }).then(
      () => {
        this.#isAnswered = false;
      },
      () => undefined,
    );
    await Promise.race([look, up]);
    given.abort();
  }

  async #begin(): Promise<void> {
    await this.#running.catch(() => undefined);
    const early = pace - (performance.now() - this.#begunAt);
    if (early > 0) await sleep(early);
    this.#next = null;
    this.#begunAt = performance.now();
    this.#running = this.#look();
    await this.#running.then(
      () => {
        this.#isAnswered = true;
      },
      (error: unknown) => {
        this.#isAnswered = false;
        throw error;
      },
    );
  }
}
