/** Clients that keep asking a server for tokens, and a verifier that looks at all that live whenever it gets the key set. */
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import { type ClientCredentials, type PublishedKeys, fetchKeys, kidOf, kidsIn, requestToken, verify } from './jwks.ts';

/** Moments are epoch milliseconds. */
export type IssuedToken = {
  readonly kid: string;
  readonly token: string;
  /** `iat` and `exp`. */
  readonly signedAt: number;
  readonly expiresAt: number;
  /** When it was had. */
  readonly issuedAt: number;
};

export type Traffic = {
  readonly tokens: readonly IssuedToken[];
  readonly sets: readonly { readonly kids: readonly string[]; readonly servedAt: number }[];
  /** Requests that failed, and tokens that did not verify by the set as it was served. */
  readonly faults: readonly string[];
  /** Asks for no more tokens, verifies those that live until they expire, and waits for all replies. */
  end(): Promise<void>;
};

/** Milliseconds between two requests of each kind. None waits for the reply to the one before. */
const pause = 250;

export function startTraffic(url: string, client: ClientCredentials): Traffic {
  const tokens: IssuedToken[] = [];
  const sets: { kids: string[]; servedAt: number }[] = [];
  const faults: string[] = [];
  const asking = new Set<Promise<void>>();
  let isOver = false;

  async function askForToken(): Promise<void> {
    const token = await requestToken(url, client);
    const { iat = 0, exp = 0 } = decodeJwt(token);
    tokens.push({ token, kid: kidOf(token), signedAt: iat * 1000, expiresAt: exp * 1000, issuedAt: Date.now() });
  }

  async function askForKeys(): Promise<void> {
    const keys = await fetchKeys(url);
    const servedAt = Date.now();
    sets.push({ kids: kidsIn(keys), servedAt });
    for (const token of tokens) if (token.expiresAt > servedAt) await look(token, keys, servedAt);
  }

  async function look({ token, kid }: IssuedToken, keys: PublishedKeys, servedAt: number): Promise<void> {
    try {
      await verify(token, keys, new Date(servedAt));
    } catch (error) {
      faults.push(`a token of ${kid} does not verify by [${kidsIn(keys).join()}]: ${String(error)}`);
    }
  }

  async function attempt(ask: () => Promise<void>): Promise<void> {
    try {
      await ask();
    } catch (error) {
      faults.push(String(error));
    }
  }

  function start(ask: () => Promise<void>): void {
    const asked = attempt(ask).finally(() => asking.delete(asked));
    asking.add(asked);
  }

  async function run(): Promise<void> {
    while (!isOver || tokens.some(({ expiresAt }) => expiresAt > Date.now())) {
      if (!isOver) start(askForToken);
      start(askForKeys);
      await sleep(pause);
    }
    await Promise.all(asking);
  }
  const running = run();

  return {
    tokens,
    sets,
    faults,
    end() {
      isOver = true;
      return running;
    },
  };
}
