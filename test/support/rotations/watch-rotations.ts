/** Many rotations, with times that configuration alone has made as short as the inequalities allow. */
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../error-message.ts';
import { requestToken } from '../jwks.ts';
import type { Say } from '../outcome.ts';
import { newClient } from '../server.ts';
import { type Servers, startServers } from './servers.ts';
import { type Tally, summarize } from './tally.ts';
import { type Trust, VERIFIER_CACHE, type Verifier, createStrictVerifier, createVerifiers } from './verifiers.ts';
import { type Watch, startWatch } from './watch.ts';

const settings = {
  KEY_ROTATE_EVERY: '4s',
  KEY_PUBLISH_BEFORE: '3s',
  JWKS_MAX_AGE: '1s',
  VERIFIER_CACHE: '1s',
  REPLICA_REFRESH: '1s',
  CLOCK_SKEW: '0s',
  ACCESS_TOKEN_LIFETIME: '4s', // longer than any cache, so that the last look is at what is in the set then
  RATE_LIMITS: 'off', // one address asks for everything here
};
/** Milliseconds. */
const ROTATE_EVERY = 4_000;
const TOKEN_LIFETIME = 4_000;
const ASK_EVERY = 50;

/** From the ten minutes of VERIFIER_CACHE, which is also what the libraries keep a set for, to its one second here. */
const FACTOR = VERIFIER_CACHE;

const REPLICAS = 2;

type Options = {
  readonly say?: Say;
  /** Verifiers besides the usual ones. */
  readonly others?: (trust: Trust) => readonly Verifier[];
};

/**
 * Two servers over one database, asked in turn for a token every 50 ms; a set of verifiers at the key set of each. Some
 * rotations come by the schedule, some by the hand of an operator, at the first moment at which that is not refused: then
 * the new signer has been published for no longer than it must.
 *
 * Ends after `rotations`, or unfinished when they take half as long again as they should, and half a minute at most.
 */
export async function watchRotations(
  rotations: number,
  { say = () => undefined, others = () => [] }: Options = {},
): Promise<Tally> {
  const deadline = Date.now() + 15_000 + rotations * ROTATE_EVERY * 1.5;
  const servers = await startServers(REPLICAS, settings);
  // Should anything hang, then until the servers are gone.
  const guard = setTimeout(() => void servers.close(), deadline + 10_000 - Date.now());
  try {
    const [issuer] = servers.urls;
    const trusts = servers.urls.map((url) => ({
      issuer,
      audience: issuer,
      jwksUri: `${url}/.well-known/jwks.json`,
    }));
    const client = await newClient(servers.environment, 'x');
    const verifiers = [
      ...trusts.flatMap((trust) => [...createVerifiers(trust, FACTOR), ...others(trust)]),
      ...(await createStaggered(trusts, await requestToken(issuer, client))),
    ];
    const watch = startWatch({ urls: servers.urls, client, verifiers, askEvery: ASK_EVERY });
    const isDone = () => watch.tally.rotations >= rotations || Date.now() > deadline;
    const progress = setInterval(() => {
      say(`accelerated: ${summarize(watch.tally)} so far`);
    }, 60_000);
    const operator = rotateByHand(servers, watch, isDone).catch((error: unknown) => {
      watch.fail({ verifier: 'POST /keys/rotate', moment: 'by hand', kid: '', message: messageOf(error) });
    });
    while (!isDone()) await sleep(50);
    // The last tokens of the last key but one are to be looked at before they expire, too.
    await sleep(TOKEN_LIFETIME);
    clearInterval(progress);
    await Promise.all([watch.end(), operator]);
    for (const error of servers.errors())
      watch.fail({ verifier: 'the servers', moment: 'in the log', kid: '', message: error });
    return watch.tally;
  } finally {
    clearTimeout(guard);
    await servers.close();
  }
}

/**
 * Strict verifiers that fetch the set at other moments. A set lives for two seconds here, and the servers look at the
 * database on the second: without these, all would fetch at about the same part of that.
 */
async function createStaggered(trusts: readonly Trust[], token: string): Promise<Verifier[]> {
  const verifiers: Verifier[] = [];
  while (verifiers.length < 3 * trusts.length) {
    await sleep(500);
    const created = trusts.map((trust) => createStrictVerifier(trust, VERIFIER_CACHE / FACTOR));
    await Promise.all(created.map((verifier) => verifier.verify(token)));
    verifiers.push(...created);
  }
  return verifiers;
}

/**
 * Rotates through the API, each time at the first moment at which that is not refused, until all standbys that there were are
 * used up and one signs that was published no longer ago than it must; then leaves some rotations to the schedule.
 */
async function rotateByHand({ urls, environment }: Servers, watch: Watch, isDone: () => boolean): Promise<void> {
  const [url] = urls;
  const administrator = await newClient(environment, 'keys:manage');
  let rotations = 0;
  while (!isDone()) {
    const { status, body } = await requestRotation(url, await requestToken(url, administrator));
    let resumeAt = Date.now();
    if (status === 200) rotations += 1;
    else if (status === 409 && body.safe_at !== undefined) resumeAt = Date.parse(body.safe_at);
    // The schedule was faster.
    else if (status !== 409)
      watch.fail({ verifier: 'POST /keys/rotate', moment: String(status), kid: '', message: JSON.stringify(body) });
    if (rotations >= 4) {
      rotations = 0;
      resumeAt = Date.now() + 2.5 * ROTATE_EVERY;
    }
    while (Date.now() < resumeAt && !isDone()) await sleep(5);
  }
}

async function requestRotation(url: string, token: string) {
  const reply = await fetch(`${url}/keys/rotate`, { method: 'POST', headers: { Authorization: `Bearer ${token}` } });
  return { status: reply.status, body: (await reply.json()) as { safe_at?: string } };
}
