import { isAnythingDue, planKeys } from '../timeline/plan.ts';
import type { Actor, Occasion } from '../../audit/event.ts';
import { NotAdopted, WrongKeyEncryptionKey } from '../errors.ts';
import { addMac } from '../sealing/facts-mac.ts';
import { findForgettable } from './forgetting.ts';
import type { FactSources, KeyFacts, Known, ReadFacts } from './key-facts.ts';
import { makeMissingMacs } from './missing-macs.ts';
import { findCorrupt } from './opened-keys.ts';
import type { KeyPolicy } from '../timeline/policy.ts';
import type { Reader } from './trust.ts';
import type { GenerateKey } from '../sealing/signing-key.ts';
import { placeKey } from '../timeline/place-key.ts';
import type { NewKey, MacChange } from '../store.ts';
import { findPredecessor } from '../timeline/succession.ts';
import { isPublishedAt } from '../verify-only.ts';

/** Takes note of what happened to the keys. Details never hold private parts. */
export type KeyLog = (event: string, detail: Readonly<Record<string, unknown>>) => void;

export type StepDependencies = FactSources & {
  readonly policy: KeyPolicy;
  readonly generateKey: GenerateKey;
  /** Who is on record for what the step does. */
  readonly actor: Actor;
  readonly log?: KeyLog;
  /** Whether it is a server, whose first start may be that of this version. */
  readonly isServer: boolean;
};

const nothing = { tookOver: [], destroyPrivate: [], remove: [] };

/** A first start takes six rounds; each round that another process wins takes one more. */
const MOST_ROUNDS = 20;

/**
 * The one step that moves keys along, shared by start-up, the tick, the command line and the operations: read, plan, do
 * what is due, and read again until nothing is.
 *
 * It may run in any number of processes at once, stop at any point, and be repeated: it works from facts alone, and
 * the store lets each key have one successor. Returns the facts about which nothing is left to do. What was read on the way is
 * told to `onRead` first, so that a process which cannot write learns of a revocation all the same. Throws, and changes
 * nothing, when the signer's private part is sealed under an unknown key-encryption key, or when only a key could sign that
 * nobody can vouch for without one. Throws `NotAdopted` where some wait for the first server of this version to start.
 */
export async function bringUpToDate(
  step: StepDependencies,
  readFacts: ReadFacts,
  { known: before, reader }: { known: Known; reader: Reader },
  onRead: (facts: KeyFacts) => Promise<void>,
): Promise<KeyFacts> {
  const { store, clock, policy } = step;
  let known = before;
  let spare: NewKey | null = null;
  let hasForgotten = false;
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const facts = await readFacts(known, reader);
    await onRead(facts);
    known = facts;
    const plan = planKeys(facts.keys, clock(), policy, findCorrupt(facts.opened), facts.readAt);
    const fault = plan.signer === null ? findWaiting(facts) : facts.opened.get(plan.signer.kid)?.fault;
    if (fault) throw fault;

    // Once any row has its MAC, a row without one is not believed any more.
    if (facts.trust.firstStart === 'ahead') throw new NotAdopted();
    const macs = await makeMissingMacs(facts, step.macs);
    if (macs.length > 0) {
      if (await store.writeMacs(macs)) logMacs(step, macs);
      continue;
    }
    const gone = findGone(facts, clock());
    if (gone.length > 0) {
      await step.verifyOnly.removeVerifyOnlyKeys(gone, occasionOf(step));
      continue;
    }
    if (isAnythingDue(plan)) {
      const { tookOver, destroyPrivate, remove } = plan;
      await store.settleKeys({ tookOver, destroyPrivate, remove }, occasionOf(step));
      step.log?.('keys-settled', { tookOver, destroyPrivate, remove });
      continue;
    }
    // Once: of very many, the rest can wait.
    const forget = hasForgotten ? [] : await findForgettable(facts, plan, policy);
    hasForgotten = true;
    if (forget.length > 0) {
      await store.settleKeys({ ...nothing, forget }, occasionOf(step));
      step.log?.('keys-forgotten', { kids: forget.map(({ kid }) => kid) });
      continue;
    }
    if (plan.create === null) return facts;
    // Generating takes a while, so the line is read again before the new key gets its place and its moments.
    if (spare === null) {
      spare = await step.generateKey();
      continue;
    }
    const place = {
      ...plan.create,
      succeeds: findPredecessor(facts.keys, facts.stored.keys),
      publishedAt: plan.plannedAt,
    };
    const key = await addMac(placeKey(spare, place), step.macs);
    if (!(await store.insertKey(key, 'key.created', occasionOf(step)))) continue;
    step.log?.('key-created', { kid: key.kid, activatesAt: key.activatesAt });
    spare = null;
  }
  throw new Error(`The signing keys were still changing after ${MOST_ROUNDS} rounds`);
}

/** Nothing but the database says that a row without a private part is one of ours: each is named. */
function logMacs({ log }: StepDependencies, macs: readonly MacChange[]): void {
  const kidsWhere = (isAdopted: boolean) =>
    macs.filter(({ resealed }) => (resealed === null) === isAdopted).map(({ kid }) => kid);
  for (const [event, kids] of [
    ['facts-adopted', kidsWhere(true)],
    ['facts-authenticated', kidsWhere(false)],
  ] as const)
    if (kids.length > 0) log?.(event, { kids });
}

/** Why nothing is made where a key could sign, if only it could be told whether a server wrote it. */
function findWaiting({ stored, trust, opened }: KeyFacts): WrongKeyEncryptionKey | null {
  for (const { kid, revokedAt, sealedPrivateKey } of stored.keys) {
    const verdict = trust.signing.get(kid)?.verdict;
    if (verdict?.kind !== 'waiting' || revokedAt !== null || sealedPrivateKey === null) continue;
    const fault = opened.get(kid)?.fault;
    return fault instanceof WrongKeyEncryptionKey ? fault : new WrongKeyEncryptionKey(verdict.reason);
  }
  return null;
}

/** The keys of other issuers that have left the set by themselves. */
function findGone({ verifyOnly }: KeyFacts, now: number): string[] {
  return verifyOnly.filter((key) => key.revokedAt === null && !isPublishedAt(key, now)).map(({ kid }) => kid);
}

function occasionOf({ clock, actor }: StepDependencies): Occasion {
  return { at: clock(), actor, reason: null };
}
