import { FIRST, type KeyRecord } from '../store.ts';

type Linked = Pick<KeyRecord, 'kid' | 'succeeds'>;

/**
 * Keys that servers wrote in order of succession: each behind the one that it succeeds, or else by when it was published. By facts
 * that are authenticated, and not by the numbers of the rows: whoever can write to the database could change those so that no new
 * key ever came to stand behind the signer.
 */
export function arrangeLine<Key extends Linked & Pick<KeyRecord, 'publishedAt'>>(keys: readonly Key[]): Key[] {
  const byKid = new Map(keys.map((key) => [key.kid, key]));
  const line = new Set<Key>();
  for (const key of keys.toSorted((one, two) => one.publishedAt - two.publishedAt)) {
    const before = new Set<Key>();
    let at: Key | undefined = key;
    while (at !== undefined && !line.has(at) && !before.has(at)) {
      before.add(at);
      at = byKid.get(at.succeeds);
    }
    for (const each of [...before].reverse()) line.add(each);
  }
  return [...line];
}

/**
 * What the next key succeeds: the last in `line`. Where another row, such as one that no server wrote, has that place, the last of all
 * that are `stored` that nothing succeeds yet. All servers find the same, and there always is something: no kid has a space.
 */
export function findPredecessor(line: readonly Linked[], stored: readonly Linked[]): string {
  const taken = new Set(stored.map(({ succeeds }) => succeeds));
  const free = [...stored, ...line.slice(-1)].findLast(({ kid }) => !taken.has(kid));
  if (free !== undefined) return free.kid;
  let name = FIRST;
  while (taken.has(name)) name += ' ';
  return name;
}

/** Whether a key may be stored that succeeds this: nothing does yet, and it is one of those that are `stored`, or there is none such. */
export function isPlaceFree(stored: readonly Linked[], succeeds: string): boolean {
  if (stored.some((key) => key.succeeds === succeeds)) return false;
  return stored.some(({ kid }) => kid === succeeds) || findPredecessor([], stored) === succeeds;
}
