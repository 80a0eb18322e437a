import { lastMoment } from '../../clock.ts';
import { deriveStates, type KeyState } from './key-state.ts';
import { forgetAt, knownAt, signFor, succeedBefore, type KeyPolicy } from './policy.ts';
import { FIRST, type KeyRecord } from '../store.ts';
import { arrangeTurns, type Turn } from './turns.ts';

/** What the keys are for at a moment, and what is to be done about them. Moments are epoch seconds. */
export type KeyPlan = {
  /** The moment that the plan is for. */
  readonly plannedAt: number;
  readonly signer: KeyRecord | null;
  /** Published, and next to sign, in order. */
  readonly standbys: readonly KeyRecord[];
  /** What the JWKS holds, in order of succession. */
  readonly published: readonly KeyRecord[];
  /** Kids whose private part no replica can sign with any more. */
  readonly destroyPrivate: readonly string[];
  /** Kids that have left the set and may leave the store. */
  readonly remove: readonly string[];
  /** Kids of revoked keys that nobody can have a use for any more. There is no hurry, and nothing else waits for it. */
  readonly forget: readonly string[];
  /** Kids that have begun to sign by their schedule, which is not on record yet. */
  readonly tookOver: readonly string[];
  readonly create: { readonly succeeds: string; readonly activatesAt: number } | null;
  readonly states: readonly KeyState[];
  /** When any of this next changes by itself; null when never. */
  readonly nextChangeAt: number | null;
};

/**
 * Says what each key is for at `now`, and what is due.
 *
 * `keys` are in order of succession, as they were read at `readAt`; `unreadable` names those whose sealed private part is
 * corrupt, which is as good as destroyed. Every replica that sees the same facts reaches the same plan, give or take its
 * clock. As long as one key has a readable private part and is not revoked there is a signer, and signer and standbys
 * are published. Pure: `bringUpToDate` carries it out.
 */
export function planKeys(
  keys: readonly KeyRecord[],
  now: number,
  policy: KeyPolicy,
  unreadable: ReadonlySet<string>,
  readAt = now,
): KeyPlan {
  const turns = arrangeTurns(keys, now, unreadable);
  const candidates = turns.filter((turn) => turn.canSign).map((turn) => turn.key);
  // The first, when none is active: the clock is behind or was set back, and signing early beats not signing.
  const signer = candidates.findLast((key) => key.activatesAt <= now) ?? candidates[0] ?? null;
  const standbys = signer === null ? [] : candidates.slice(candidates.indexOf(signer) + 1);

  const states = deriveStates(turns, signer, standbys, readAt, policy);
  const isPrivatePartDue = ({ key, endedAt }: Turn): boolean =>
    key.sealedPrivateKey !== null && endedAt !== null && now >= endedAt + signFor(policy);
  const past = findPast(states);
  const isForgotten = ({ key }: KeyState): boolean => {
    const at = forgetAt(key, policy);
    return at !== null && readAt >= at;
  };
  const hasTakenOver = signer !== null && signer.tookOverAt === null && signer.activatesAt <= now;

  return {
    plannedAt: now,
    signer,
    standbys,
    published: states.filter(({ state }) => state !== 'retired' && state !== 'revoked').map(({ key }) => key),
    tookOver: hasTakenOver ? [signer.kid] : [],
    destroyPrivate: turns.filter(isPrivatePartDue).map((turn) => turn.key.kid),
    remove: past.filter(({ state }) => state === 'retired').map(({ key }) => key.kid),
    forget: past.filter(isForgotten).map(({ key }) => key.kid),
    create: planCreation(keys, signer, standbys, now, policy),
    states,
    nextChangeAt: findNextChange(turns, states, candidates.at(-1), now, policy),
  };
}

/** Servers that disagree on the algorithm would add one standby over the other for ever. */
const MOST_STANDBYS_FOR_ALGORITHM = 4;

/**
 * A spare is due when nothing stands behind the signer, when the last standby is about to sign itself, or when the standby
 * that is to sign next does not sign with the algorithm that the policy asks for: the spare then takes that turn.
 */
function planCreation(
  keys: readonly KeyRecord[],
  signer: KeyRecord | null,
  standbys: readonly KeyRecord[],
  now: number,
  policy: KeyPolicy,
): KeyPlan['create'] {
  const succeeds = keys.at(-1)?.kid ?? FIRST;
  if (signer === null) return { succeeds, activatesAt: now };
  const newest = standbys.at(-1);
  // The soonest that a key made now could sign; of several whose turn has begun, the last in the line has it.
  const soonest = Math.max(Math.min(...standbys.map(({ activatesAt }) => activatesAt)), knownAt(now, policy));
  const heir = standbys.findLast(({ activatesAt }) => activatesAt <= soonest);
  if (heir !== undefined && heir.alg !== policy.algorithm && standbys.length < MOST_STANDBYS_FOR_ALGORITHM)
    return { succeeds, activatesAt: soonest };
  if (newest !== undefined && newest.activatesAt > now + succeedBefore(policy)) return null;
  return { succeeds, activatesAt: turnAfter(newest ?? signer, now, policy) };
}

/** When a key that is published at `now` may take its turn after `key` has had a whole one. */
export function turnAfter(key: KeyRecord, now: number, policy: KeyPolicy): number {
  return Math.min(Math.max(key.activatesAt + policy.rotateEvery, knownAt(now, policy)), lastMoment);
}

/** A key stays in the line while an earlier one is still published: it tells when the turn of that one ended. */
function findPast(states: readonly KeyState[]): readonly KeyState[] {
  const firstInUse = states.findIndex(({ state }) => state !== 'retired' && state !== 'revoked');
  return firstInUse < 0 ? states : states.slice(0, firstInUse);
}

function findNextChange(
  turns: readonly Turn[],
  states: readonly KeyState[],
  newest: KeyRecord | undefined,
  now: number,
  policy: KeyPolicy,
): number | null {
  let next = Infinity;
  const consider = (moment: number): void => {
    if (moment > now && moment < next) next = moment;
  };
  for (const { key, changesAt } of states) {
    consider(key.activatesAt);
    if (changesAt !== null) consider(changesAt);
  }
  for (const { key, endedAt } of turns)
    if (endedAt !== null && key.sealedPrivateKey !== null) consider(endedAt + signFor(policy));
  if (newest !== undefined) consider(newest.activatesAt - succeedBefore(policy));
  return next === Infinity ? null : next;
}

/** The rotation that an operator may ask for: `standby` takes over from `signer`, safely from `safeAt` on. */
export type Rotation = { readonly signer: KeyRecord; readonly standby: KeyRecord; readonly safeAt: number };

/**
 * The rotation that could be made at `now`; null when there is no signer or nothing stands behind it.
 * Before `safeAt`, some verifier may not know the standby yet: to be refused unless forced. A standby of the algorithm
 * that the policy asks for goes first.
 */
export function planRotation(
  keys: readonly KeyRecord[],
  now: number,
  policy: KeyPolicy,
  unreadable: ReadonlySet<string>,
): Rotation | null {
  const { signer, standbys } = planKeys(keys, now, policy, unreadable);
  const standby = standbys.find(({ alg }) => alg === policy.algorithm) ?? standbys[0];
  if (signer === null || standby === undefined) return null;
  return { signer, standby, safeAt: knownAt(standby.publishedAt, policy) };
}

/** Whether a plan finds anything to be put on record, destroyed or removed. */
export function isAnythingDue({ tookOver, destroyPrivate, remove }: KeyPlan): boolean {
  return tookOver.length + destroyPrivate.length + remove.length > 0;
}
