import type { KeyFacts } from './key-facts.ts';

/**
 * The facts of `now`, with the keys that were trusted `before` in place of those that are: for a process that trusts none any more. What
 * somebody has revoked since is revoked, whoever wrote its row.
 */
export function keepTrusted(before: KeyFacts, now: KeyFacts): KeyFacts {
  const revoked = new Map(now.stored.keys.map(({ kid, revokedAt }) => [kid, revokedAt]));
  const keys = before.keys.map((key) => {
    const revokedAt = key.revokedAt ?? revoked.get(key.kid) ?? null;
    return revokedAt === null ? key : { ...key, revokedAt, sealedPrivateKey: null };
  });
  // What the row of a key has for a private part by now says nothing of the one that was opened.
  const opened = new Map(now.opened);
  for (const { kid, revokedAt } of keys) {
    const part = before.opened.get(kid);
    if (part !== undefined && revokedAt === null) opened.set(kid, part);
  }
  return { ...now, keys, opened };
}
