/**
 * What this process knows of the keys. Holds the snapshot that requests read, decides which rows are trusted, makes the published set,
 * and moves keys along: read, plan, do one thing, read again. `timeline/` says what is due; `changes/` does what an operator asks.
 */
import type { CryptoKey } from 'jose';
import { Unavailable } from '../../unavailable.ts';
import { NoSigningKey } from '../errors.ts';
import { Snapshot } from './snapshot.ts';
import { nothingKnown } from './key-facts.ts';
import { nextChangeAt, type Signer } from './keyring-view.ts';
import { PacedLooks } from './paced-looks.ts';
import { SingleFlight } from './single-flight.ts';
import { bringUpToDate, type StepDependencies } from './step.ts';
import { TokenLedger } from './token-ledger.ts';

/**
 * A process's view of the signing keys, held in memory so that requests cost no query: the signer, the keys that verify,
 * the published set. Call `refresh` once to start, then `tick` every second.
 *
 * The view is as old as its last refresh and follows the clock in between. When the store cannot be reached the keyring
 * goes on with the view it has.
 */
export class Keyring extends Snapshot {
  readonly #ledger: TokenLedger;
  readonly #refreshes = new SingleFlight(() => this.#readAndAdopt());
  /** Those of requests, and of news from other processes. */
  readonly #looks = new PacedLooks(() => this.look(this.current()));
  /** When the view as it was read ceases to hold by itself, in epoch seconds. */
  #dueAt: number | null = null;
  #isFailing = false;

  constructor(step: StepDependencies) {
    super(step);
    this.#ledger = new TokenLedger({
      store: step.store,
      ahead: step.policy.replicaRefresh,
      ...(step.log && { log: step.log }),
    });
  }

  /**
   * Does what is due about the keys, and takes the result for its view.
   *
   * Resolves once a run that began after the call is over; calls during a run share the next. Rejects when the store cannot be
   * read or written, or this process could not sign; what could be read is in the view all the same, and nothing retires.
   */
  refresh(): Promise<void> {
    return this.#refreshes.run();
  }

  /**
   * Refreshes as far as that goes: for a change that must not fail because something else that is due cannot be done. Rejects
   * when the store cannot be read.
   */
  async refreshOrLook(): Promise<void> {
    await this.refresh().catch(async (error: unknown) => {
      if (this.view === null) throw error;
      await this.look(this.view);
    });
  }

  /** Refreshes when the view is half as old as it may get, or when a change is due by the clock. Never rejects. */
  async tick(): Promise<void> {
    if (this.#refreshes.isRunning || !this.#isRefreshDue()) return;
    await this.#tryRefresh();
  }

  /** Looks at the store since another process may have changed something. Never rejects. */
  async lookAgain(): Promise<void> {
    await this.#looks.run().catch(() => undefined);
  }

  /**
   * Looks at the store when the view is older than it may be: after a stall or an outage. Waits for it for a moment only, since
   * a view that is old is better than none. Never rejects.
   */
  async freshen(): Promise<void> {
    const age = this.step.clock() - this.current().facts.readAt;
    // A negative age means that the clock was set back: nobody knows how old the view is.
    if (age < 0 || age >= this.step.policy.replicaRefresh) await this.#looks.tryRun();
  }

  /** What signs now. */
  async signer(): Promise<Signer> {
    await this.freshen();
    const { signer, plan } = this.current();
    if (signer === null) throw new NoSigningKey(`No private key at hand for ${plan.signer?.kid ?? 'any signing key'}`);
    return signer;
  }

  /** What to sign a token with now that expires at `expiresAt` (epoch seconds): until then, its key stays published. */
  async signerUntil(expiresAt: number): Promise<Signer> {
    for (;;) {
      const signer = await this.signer();
      const isThere = await this.#ledger.note(signer.kid, expiresAt);
      if (!isThere) await this.refresh();
      // Noting may have taken so long that another key signs by now.
      if ((await this.signer()).kid === signer.kid && isThere) return signer;
    }
  }

  /**
   * The published public key `kid`, if `alg` is what it signs with; the same object each time. A kid that is not known may
   * have been made by another replica a moment ago, so the store is looked at before it is refused. Throws `Unavailable`
   * when that cannot be done. Keys of other issuers are not among them.
   */
  async verificationKey(kid: string, alg: string): Promise<CryptoKey | undefined> {
    if (this.isPublished(kid)) await this.freshen();
    else if (!this.isOutForGood(kid)) await this.#lookForNew();
    const isMeant = this.current().plan.published.some((key) => key.kid === kid && key.alg === alg);
    return isMeant ? this.current().publicKeys.get(kid) : undefined;
  }

  /** Puts on record what tokens were signed while the store could not be written. Rejects, and still owes it, when it cannot. */
  settle(): Promise<void> {
    return this.#ledger.settle();
  }

  #isRefreshDue(): boolean {
    if (this.view === null) return true;
    const now = this.step.clock();
    const age = now - this.view.settledAt;
    return (
      age < 0 || age >= Math.floor(this.step.policy.replicaRefresh / 2) || (this.#dueAt !== null && now >= this.#dueAt)
    );
  }

  async #readAndAdopt(): Promise<void> {
    const known = this.view?.facts ?? nothingKnown;
    const asServer = this.view === null ? 'starting server' : 'running server';
    const when = { known, reader: this.step.isServer ? asServer : 'command' } as const;
    try {
      await this.settle();
    } catch (error) {
      if (this.view !== null) await this.look(this.view);
      throw error;
    }
    const facts = await bringUpToDate(this.step, this.readFacts, when, async (read) => {
      // Before the first view is complete there is none: a set without keys must not be served.
      if (this.view !== null) await this.adopt(read, this.view.settledAt);
    });
    const { signer } = await this.adopt(facts, facts.readAt);
    if (signer === null) throw new NoSigningKey('The store holds no key that this process can sign with');
    this.#dueAt = this.view && nextChangeAt(this.view);
  }

  async #lookForNew(): Promise<void> {
    await this.#looks.run().catch((cause: unknown) => {
      throw new Unavailable('Nobody can say whether another replica has made such a key.', { cause });
    });
  }

  /** An outage is logged when it begins and when it ends, not every second. */
  async #tryRefresh(): Promise<void> {
    try {
      await this.refresh();
      if (this.#isFailing) this.step.log?.('refresh-recovered', {});
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) this.step.log?.('refresh-failed', { error });
      this.#isFailing = true;
    }
  }
}
