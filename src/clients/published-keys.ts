import type { JWK } from 'jose';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.ts';
import { Unavailable } from '../unavailable.ts';
import { fetchText } from './fetch-text.ts';
import { isJwksUri } from './jwks-uri.ts';
import { readPublicJwk } from './public-jwk.ts';
import { type Reach, createReach } from './reach.ts';

/** Seconds: a set is kept for so long; an unknown key has it fetched again, but not before a pause, nor does a failure. */
const keepFor = 600;
const pauseAfterSuccess = 30;
const pauseAfterFailure = 5;

/** What a set may have at most, and how many sets are kept. */
const mostKeys = 100;
const mostSets = 1000;

const noKeys: readonly JWK[] = [];

type Kept = {
  keys: readonly JWK[];
  /** When they were fetched; -Infinity for never. */
  fetchedAt: number;
  failedAt: number;
  fetching: Promise<void> | null;
};

/** The keys that a client publishes at `uri`. With `again`, they are not what they were thought to be. Throws `Unavailable`. */
export type PublishedKeys = (clientId: string, uri: string, again?: boolean) => Promise<readonly JWK[]>;

type Options = { readonly clock: Clock; readonly allowsLoopback: boolean; readonly reach: Reach };

/**
 * Follows the `jwks_uri` of clients, to what is registered and no further: a redirect is a failure. What could not be
 * registered here, such as http on this machine without `allowsLoopback`, is not fetched, and holds no keys.
 */
export function publishedKeys({ clock, allowsLoopback, reach }: Options): PublishedKeys {
  const isReachable = createReach(reach);
  const sets = new LRUCache<string, Kept>({ max: mostSets });

  return async (clientId, uri, again = false) => {
    if (!isJwksUri(uri, allowsLoopback)) return noKeys;
    const name = `${clientId} ${uri}`;
    const kept = sets.get(name) ?? { keys: [], fetchedAt: -Infinity, failedAt: -Infinity, fetching: null };
    sets.set(name, kept);
    const age = clock() - kept.fetchedAt;
    if (age < (again ? pauseAfterSuccess : keepFor)) return kept.keys;
    const wait = kept.failedAt + pauseAfterFailure - clock();
    if (wait > 0) throw failedJustNow(wait);
    if (kept.fetching !== null) {
      await kept.fetching.catch(() => Promise.reject(failedJustNow(pauseAfterFailure)));
      return kept.keys;
    }
    kept.fetching = refresh(kept, uri).finally(() => {
      kept.fetching = null;
    });
    await kept.fetching;
    return kept.keys;
  };

  async function refresh(kept: Kept, uri: string): Promise<void> {
    try {
      kept.keys = readSet(await fetchText(uri, isReachable));
      kept.fetchedAt = clock();
    } catch (cause) {
      kept.failedAt = clock();
      throw new Unavailable('A jwks_uri could not be read.', { retryAfter: pauseAfterFailure, cause });
    }
  }
}

/** Whoever had the keys fetched has said so in the log. */
function failedJustNow(retryAfter: number): Unavailable {
  return new Unavailable('A jwks_uri could not be read just now.', { retryAfter, isExpected: true });
}

/** RFC 7517, 5: keys of other kinds are passed over, and so is whatever should not have been published. */
function readSet(text: string): JWK[] {
  const set = parseJson(text);
  const keys = typeof set === 'object' && set !== null && 'keys' in set ? set.keys : undefined;
  if (!Array.isArray(keys) || keys.length > mostKeys)
    throw new Error(`The answer is no JWK Set of ${mostKeys} at most.`);
  return keys.map(readPublicJwk).flatMap((key) => ('jwk' in key ? [key.jwk] : []));
}

/** Without the cause: it quotes what it failed to read, and goes to the log. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('The answer is no JSON.');
  }
}
