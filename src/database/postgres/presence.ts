import { setTimeout as sleep } from 'node:timers/promises';
import { PostgresFault, unavailable } from './faults.ts';

/** Milliseconds: without a reply for so long, it is asked whether the server is there, and again after as long. */
const doubtAfter = 1000;

/** Milliseconds for which a server that is there may take to say so, and between two questions to one that is away. */
export const probePatience = 1000;
const probeEvery = 250;

/**
 * Whether the server is there. One that has vanished (a machine that lost power, a network that drops packets) never says so:
 * each request would wait until it gives up, and all of them would pile up. Here the first wait raises a doubt, one question
 * settles it, and while the server is away whoever wants it is told so at once.
 */
export class Presence {
  readonly #probe: () => Promise<boolean>;
  readonly #onAway: () => void;
  readonly #waiting = new Set<(error: Error) => void>();
  #isAway = false;
  #isClosed = false;
  #probing: Promise<void> | null = null;

  /** `probe` says whether the server answers, soon and without fail; `onAway` ends all connections. */
  constructor(probe: () => Promise<boolean>, onAway: () => void) {
    this.#probe = probe;
    this.#onAway = onAway;
  }

  /** Does what waits for the server. Rejects with `Unavailable` as soon as the server is known to be away. */
  watch<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isAway) return Promise.reject(away());
    return new Promise((resolve, reject) => {
      const doubts = setInterval(() => void this.#doubt(), doubtAfter);
      this.#waiting.add(reject);
      work()
        .then(resolve, reject)
        .finally(() => {
          clearInterval(doubts);
          this.#waiting.delete(reject);
        });
    });
  }

  /** What is asked now is the last question. */
  close(): void {
    this.#isClosed = true;
  }

  #doubt(): Promise<void> {
    this.#probing ??= this.#settle().finally(() => {
      this.#probing = null;
    });
    return this.#probing;
  }

  async #settle(): Promise<void> {
    if (await this.#probe()) return;
    this.#isAway = true;
    for (const reject of this.#waiting) reject(away());
    this.#onAway();
    while (!this.#isClosed && !(await this.#probe())) await sleep(probeEvery, undefined, { ref: false });
    this.#isAway = false;
  }
}

function away(): Error {
  return unavailable(new PostgresFault('', 'the server does not answer'));
}
