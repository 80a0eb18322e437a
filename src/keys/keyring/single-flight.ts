/** Does some work for all who ask, one run at a time. */
export class SingleFlight {
  readonly #work: () => Promise<void>;
  #running: Promise<void> | null = null;
  #queued: Promise<void> | null = null;

  constructor(work: () => Promise<void>) {
    this.#work = work;
  }

  get isRunning(): boolean {
    return this.#running !== null;
  }

  /** Resolves once a run that began after the call is over; calls during a run share the next. Rejects as the run does. */
  run(): Promise<void> {
    if (this.#running === null && this.#queued === null) return this.#start();
    this.#queued ??= this.#runNext();
    return this.#queued;
  }

  async #runNext(): Promise<void> {
    await this.#running?.catch(() => undefined);
    this.#queued = null;
    return this.#start();
  }

  #start(): Promise<void> {
    this.#running = this.#work().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }
}
