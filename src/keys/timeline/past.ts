import type { KeyState } from './key-state.ts';
import { planKeys } from './plan.ts';
import type { KeyPolicy } from './policy.ts';
import { placeKey } from './place-key.ts';
import { FIRST, type KeyRecord } from '../store.ts';

/** What the keys were for, looked at whenever that may have changed before `now` (epoch seconds), in order. */
export function* recallStates({
  keys,
  now,
  policy,
  unreadable,
}: {
  keys: readonly KeyRecord[];
  now: number;
  policy: KeyPolicy;
  unreadable: ReadonlySet<string>;
}): Generator<{ at: number; states: readonly KeyState[] }> {
  const kids = new Set(keys.map(({ kid }) => kid));
  // Nobody knows since when one is corrupt. A key that took over could be read then, so it may well have been until now.
  const neverRead = new Set(
    keys.filter((key) => unreadable.has(key.kid) && key.tookOverAt === null).map(({ kid }) => kid),
  );
  const known = keys.flatMap((key) => [key.publishedAt, key.activatesAt, key.destroyedAt ?? now, key.revokedAt ?? now]);
  for (let at = Math.min(...keys.map(({ publishedAt }) => publishedAt)); at < now;) {
    const { states, nextChangeAt } = planKeys(recallLine(keys, at), at, policy, neverRead);
    yield { at, states: states.filter(({ key }) => kids.has(key.kid)) };
    at = Math.min(nextChangeAt ?? now, ...known.filter((moment) => moment > at));
  }
}

/** The line as it was at `at`, as far as the facts of today tell. */
function recallLine(keys: readonly KeyRecord[], at: number): KeyRecord[] {
  return keys.flatMap((key, place) => {
    const before = keys[place - 1];
    const gone = key.succeeds === (before?.kid ?? FIRST) ? [] : [standIn(key, before)];
    return key.publishedAt <= at ? [...gone, asItWas(key, at)] : gone;
  });
}

function asItWas(key: KeyRecord, at: number): KeyRecord {
  const isBy = (moment: number | null): boolean => moment !== null && moment <= at;
  return {
    ...key,
    revokedAt: isBy(key.revokedAt) ? key.revokedAt : null,
    destroyedAt: isBy(key.destroyedAt) ? key.destroyedAt : null,
    sealedPrivateKey: isBy(key.destroyedAt) ? null : (key.sealedPrivateKey ?? 'destroyed since'),
  };
}

/** For the keys between `before` and `key` that have left the store: without one, `key` would have signed all along. */
function standIn(key: KeyRecord, before: KeyRecord | undefined): KeyRecord {
  const tookOverBy = before === undefined ? 0 : (before.revokedAt ?? before.activatesAt);
  return placeKey(
    { kid: key.succeeds, alg: key.alg, publicJwk: {}, sealedPrivateKey: 'destroyed since' },
    { succeeds: before?.kid ?? FIRST, publishedAt: 0, activatesAt: Math.min(tookOverBy, key.publishedAt) },
  );
}
