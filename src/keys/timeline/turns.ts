import type { KeyRecord } from '../store.ts';

/** A key's place in the line: whether its turn to sign has ended, and whether it could sign. */
export type Turn = {
  readonly key: KeyRecord;
  /** When a later key took over, in epoch seconds; null while none has. */
  readonly endedAt: number | null;
  /** Not revoked, its turn not over, and its private part at hand. At most one such key is active. */
  readonly canSign: boolean;
};

/**
 * Works out the turns of `keys` (in order of succession) as they stand at `now`.
 *
 * A turn ends when the first of the later keys really becomes active. One that was revoked before its moment never did,
 * and one whose private part is `unreadable` does not count: the key before it goes on in its place.
 */
export function arrangeTurns(keys: readonly KeyRecord[], now: number, unreadable: ReadonlySet<string>): Turn[] {
  const turns: Turn[] = [];
  let endedAt: number | null = null;
  for (const key of keys.toReversed()) {
    const canSign =
      key.revokedAt === null && endedAt === null && key.sealedPrivateKey !== null && !unreadable.has(key.kid);
    turns.push({ key, endedAt, canSign });
    if (becameActive(key, now) && !unreadable.has(key.kid)) endedAt = Math.min(endedAt ?? Infinity, key.activatesAt);
  }
  return turns.reverse();
}

function becameActive(key: KeyRecord, now: number): boolean {
  return key.activatesAt <= now && (key.revokedAt === null || key.activatesAt <= key.revokedAt);
}
