import { pickPublicMembers } from '../algorithm.ts';
import type { KeyRecord } from '../store.ts';
import type { VerifyOnlyKey } from '../verify-only.ts';

/** What never changes of a key. Everything else (moments that servers raise, the private part) is not among it. */
export type ImmutableFacts =
  | Pick<KeyRecord, 'kid' | 'alg' | 'publicJwk' | 'succeeds' | 'publishedAt'>
  | Pick<VerifyOnlyKey, 'kid' | 'alg' | 'publicJwk' | 'publishedAt' | 'publishedUntil'>;

/** What a key may be called (openapi.yaml, Kid). What is in the database may be called anything. */
const KID = /^[\x21-\x7E]{1,256}$/;

export function isKid(kid: string): boolean {
  return KID.test(kid);
}

/** What to call a key in a message: what is in the database may be meant for the terminal that it comes to. */
export function nameOf(kid: string): string {
  return isKid(kid) ? kid : 'a row whose kid no key can have';
}

/**
 * The facts of a key that never change, as a text that no other facts have: a JSON array of a fixed length, whose first
 * element says which kind of key it is, so that no fact can be taken for another. Null for a row that no server wrote: its public
 * key is not one for its algorithm, or a moment is none.
 */
export function encodeFacts(key: ImmutableFacts): string | null {
  const { kid, alg, publishedAt } = key;
  const members = publicMembersOf(key);
  const moments = 'succeeds' in key ? [publishedAt] : [publishedAt, key.publishedUntil];
  if (members === null || !isKid(kid) || !moments.every(Number.isSafeInteger)) return null;
  const rest = 'succeeds' in key ? ['signing', key.succeeds] : ['verify-only', key.publishedUntil];
  return JSON.stringify([...rest, kid, alg, publishedAt, members]);
}

/** Always in the same order, whatever order they are stored in. */
function publicMembersOf({ publicJwk, alg }: ImmutableFacts): readonly string[] | null {
  try {
    const members: readonly unknown[] = Object.values(pickPublicMembers(publicJwk, alg));
    return members.every((member) => typeof member === 'string') ? members : null;
  } catch {
    return null;
  }
}
