import { isDeepStrictEqual } from 'node:util';
import { isKid } from '../sealing/immutable-facts.ts';
import { planKeys } from '../timeline/plan.ts';
import type { KeyPolicy } from '../timeline/policy.ts';
import { publishKeys, type PublishedJwk } from './published-set.ts';
import { type RowName, tables } from '../row-name.ts';
import type { KeyRecord } from '../store.ts';
import { isPublishedAt, type VerifyOnlyKey } from '../verify-only.ts';

/** Something about the keys that an operator should look into. */
export type KeyProblem = {
  readonly check: 'published_set' | 'private_parts' | 'facts' | 'due';
  /** The key that it is about, if it is one. */
  readonly kid: string | null;
  readonly detail: string;
};

type StoredKeys = {
  readonly keys: readonly KeyRecord[];
  readonly verifyOnly: readonly VerifyOnlyKey[];
  readonly unreadable: ReadonlySet<string>;
  /** Whether anything can be said of the rows here: a server may know more of them. */
  readonly isJudged: boolean;
  /** Rows that a server may serve, if it has their key-encryption key. */
  readonly waiting: readonly { readonly key: KeyRecord | VerifyOnlyKey }[];
  /** Kids that a server serves once one of this version has adopted them. */
  readonly unadopted: readonly { readonly kid: string }[];
};

/** A key as somebody served it: who knows what is in it. */
export type ServedKey = Readonly<Record<string, unknown>>;

/** Where a served set is not what the store says. The clock that served it may be off by `clockSkew`, as ours may. */
export function compareSets(
  stored: StoredKeys,
  served: readonly ServedKey[],
  now: number,
  policy: KeyPolicy,
): KeyProblem[] {
  const leeway = 2 * policy.clockSkew + policy.replicaRefresh + 1;
  const moments = [now - leeway, now, now + leeway].map((at) => publishedAt(stored, at, policy));
  const problem = (kid: string | null, detail: string): KeyProblem => ({ check: 'published_set', kid, detail });
  const problems: KeyProblem[] = [];
  const unadopted = new Set(stored.unadopted.map(({ kid }) => kid));
  const { body } = publishKeys(
    stored.waiting.map(({ key }) => key),
    [],
    now,
  );
  const waiting = new Map(body.keys.map((key) => [key.kid, key]));
  for (const [kid, key] of moments[1] ?? []) {
    const found = served.filter((each) => each.kid === kid);
    const isSure = stored.isJudged && !unadopted.has(kid) && moments.every((set) => set.has(kid));
    if (found.length === 0) {
      if (isSure) problems.push(problem(kid, 'is missing from the served set'));
    } else if (!found.every((each) => isDeepStrictEqual(each, key))) {
      problems.push(problem(kid, 'is served as another key than is stored'));
    }
  }
  for (const key of served) {
    const { kid } = key;
    if (typeof kid !== 'string' || !isKid(kid))
      problems.push(problem(null, 'a key is served that has no kid, or one that no key here can have'));
    else if (waiting.has(kid) && !isDeepStrictEqual(key, waiting.get(kid)))
      problems.push(problem(kid, 'is served as another key than is stored'));
    else if (!waiting.has(kid) && !moments.some((set) => set.has(kid)))
      problems.push(problem(kid, 'is served, and should not be'));
  }
  return problems;
}

/** Private parts that cannot be read. */
export function findUnreadableParts({ keys, unreadable }: Pick<StoredKeys, 'keys' | 'unreadable'>): KeyProblem[] {
  return keys
    .filter(({ kid }) => unreadable.has(kid))
    .map(({ kid }) => ({ check: 'private_parts', kid, detail: 'its sealed private part is corrupt' }));
}

/**
 * Rows that no server wrote, or of which nobody can say yet that one did. Of one beside the row of a key, which goes on, also how to be
 * rid of it alone.
 */
export function findRejected(
  rows: readonly (RowName & { readonly reason: string })[],
  { keys, verifyOnly }: Pick<StoredKeys, 'keys' | 'verifyOnly'>,
): KeyProblem[] {
  const kidsOf = (taken: readonly { readonly kid: string }[]) => new Set(taken.map(({ kid }) => kid));
  const others = { signing: kidsOf(verifyOnly), 'verify-only': kidsOf(keys) };
  return rows.map(({ of, kid, reason }) => {
    const spare = others[of].has(kid) ? `: npm run keys -- revoke --row ${tables[of]} ${asArgument(kid)}` : '';
    return { check: 'facts', kid: isKid(kid) ? kid : null, detail: `${reason} (in ${tables[of]})${spare}` };
  });
}

/** A kid as it is typed: one that was imported may be called anything. */
function asArgument(kid: string): string {
  if (/^[A-Za-z0-9_][A-Za-z0-9_-]*$/.test(kid)) return kid;
  return `-- '${kid.replaceAll("'", `'\\''`)}'`;
}

/** `most` problems of each kind, and how many more there are (`left-out.ts`). */
export function tellSome(problems: readonly KeyProblem[], most: number): KeyProblem[] {
  const checks = [...new Set(problems.map(({ check }) => check))];
  return checks.flatMap((check) => {
    const all = problems.filter((each) => each.check === check);
    const more = all.length - most;
    return more <= 0 ? all : [...all.slice(0, most), { check, kid: null, detail: `and ${more} more` }];
  });
}

/** What has been due for longer than any running server would leave it. */
export function findOverdue(
  { keys, verifyOnly, unreadable }: Pick<StoredKeys, 'keys' | 'verifyOnly' | 'unreadable'>,
  now: number,
  policy: KeyPolicy,
): KeyProblem[] {
  const problem = (kid: string | null, detail: string): KeyProblem => ({ check: 'due', kid, detail });
  if (keys.length === 0) return [problem(null, 'there are no keys: no server has run yet')];
  // What was due then, and by the facts of today still is. Keys that came since have their own moments.
  const then = now - 2 * policy.replicaRefresh - 2 * policy.clockSkew - 5;
  const { create, tookOver, destroyPrivate, remove } = planKeys(keys, then, policy, unreadable);
  const problems: KeyProblem[] = [];
  const newest = Math.max(...keys.map(({ publishedAt: at }) => at));
  if (create !== null && newest <= then) problems.push(problem(null, 'a new standby is due'));
  for (const kid of tookOver) problems.push(problem(kid, 'has begun to sign, and no server has noticed'));
  for (const kid of destroyPrivate) problems.push(problem(kid, 'its private part is due to be destroyed'));
  const gone = verifyOnly.filter((key) => key.revokedAt === null && !isPublishedAt(key, then)).map(({ kid }) => kid);
  for (const kid of [...remove, ...gone]) problems.push(problem(kid, 'has retired, and is due to be removed'));
  return problems;
}

function publishedAt(stored: StoredKeys, at: number, policy: KeyPolicy): Map<string, PublishedJwk> {
  const { published } = planKeys(stored.keys, at, policy, stored.unreadable);
  const { body } = publishKeys(published, stored.verifyOnly, at);
  return new Map(body.keys.map((key) => [key.kid, key]));
}
