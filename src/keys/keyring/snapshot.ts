import { NoSigningKey } from '../errors.ts';
import { createFactReader, type KeyFacts, type ReadFacts, type StoredRows } from './key-facts.ts';
import { holdsAt, importPublicKeys, isAllDistrusted, logChanges, viewFacts, type KeyringView } from './keyring-view.ts';
import { keepTrusted } from './kept-facts.ts';
import type { KeyPlan } from '../timeline/plan.ts';
import type { PublishedSet } from './published-set.ts';
import type { StepDependencies } from './step.ts';
import type { KeyRecord } from '../store.ts';
import { countLeftOut, type LeftOut } from './left-out.ts';
import type { VerifyOnlyKey } from '../verify-only.ts';

/** What was last read of the signing keys, seen as it stands now. There is nothing to see before it was read once. */
export class Snapshot {
  protected readonly step: StepDependencies;
  protected readonly readFacts: ReadFacts;
  protected view: KeyringView | null = null;

  constructor(step: StepDependencies) {
    this.step = step;
    this.readFacts = createFactReader(step);
  }

  isPublished(kid: string): boolean {
    return this.current().plan.published.some((key) => key.kid === kid);
  }

  /** The set to serve: made anew only when it changes, and never empty. Throws `NoSigningKey` where it would be. */
  get jwks(): PublishedSet {
    const { jwks } = this.current();
    if (jwks.body.keys.length === 0) throw new NoSigningKey('There is no key that could be published');
    return jwks;
  }

  /** What the keys are for now. */
  get plan(): KeyPlan {
    return this.current().plan;
  }

  /** The rows as last read, those that are not trusted among them. */
  get stored(): StoredRows {
    return this.current().facts.stored;
  }

  get leftOut(): LeftOut {
    return countLeftOut(this.stored, this.current().facts.trust);
  }

  /** The trusted keys as last read, in order of succession. */
  get keys(): readonly KeyRecord[] {
    return this.current().facts.keys;
  }

  /** Whether the row was trusted as it was last read, also where what was trusted before goes on in its place. */
  isTrusted(kid: string): boolean {
    return this.current().facts.trust.signing.get(kid)?.verdict.kind === 'trusted';
  }

  /** The trusted keys of other issuers, as last read. */
  get verifyOnlyKeys(): readonly VerifyOnlyKey[] {
    return this.current().facts.verifyOnly;
  }

  /** Kids whose private part this process cannot use, for whatever reason. */
  get unusable(): ReadonlySet<string> {
    const { opened } = this.current().facts;
    return new Set([...opened].filter(([, { privateKey }]) => privateKey === null).map(([kid]) => kid));
  }

  /** Kids whose sealed private part is corrupt. */
  get unreadable(): ReadonlySet<string> {
    return this.current().unreadable;
  }

  protected current(): KeyringView {
    if (this.view === null) throw new NoSigningKey('The keyring has not been started');
    const now = this.step.clock();
    if (!holdsAt(this.view, now)) this.view = viewFacts(this.view, now, this.step.policy, this.view);
    return this.view;
  }

  /** A revocation is final, and the keys of other issuers stay theirs. */
  protected isOutForGood(kid: string): boolean {
    const isRevoked = this.stored.keys.some((key) => key.kid === kid && key.revokedAt !== null);
    // Of rows that no server wrote, nobody knows whose key they are: another replica may have made one of that kid.
    return isRevoked || this.verifyOnlyKeys.some((key) => key.kid === kid);
  }

  /** Takes what the store holds for the view, and does nothing about it. */
  protected async look({ facts, settledAt }: KeyringView): Promise<void> {
    await this.adopt(await this.readFacts(facts, this.step.isServer ? 'running server' : 'command'), settledAt);
  }

  protected async adopt(facts: KeyFacts, settledAt: number): Promise<KeyringView> {
    const { log } = this.step;
    const before = this.view;
    // A request may have looked since.
    if (before !== null && facts.order < before.facts.order) return before;
    const view = await this.#see(facts, settledAt);
    if (before === null && view.signer === null) return view;
    // What was trusted before goes on until a new key is made, which comes next, or can be trusted.
    const isKept = before !== null && isAllDistrusted(view);
    const adopted = isKept ? await this.#see(keepTrusted(before.facts, facts), settledAt) : view;
    if (log) logChanges(log, before, adopted);
    this.view = adopted;
    return adopted;
  }

  async #see(facts: KeyFacts, settledAt: number): Promise<KeyringView> {
    const { clock, policy } = this.step;
    const publicKeys = await importPublicKeys(facts.keys, this.view?.publicKeys ?? new Map());
    return viewFacts({ facts, settledAt, publicKeys }, clock(), policy, this.view);
  }
}
