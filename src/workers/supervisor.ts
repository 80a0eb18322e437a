import type { StopReason } from '../server/signals.ts';
import { Backoff, isHopeless, waitBeforeStart } from './backoff.ts';
import { type End, type WorkerProcess, WorkerRefusal, startWorker } from './worker-process.ts';

/** As much of a logger as the supervisor needs. */
export type SupervisorLog = {
  info(detail: object, message: string): void;
  error(detail: object, message: string): void;
  fatal(detail: object, message: string): void;
};

/** The workers were told to stop in the midst of a start. */
export class Stopping extends Error {
  override readonly name = 'Stopping';
}

/** Where one worker serves, or the next one will. */
type Slot = { worker: WorkerProcess | null; comeback: NodeJS.Timeout | undefined; readonly backoff: Backoff };

/** Keeps as many workers serving as there are slots, until it is told to stop. */
export class Supervisor {
  readonly #log: SupervisorLog;
  readonly #slots: readonly Slot[];
  /** Milliseconds that a worker has, once it is told to stop, by the reason. */
  readonly #patience: (reason: StopReason) => number;
  /** All that there are, of which some may have no slot yet, or any more. */
  readonly #alive = new Set<WorkerProcess>();
  /** In a row, that never served. */
  #failedStarts = 0;
  #isHopelessTold = false;
  #isStopping = false;
  #isRolling = false;
  #isRollDue = false;

  constructor(size: number, { log, patience }: { log: SupervisorLog; patience: (reason: StopReason) => number }) {
    this.#log = log;
    this.#patience = patience;
    this.#slots = Array.from({ length: size }, () => ({ worker: null, comeback: undefined, backoff: new Backoff() }));
  }

  /** Resolves when all serve; rejects when one does not come to. A roll that is asked for meanwhile comes after it. */
  async start(): Promise<void> {
    this.#isRolling = true;
    // The first makes what a new installation lacks, and says alone what keeps all of them from starting.
    const [first, ...others] = this.#slots;
    if (first !== undefined) await this.#fill(first);
    await Promise.all(others.map((slot) => this.#fillAtLast(slot)));
    this.#isRolling = false;
    if (this.#isRollDue) void this.roll();
  }

  /**
   * Puts a new worker in the place of each, one after another: an old one is told to stop when its successor serves. A
   * successor that does not come to serve ends it, and the others go on as they are. Asked for while it is under way, it
   * is done once more.
   */
  async roll(): Promise<void> {
    this.#isRollDue = true;
    if (this.#isRolling) return;
    this.#isRolling = true;
    while (this.#isRollDue && !this.#isStopping) {
      this.#isRollDue = false;
      try {
        for (const slot of this.#slots) await this.#fill(slot);
        this.#log.info({ workers: this.#slots.length }, 'workers-replaced');
      } catch (error) {
        if (!(error instanceof Stopping))
          this.#log.error({ reason: (error as Error).message }, 'rolling-restart-given-up');
      }
    }
    this.#isRolling = false;
  }

  /** Resolves when none is left, with whether each came to its end by itself. */
  async stop(reason: StopReason): Promise<boolean> {
    this.#isStopping = true;
    for (const slot of this.#slots) clearTimeout(slot.comeback);
    const ends = await Promise.all([...this.#alive].map((worker) => this.#stop(worker, reason)));
    return ends.every(({ signal }) => signal !== 'SIGKILL');
  }

  kill(): void {
    for (const worker of this.#alive) worker.kill();
  }

  /** Sees a new worker serve in the slot, and whoever had it before end. */
  async #fill(slot: Slot): Promise<void> {
    const worker = await this.#startOne();
    const old = slot.worker;
    clearTimeout(slot.comeback);
    this.#put(slot, worker);
    if (old !== null) await this.#stop(old, 'replace');
  }

  /** One that is killed as it starts, by whomever, is no reason for those that serve already to end. */
  async #fillAtLast(slot: Slot): Promise<void> {
    try {
      await this.#fill(slot);
    } catch (error) {
      if (!(error instanceof WorkerRefusal) || error.end.signal === null) throw error;
      this.#tellRefusal(slot, error);
    }
  }

  async #stop(worker: WorkerProcess, reason: StopReason): Promise<End> {
    const end = await worker.stop(reason, this.#patience(reason));
    if (end.signal === 'SIGKILL') this.#log.error({ worker: worker.pid }, 'worker-killed');
    return end;
  }

  /** One that serves. Those that a signal to the whole group has met before they could ignore it are no refusal. */
  async #startOne(): Promise<WorkerProcess> {
    for (;;) {
      this.#assertGoingOn();
      const worker = startWorker();
      this.#alive.add(worker);
      void worker.ended.then(() => this.#alive.delete(worker));
      const refusal = await worker.started;
      if (refusal === null) {
        this.#failedStarts = 0;
        this.#isHopelessTold = false;
        return worker;
      }
      this.#assertGoingOn();
      // While another serves, it says nothing of the next start.
      if (!this.#isAnyServing()) this.#failedStarts += 1;
      if (!isForTheGroup(refusal.end)) throw refusal;
    }
  }

  #isAnyServing(): boolean {
    return this.#slots.some(({ worker }) => worker !== null);
  }

  #assertGoingOn(): void {
    if (this.#isStopping) throw new Stopping();
  }

  #put(slot: Slot, worker: WorkerProcess): void {
    slot.worker = worker;
    void worker.ended.then((end) => {
      if (worker.isToldToStop() || slot.worker !== worker) return;
      slot.worker = null;
      this.#log.error({ worker: worker.pid, ...end }, 'worker-ended');
      this.#comeBack(slot, worker.servedFor());
    });
  }

  #tellRefusal(slot: Slot, error: Error): void {
    this.#log.error({ reason: error.message }, 'worker-not-replaced');
    if (slot.worker === null) this.#comeBack(slot, 0);
  }

  /** Later each time, while it keeps on ending. */
  #comeBack(slot: Slot, servedFor: number): void {
    if (this.#isStopping) return;
    const standing = { isAnyServing: this.#isAnyServing(), failedStarts: this.#failedStarts };
    if (isHopeless(standing) && !this.#isHopelessTold) {
      this.#isHopelessTold = true;
      this.#log.fatal({ starts: this.#failedStarts }, 'workers-do-not-start');
    }
    const wait = waitBeforeStart(slot.backoff.next(servedFor), standing);
    slot.comeback = setTimeout(() => {
      void this.#startOne().then(
        (worker) => {
          // A rolling restart may have been here first.
          if (slot.worker !== null) void this.#stop(worker, 'replace');
          else {
            this.#put(slot, worker);
            this.#log.info({ worker: worker.pid }, 'worker-replaced');
          }
        },
        (error: unknown) => {
          if (error instanceof Stopping) return;
          this.#tellRefusal(slot, error as Error);
        },
      );
    }, wait);
  }
}

function isForTheGroup({ signal }: End): boolean {
  return signal === 'SIGTERM' || signal === 'SIGINT' || signal === 'SIGHUP';
}
