import type { CryptoKey } from 'jose';
import { NoSigningKey } from './errors.ts';
import {
  holdsAt,
  importPublicKeys,
  logChanges,
  nextChangeAt,
  viewFacts,
  type KeyringView,
  type Signer,
} from './keyring-view.ts';
import type { KeyPlan } from './plan.ts';
import type { PublishedSet } from './published-set.ts';
import { SharedRuns } from './shared-runs.ts';
import { bringUpToDate, type KeyFacts, readFacts, type StepDependencies } from './step.ts';
import type { KeyRecord } from './store.ts';
import { TokenLedger } from './token-ledger.ts';
import type { VerifyOnlyKey } from './verify-only.ts';

/**
 * A process's view of the signing keys, held in memory so that requests cost no query: the signer, the keys that verify,
 * the published set. Call `refresh` once to start, then `tick` every second.
 *
 * The view is as old as its last refresh and follows the clock in between. When the store cannot be reached the keyring
 * goes on with the view it has.
 */
export class Keyring {
  readonly #step: StepDependencies;
  readonly #ledger: TokenLedger;
  #view: KeyringView | null = null;
  readonly #refreshes = new SharedRuns(() => this.#readAndAdopt());
  /** When the view as it was read ceases to hold by itself, in epoch seconds. */
  #dueAt: number | null = null;
  /** The second in which a request last looked at the store, and the look. */
  #lookedAt: number | null = null;
  #looking = Promise.resolve();
  #isFailing = false;

  constructor(step: StepDependencies) {
    this.#step = step;
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
      if (this.#view === null) throw error;
      await this.#look(this.#view);
    });
  }

  /** Refreshes when the view is half as old as it may get, or when a change is due by the clock. Never rejects. */
  async tick(): Promise<void> {
    if (this.#refreshes.isRunning || !this.#isRefreshDue()) return;
    await this.#tryRefresh();
  }

  /** Looks at the store, once a second at most, when the view is older than it may be: after a stall or an outage. Never rejects. */
  async freshen(): Promise<void> {
    const age = this.#step.clock() - this.#current().facts.readAt;
    // A negative age means that the clock was set back: nobody knows how old the view is.
    if (age < 0 || age >= this.#step.policy.replicaRefresh) await this.#lookOnceASecond();
  }

  /** What signs now. */
  async signer(): Promise<Signer> {
    await this.freshen();
    const { signer, plan } = this.#current();
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
   * have been made by another replica just now, so the store is asked; kids come from anyone, so it is asked at most
   * once a second. Keys of other issuers are not among them.
   */
  async verificationKey(kid: string, alg: string): Promise<CryptoKey | undefined> {
    await this.freshen();
    if (!this.isPublished(kid)) await this.#lookOnceASecond();
    const isMeant = this.#current().plan.published.some((key) => key.kid === kid && key.alg === alg);
    return isMeant ? this.#current().publicKeys.get(kid) : undefined;
  }

  isPublished(kid: string): boolean {
    return this.#current().plan.published.some((key) => key.kid === kid);
  }

  /** Puts on record what tokens were signed while the store could not be written. Rejects, and still owes it, when it cannot. */
  settle(): Promise<void> {
    return this.#ledger.settle();
  }

  /** The set to serve: never empty, and made anew only when it changes. */
  get jwks(): PublishedSet {
    return this.#current().jwks;
  }

  /** What the keys are for now. */
  get plan(): KeyPlan {
    return this.#current().plan;
  }

  /** The keys as last read, in order of succession. */
  get keys(): readonly KeyRecord[] {
    return this.#current().facts.keys;
  }

  /** The keys of other issuers, as last read. */
  get verifyOnlyKeys(): readonly VerifyOnlyKey[] {
    return this.#current().facts.verifyOnly;
  }

  /** Kids whose private part this process cannot use, for whatever reason. */
  get unusable(): ReadonlySet<string> {
    const { opened } = this.#current().facts;
    return new Set([...opened].filter(([, { privateKey }]) => privateKey === null).map(([kid]) => kid));
  }

  /** Kids whose sealed private part is corrupt. */
  get unreadable(): ReadonlySet<string> {
    return this.#current().unreadable;
  }

  #current(): KeyringView {
    if (this.#view === null) throw new NoSigningKey('The keyring has not been started');
    const now = this.#step.clock();
    if (!holdsAt(this.#view, now)) this.#view = viewFacts(this.#view, now, this.#step.policy, this.#view);
    return this.#view;
  }

  #isRefreshDue(): boolean {
    if (this.#view === null) return true;
    const now = this.#step.clock();
    const age = now - this.#view.facts.readAt;
    return (
      age < 0 || age >= Math.floor(this.#step.policy.replicaRefresh / 2) || (this.#dueAt !== null && now >= this.#dueAt)
    );
  }

  async #readAndAdopt(): Promise<void> {
    const opened = this.#view?.facts.opened ?? new Map();
    try {
      await this.settle();
    } catch (error) {
      if (this.#view !== null) await this.#look(this.#view);
      throw error;
    }
    const facts = await bringUpToDate(this.#step, opened, async (read) => {
      // Before the first view is complete there is none: a set without keys must not be served.
      if (this.#view !== null) await this.#adopt(read, this.#view.settledAt);
    });
    const { signer } = await this.#adopt(facts, facts.readAt);
    if (signer === null) throw new NoSigningKey('The store holds no key that this process can sign with');
    this.#dueAt = this.#view && nextChangeAt(this.#view);
  }

  /** Takes what the store holds for the view, and does nothing about it. */
  async #look({ facts: { opened }, settledAt }: KeyringView): Promise<void> {
    await this.#adopt(await readFacts(this.#step, opened), settledAt);
  }

  async #adopt(facts: KeyFacts, settledAt: number): Promise<KeyringView> {
    const { clock, policy, log } = this.#step;
    const before = this.#view;
    // A request may have looked since.
    if (before !== null && facts.order < before.facts.order) return before;
    const publicKeys = await importPublicKeys(facts.keys, before?.publicKeys ?? new Map());
    const view = viewFacts({ facts, settledAt, publicKeys }, clock(), policy, before);
    if (before === null && view.signer === null) return view;
    this.#view = view;

    if (log) logChanges(log, before, view);
    return view;
  }

  /** For requests, which do not wait until what is due has been done. Never rejects. */
  #lookOnceASecond(): Promise<void> {
    const now = this.#step.clock();
    if (this.#lookedAt !== now) this.#looking = this.#look(this.#current()).catch(() => undefined);
    this.#lookedAt = now;
    return this.#looking;
  }

  /** An outage is logged when it begins and when it ends, not every second. */
  async #tryRefresh(): Promise<void> {
    try {
      await this.refresh();
      if (this.#isFailing) this.#step.log?.('refresh-recovered', {});
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) this.#step.log?.('refresh-failed', { error });
      this.#isFailing = true;
    }
  }
}
