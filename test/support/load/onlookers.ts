/** Third parties who verify, by the published set alone, the tokens that others get. */
import { setTimeout as sleep } from 'node:timers/promises';
import { kidOf } from '../jwks.ts';
import { expiryOf } from './book.ts';
import type { Site } from './site.ts';
import { messageOf } from '../error-message.ts';
import { VERIFIER_CACHE, type Verifier, createStrictVerifier, createVerifiers } from '../rotations/verifiers.ts';

/** Milliseconds. */
const LOOK_EVERY = 150;
const LEAST_LEFT = 1_000;

/** Milliseconds for which a verifier may keep a set, and a server its view: as the settings of the soak have it. */
const CACHED_FOR = 3_500;

/** From the ten minutes that verifiers keep a set for by default to the one second that the settings of the soak allow for. */
const FACTOR = VERIFIER_CACHE;

export type Onlookers = { readonly verifications: () => number; readonly ended: Promise<void> };

/** Each set of verifiers gets its keys from one of `urls`. */
export function startOnlookers(
  site: Site,
  { issuer, urls }: { issuer: string; urls: readonly string[] },
  isOver: () => boolean,
): Onlookers {
  const verifiers = urls.flatMap((url) => {
    const trust = { issuer, audience: issuer, jwksUri: `${url}/.well-known/jwks.json` };
    // Two that are strict fetch the set at other moments.
    const strict = createStrictVerifier(trust, VERIFIER_CACHE / FACTOR);
    return [...createVerifiers(trust, FACTOR), strict].map((verifier) => ({ url, verifier }));
  });
  let verifications = 0;

  async function look(url: string, verifier: Verifier, token: string): Promise<void> {
    const startedAt = Date.now();
    if (!site.book.isForVerifiers(token, startedAt, site.outages, CACHED_FOR)) return;
    try {
      await verifier.verify(token);
      verifications += 1;
    } catch (error) {
      const at = Date.now();
      if (at >= expiryOf(token) || !site.book.isForVerifiers(token, at, site.outages, CACHED_FOR)) return;
      const message = messageOf(error);
      if (isOfNetwork(message) && site.outages.mayBreak(url, startedAt, at)) return;
      site.book.breach('a third party refused a token', { verifier: verifier.name, kid: kidOf(token), message });
    }
  }

  async function keepLooking(): Promise<void> {
    while (!isOver()) {
      await sleep(LOOK_EVERY);
      const alive = site.book.tokens.filter((token) => expiryOf(token) - Date.now() > LEAST_LEFT);
      // The newest, and one whose key may have been followed by others.
      const chosen = [alive.at(-1), alive[Math.floor(Math.random() * alive.length)]];
      const looks = chosen.flatMap((token) =>
        token === undefined ? [] : verifiers.map(({ url, verifier }) => look(url, verifier, token)),
      );
      await Promise.all(looks);
    }
  }

  return { verifications: () => verifications, ended: keepLooking() };
}

/** What the libraries say when they cannot get the set, rather than that a key is not in it. */
function isOfNetwork(message: string): boolean {
  return /fetch failed|ECONN|socket|terminated|timed? ?out|aborted|50\d|Expected 200|hang up/i.test(message);
}
