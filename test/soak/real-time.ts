/**
 * Once in real time, with default settings and verifiers at their defaults: on one server a rotation by hand at the
 * first moment at which it is safe, on another, beside it, an emergency at the same age.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type ClientCredentials, isActive, kidOf, requestToken } from '../support/jwks.ts';
import type { Outcome, Say } from '../support/outcome.ts';
import { runJson } from '../support/process.ts';
import { type Servers, startServers } from '../support/rotations/servers.ts';
import { type Failure, type Tally, summarize } from '../support/rotations/tally.ts';
import { type Trust, createVerifiers } from '../support/rotations/verifiers.ts';
import { type Watch, startWatch } from '../support/rotations/watch.ts';
import { newClient } from '../support/server.ts';
import { addUp, judge } from './judge.ts';
import { measureAcceptance, timeUntilRefused } from './revoked-token.ts';

/** Milliseconds. */
const ASK_EVERY = 5_000;
const AFTER = 16 * 60_000; // a minute more than a token lives
const TAKEN_UP_WITHIN = 5_000 + 2_000; // REPLICA_REFRESH, and what a busy machine takes
const LONGEST = 110 * 60_000;
const COMMAND_ENDS_WITHIN = 20_000;

/** The part of the soak. */
export async function realTime(say: Say): Promise<Outcome> {
  const tallies = await Promise.all([onServer('server A', say, rotate), onServer('server B', say, revoke)]);
  const outcome = judge('real time', addUp(tallies), tallies.length);
  return { ...outcome, summary: `in real time ${outcome.summary}` };
}

type Server = {
  readonly say: Say;
  readonly servers: Servers;
  readonly trust: Trust;
  readonly client: ClientCredentials;
  readonly watch: Watch;
  /** Counts as a failure what is not as it should be. */
  readonly check: (isRight: boolean, moment: string, message: string) => void;
};

/** Says of a failure whether it was to be expected. */
type IsExpected = (failure: Failure) => boolean;

/** Counts what goes wrong while `work` is done to a fresh server under the eyes of a client and of verifiers. */
async function onServer(name: string, say: Say, work: (server: Server) => Promise<IsExpected>): Promise<Tally> {
  const servers = await startServers(1, {});
  // Should anything hang, then until the server is gone.
  const guard = setTimeout(() => void servers.close(), LONGEST);
  try {
    const [issuer] = servers.urls;
    const trust = { issuer, audience: issuer, jwksUri: `${issuer}/.well-known/jwks.json` };
    const client = await newClient(servers.environment, 'x');
    const verifiers = createVerifiers(trust, 1);
    const watch = startWatch({ urls: servers.urls, client, verifiers, askEvery: ASK_EVERY });
    function check(isRight: boolean, moment: string, message: string): void {
      if (!isRight) watch.fail({ verifier: name, moment, kid: '', message });
    }
    const sayHere: Say = (line) => {
      say(`${name}: ${line}`);
    };
    const isExpected = await work({ say: sayHere, servers, trust, client, watch, check });
    await watch.end();
    for (const error of servers.errors()) check(false, 'in the log', error);
    const failures = watch.tally.failures.filter((failure) => !isExpected(failure));
    const tally = { ...watch.tally, failures };
    sayHere(`done: ${summarize(tally)}`);
    return tally;
  } finally {
    clearTimeout(guard);
    await servers.close();
  }
}

/** A rotation by hand: refused while some verifier may not know the standby, done as soon as all must. */
async function rotate({ say, servers, watch, check }: Server): Promise<IsExpected> {
  const safeAt = await waitUntilSafe({ say, servers, check });
  const { code, output, stderr } = await keys(servers, 'rotate');
  const { state, kid } = (output ?? {}) as { state?: string; kid?: string };
  check(code === 0 && state === 'rotated', 'keys rotate', `exit ${code}: ${stderr}`);
  say(`rotated ${seconds(Date.now() - safeAt)} after that; watching for ${AFTER / 60_000} minutes`);
  await sleep(AFTER);
  check([...watch.signers.keys()].at(-1) === kid, 'after the rotation', 'the new key does not sign');
  return () => false;
}

