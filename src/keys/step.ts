import type { Actor, Occasion } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import { findCorrupt, openPrivateKeys, type OpenedKeys } from './opened-keys.ts';
import { planKeys, type KeyPlan } from './plan.ts';
import type { KeyPolicy } from './policy.ts';
import { placeKey, type GenerateKey, type NewKey, type OpenPrivateKey } from './signing-key.ts';
import type { KeyRecord, KeyStore } from './store.ts';
import { isPublishedAt, type VerifyOnlyKey, type VerifyOnlyKeyStore } from './verify-only.ts';

/** Takes note of what happened to the keys. Details never hold private parts. */
export type KeyLog = (event: string, detail: Readonly<Record<string, unknown>>) => void;

export type StepDependencies = {
  readonly store: KeyStore;
  readonly verifyOnly: VerifyOnlyKeyStore;
  readonly clock: Clock;
  readonly policy: KeyPolicy;
  readonly generateKey: GenerateKey;
  readonly openPrivateKey: OpenPrivateKey;
  /** Who is on record for what the step does. */
  readonly actor: Actor;
  readonly log?: KeyLog;
};

/** The facts as they were read at `readAt` (epoch seconds); `order` tells which of two readings began first. */
export type KeyFacts = {
  readonly order: number;
  readonly keys: readonly KeyRecord[];
  readonly verifyOnly: readonly VerifyOnlyKey[];
  readonly opened: OpenedKeys;
  readonly readAt: number;
};

/** A first start takes six rounds; each round that another process wins takes one more. */
const MOST_ROUNDS = 20;

/** Reads the facts; private parts that are open in `before` are not opened again. */
export type ReadFacts = (before: OpenedKeys) => Promise<KeyFacts>;

/** One for each keyring, since it counts its readings. */
export function createFactReader(
  step: Pick<StepDependencies, 'store' | 'verifyOnly' | 'clock' | 'openPrivateKey'>,
): ReadFacts {
  let readings = 0;
  return async function readFacts(before) {
    readings += 1;
    const order = readings;
    const readAt = step.clock();
    const keys = await step.store.listKeys();
    const verifyOnly = await step.verifyOnly.listVerifyOnlyKeys();
    return { order, keys, verifyOnly, opened: await openPrivateKeys(keys, before, step.openPrivateKey), readAt };
  };
}

/**
 * The one step that moves keys along, shared by start-up, the tick, the command line and the operations: read, plan, do
 * what is due, and read again until nothing is.
 *
 * It may run in any number of processes at once, stop at any point, and be repeated: it works from facts alone, and
 * the store lets each key have one successor. Returns the facts about which nothing is left to do. What was read on the way is
 * told to `onRead` first, so that a process which cannot write learns of a revocation all the same. Throws, and changes
 * nothing, when the signer's private part is sealed under an unknown key-encryption key.
 */
export async function bringUpToDate(
  step: StepDependencies,
  readFacts: ReadFacts,
  before: OpenedKeys,
  onRead: (facts: KeyFacts) => Promise<void>,
): Promise<KeyFacts> {
  const { store, clock, policy } = step;
  let opened = before;
  let spare: NewKey | null = null;
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const facts = await readFacts(opened);
    await onRead(facts);
    opened = facts.opened;
    const plan = planKeys(facts.keys, clock(), policy, findCorrupt(opened), facts.readAt);
    const fault = plan.signer && opened.get(plan.signer.kid)?.fault;
    if (fault) throw fault;

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
    if (plan.create === null) return facts;
    // Generating takes a while, so the line is read again before the new key gets its place and its moments.
    if (spare === null) {
      spare = await step.generateKey();
      continue;
    }
    const key = placeKey(spare, { ...plan.create, publishedAt: plan.plannedAt });
    if (!(await store.insertKey(key, 'key.created', occasionOf(step)))) continue;
    step.log?.('key-created', { kid: key.kid, activatesAt: key.activatesAt });
    spare = null;
  }
  throw new Error(`The signing keys were still changing after ${MOST_ROUNDS} rounds`);
}

/** Whether a plan finds anything to be put on record, destroyed or removed. */
export function isAnythingDue({ tookOver, destroyPrivate, remove }: KeyPlan): boolean {
  return tookOver.length + destroyPrivate.length + remove.length > 0;
}

/** The keys of other issuers that have left the set by themselves. */
function findGone({ verifyOnly }: KeyFacts, now: number): string[] {
  return verifyOnly.filter((key) => key.revokedAt === null && !isPublishedAt(key, now)).map(({ kid }) => kid);
}

function occasionOf({ clock, actor }: StepDependencies): Occasion {
  return { at: clock(), actor, reason: null };
}
