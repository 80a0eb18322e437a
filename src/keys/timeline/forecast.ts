import type { KeyState } from './key-state.ts';
import { LifeRecorder, type KeyLife } from './life.ts';
import { recallStates } from './past.ts';
import { planKeys, type KeyPlan, isAnythingDue } from './plan.ts';
import { lastExpiryAt, type KeyPolicy } from './policy.ts';
import { placeKey } from './place-key.ts';
import type { KeyRecord } from '../store.ts';

/** What happens to a key at a moment, in epoch seconds: what it comes to be for, or that its private part is destroyed. */
export type KeyChange = {
  readonly at: number;
  readonly kid: string;
  readonly change: KeyState['state'] | 'destroyed';
};

export type Forecast = {
  /** The moment that it was made for. What was before is known, as far as the facts tell. */
  readonly now: number;
  /** How far it goes. */
  readonly until: number;
  /** From `now` on, in order. */
  readonly changes: readonly KeyChange[];
  /** All keys, in order of succession, with their past. */
  readonly lives: readonly (KeyLife & {
    /** Not made yet: its kid is a stand-in, such as `next-1`. */
    readonly isPlanned: boolean;
  })[];
};

/**
 * Foretells the next `rotations`, until each key that they replace has left the set: it runs `planKeys` on a clock of its own,
 * and does to a list what the plan says is due.
 *
 * It holds as long as nobody rotates, revokes, imports, or changes the policy, and a replica does what is due when it is.
 * Then keys are published and sign at the moments foretold, give or take clocks. They leave the set at the latest when they
 * are said to: each key is taken to sign until no replica can any more (`retiresBy`), and one that signs less leaves earlier.
 * Pure.
 */
export function forecastKeys({
  keys,
  now,
  policy,
  unreadable,
  rotations,
}: {
  keys: readonly KeyRecord[];
  now: number;
  policy: KeyPolicy;
  unreadable: ReadonlySet<string>;
  rotations: number;
}): Forecast {
  const recorder = new LifeRecorder();
  for (const { at, states } of recallStates({ keys, now, policy, unreadable })) recorder.note(at, states);

  const stored = new Set(keys.map(({ kid }) => kid));
  const names = standInNames(stored);
  const changes: KeyChange[] = [];
  let line = keys;
  let at = now;
  let takeOvers = 0;
  let leaving: ReadonlySet<string> | null = null;
  // A key has a handful of moments. Where tokens outlive very many rotations, the end is not waited for.
  for (let steps = 20 * (keys.length + rotations) + 100; steps > 0; steps -= 1) {
    const plan = planKeys(line, at, policy, unreadable);
    for (const { key, state, before } of recorder.note(at, plan.states)) {
      // A stored key that is seen for the first time was made at this very second, or by a clock that is ahead.
      if (before !== null || !stored.has(key.kid)) changes.push({ at, kid: key.kid, change: state });
      if (at > now && state === 'active') takeOvers += 1;
    }
    for (const kid of plan.destroyPrivate) changes.push({ at, kid, change: 'destroyed' });

    const next = carryOut(plan, line, names, policy) ?? signToTheLast(plan, line, policy, unreadable);
    if (next !== null) {
      line = next;
      continue;
    }
    const retiring = plan.states.filter(({ state }) => state === 'retiring').map(({ key }) => key.kid);
    if (takeOvers >= rotations) leaving ??= new Set(retiring);
    if (plan.nextChangeAt === null || (leaving !== null && !retiring.some((kid) => leaving?.has(kid)))) break;
    at = plan.nextChangeAt;
  }
  const lives = recorder.lives.map((life) => ({ ...life, isPlanned: !stored.has(life.kid) }));
  return { now, until: at, changes, lives };
}

/** The line when what is due has been done, settled before anything is made as `bringUpToDate` does; null when nothing is. */
function carryOut(
  plan: KeyPlan,
  line: readonly KeyRecord[],
  names: Iterator<string, never>,
  policy: KeyPolicy,
): KeyRecord[] | null {
  const { tookOver, destroyPrivate, remove, create, plannedAt } = plan;
  if (isAnythingDue(plan))
    return line
      .filter(({ kid }) => !remove.includes(kid))
      .map((key) => ({
        ...key,
        tookOverAt: tookOver.includes(key.kid) ? plannedAt : key.tookOverAt,
        ...(destroyPrivate.includes(key.kid) && { sealedPrivateKey: null, destroyedAt: plannedAt }),
      }));
  if (create === null) return null;
  const made = { kid: names.next().value, alg: policy.algorithm, publicJwk: {}, sealedPrivateKey: 'not made yet' };
  return [...line, placeKey(made, { ...create, publishedAt: plannedAt })];
}

/**
 * The line when each key whose turn is over has on record the last token that a replica may sign with it; null when that is so.
 */
function signToTheLast(
  { states }: KeyPlan,
  line: readonly KeyRecord[],
  policy: KeyPolicy,
  unreadable: ReadonlySet<string>,
): KeyRecord[] | null {
  const expireAt = new Map<string, number>();
  for (const { key, endedAt } of states) {
    const hasSigned = key.tookOverAt !== null || key.tokensExpireAt !== null;
    if (endedAt === null || key.sealedPrivateKey === null || !hasSigned || unreadable.has(key.kid)) continue;
    const last = Math.max(lastExpiryAt(endedAt, policy), key.tokensExpireAt ?? 0);
    if (last !== key.tokensExpireAt) expireAt.set(key.kid, last);
  }
  if (expireAt.size === 0) return null;
  return line.map((key) => ({ ...key, tokensExpireAt: expireAt.get(key.kid) ?? key.tokensExpireAt }));
}

/** Kids for keys that are not made yet. A key may have been imported under such a name, so that one is passed over. */
function* standInNames(taken: ReadonlySet<string>): Generator<string, never> {
  for (let number = 1; ; number += 1) if (!taken.has(`next-${number}`)) yield `next-${number}`;
}