/** An emergency: the active key is revoked. What it signed is refused from then on, what its standby signs never is. */
async function revoke({ say, servers, trust, client, watch, check }: Server): Promise<IsExpected> {
  const [url] = servers.urls;
  const inspector = await newClient(servers.environment, 'tokens:introspect');
  await waitUntilSafe({ say, servers, check });

  // Verifiers that have just fetched the set are the last to notice. They take expired tokens, so that it is the key that
  // they refuse in the end.
  const verifiers = createVerifiers({ ...trust, clockTolerance: 3_600 }, 1);
  const token = await requestToken(url, client);
  const kid = kidOf(token);
  await Promise.all(verifiers.map((verifier) => verifier.verify(token)));

  const startedAt = Date.now();
  const { code, output, stderr } = await keys(servers, 'revoke', kid);
  const revokedAt = Date.now();
  check(code === 0, 'keys revoke', `exit ${code}: ${stderr}`);
  const { signer, verifiers_may_cache_until: until } = output as { signer: string; verifiers_may_cache_until: string };
  const limit = Date.parse(until);
  say(`revoked ${kid}; verifiers may cache it until ${until}; watching for ${AFTER / 60_000} minutes`);

  async function introspect(): Promise<void> {
    const after = await timeUntilRefused(() => isActive(url, inspector, token), 60_000);
    say(`introspection refused its token after ${after === null ? 'more than a minute' : seconds(after)}`);
    const isSoon = after !== null && after <= TAKEN_UP_WITHIN;
    check(isSoon, 'introspection', 'the token of a revoked key is still active');
  }
  const [acceptances] = await Promise.all([
    measureAcceptance(verifiers, token, limit + 10_000),
    introspect(),
    sleep(AFTER),
  ]);
  for (const { verifier, lastAcceptedAt, refusal } of acceptances) {
    const acceptedFor = lastAcceptedAt === null ? 'not at all' : `for ${seconds(lastAcceptedAt - revokedAt)}`;
    say(`${verifier.name} accepted the token of the revoked key ${acceptedFor}: ${refusal ?? 'and still does'}`);
    const isKept = verifier.cachesForGood || (refusal !== null && (lastAcceptedAt ?? 0) <= limit);
    check(isKept, 'after the revocation', `${verifier.name} accepts the revoked key beyond ${until}`);
  }
  check([...watch.signers.keys()].at(-1) === signer, 'after the revocation', 'the standby does not sign');
  // What the key signed before, or until the server has taken the revocation up, is to be refused.
  return ({ kid: refused, moment, at }) =>
    refused === kid &&
    Date.parse(at) >= startedAt &&
    (moment !== 'at issue' || Date.parse(at) <= revokedAt + TAKEN_UP_WITHIN);
}

/** Until a second after the moment that Tessera names when it is asked to rotate too soon. */
async function waitUntilSafe({ say, servers, check }: Pick<Server, 'say' | 'servers' | 'check'>) {
  const { code, output } = await keys(servers, 'rotate');
  const { state, safe_at: safe = '' } = (output ?? {}) as { state?: string; safe_at?: string };
  check(code === 3 && state === 'refused', 'keys rotate', `exit ${code} where it is too soon`);
  const safeAt = Date.parse(safe);
  const wait = safeAt - Date.now();
  if (!(wait < LONGEST / 1.5)) throw new Error(`It is said to be safe at ${safe}, which is too far away`);
  say(`a rotation is refused until ${safe}; verifying until then`);
  await sleep(wait + 1_000);
  return safeAt;
}

function keys({ environment }: Servers, ...args: string[]) {
  return runJson('scripts/keys.ts', args, environment, COMMAND_ENDS_WITHIN);
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
