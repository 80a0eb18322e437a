/** A client that keeps asking for tokens, and verifiers that look at each twice: fresh, and shortly before it expires. */
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import { messageOf } from '../error-message.ts';
import { type ClientCredentials, kidOf, requestToken } from '../jwks.ts';
import type { Failure, Tally } from './tally.ts';
import type { Verifier } from './verifiers.ts';

/** Milliseconds before `exp` at which the last look is due; the first figure leaves time for getting there late. */
const LAST_LOOK_BEFORE = 800;
const LATEST_LOOK_BEFORE = 300;

export type Watch = {
  /** As it is now; it goes on counting. */
  readonly tally: Tally;
  /** The signers in the order in which they were first seen, each with that moment, milliseconds. */
  readonly signers: ReadonlyMap<string, number>;
  fail(failure: Omit<Failure, 'at'>): void;
  /** Asks no more. Tokens that still live get their last look now. */
  end(): Promise<void>;
};

type WatchOptions = {
  /** Of the servers, asked in turn. */
  readonly urls: readonly string[];
  readonly client: ClientCredentials;
  readonly verifiers: readonly Verifier[];
  /** Milliseconds. */
  readonly askEvery: number;
};

export function startWatch({ urls, client, verifiers, askEvery }: WatchOptions): Watch {
  const signers = new Map<string, number>();
  const failures: Failure[] = [];
  const counts = { tokens: 0, verifications: 0, late: 0 };
  const ended = new AbortController();
  // One for each token that waits for its last look.
  setMaxListeners(0, ended.signal);
  const followed = new Set<Promise<void>>();

  function fail(failure: Omit<Failure, 'at'>): void {
    failures.push({ ...failure, at: new Date().toISOString() });
  }

  async function ask(url: string): Promise<string | undefined> {
    try {
      const token = await requestToken(url, client);
      const kid = kidOf(token);
      counts.tokens += 1;
      if (!signers.has(kid)) signers.set(kid, Date.now());
      return token;
    } catch (error) {
      fail({ verifier: `POST ${url}/token`, moment: 'at the request', kid: '', message: messageOf(error) });
      return undefined;
    }
  }

  async function follow(token: string): Promise<void> {
    const expiresAt = (decodeJwt(token).exp ?? 0) * 1000;
    const look = (moment: string) =>
      Promise.all(verifiers.map((verifier) => verifyOnce(verifier, token, moment, expiresAt)));
    await look('at issue');
    await pause(expiresAt - LAST_LOOK_BEFORE - Date.now());
    await look('before expiry');
  }

  async function verifyOnce(verifier: Verifier, token: string, moment: string, expiresAt: number): Promise<void> {
    if (Date.now() > expiresAt - LATEST_LOOK_BEFORE) {
      counts.late += 1;
      return;
    }
    try {
      await verifier.verify(token);
    } catch (error) {
      if (Date.now() >= expiresAt) {
        counts.late += 1;
        return;
      }
      fail({ verifier: verifier.name, moment, kid: kidOf(token), message: messageOf(error) });
    }
    counts.verifications += 1;
  }

  /** Shorter when the watch ends. */
  async function pause(milliseconds: number): Promise<void> {
    await sleep(Math.max(0, milliseconds), undefined, { signal: ended.signal }).catch(() => undefined);
  }

  async function keepAsking(): Promise<void> {
    while (!ended.signal.aborted)
      for (const url of urls) {
        const nextTurn = pause(askEvery);
        const token = await ask(url);
        if (token !== undefined) {
          const following = follow(token).finally(() => followed.delete(following));
          followed.add(following);
        }
        await nextTurn;
      }
  }
  const asking = keepAsking();

  return {
    get tally() {
      return { rotations: Math.max(0, signers.size - 1), ...counts, failures };
    },
    signers,
    fail,
    async end() {
      ended.abort();
      await asking;
      await Promise.all(followed);
    },
  };
}
