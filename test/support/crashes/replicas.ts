/**
 * Replicas over one PostgreSQL, behind a proxy where there is one, under a mixed load: while keys rotate, servers are
 * killed and stopped and started again, and so is the database. Whatever was acknowledged must hold.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { freePort } from '../free-port.ts';
import { administer, newPostgres } from '../postgres-server.ts';
import { findProgram } from '../program.ts';
import { withSelect } from './backups.ts';
import { Book } from '../load/book.ts';
import { type Counts, MOST_OVERLOADED, countAll, createExchange, describeTimes } from '../load/exchange.ts';
import { type Delays, keepKeys } from '../load/key-keeper.ts';
import { countOldRows, insertOldRows } from './old-rows.ts';
import { startOnlookers } from '../load/onlookers.ts';
import { Outages } from '../load/outages.ts';
import { takeSeat } from '../load/people.ts';
import { startProxy } from '../nginx.ts';
import { describeAcknowledged, reckon } from '../load/reckoning.ts';
import { type Server, newClient, newServer } from '../server.ts';
import type { Site } from '../load/site.ts';
import type { Outcome, Say } from '../outcome.ts';
import { strikeAll, strikes } from './strikes.ts';

/** Times as short as the inequalities allow, but for the grace: no outage is to last longer. */
const settings = {
  KEY_ROTATE_EVERY: '8s',
  KEY_PUBLISH_BEFORE: '4s',
  JWKS_MAX_AGE: '1s',
  VERIFIER_CACHE: '1s',
  REPLICA_REFRESH: '1s',
  CLOCK_SKEW: '0s',
  ACCESS_TOKEN_LIFETIME: '20s',
  REFRESH_REUSE_GRACE: '120s',
  DATABASE_POOL_SIZE: '5',
  SHUTDOWN_DELAY: '1s',
  // Each person has an address of their own, as the proxy reports it; limits count, and none is reached.
  TRUST_PROXY: 'loopback',
};

/** What the operator may do. */
export const operatorScope = 'tokens:introspect users:read users:manage keys:read keys:manage audit:read';

/** Minutes, by which each server has looked for old rows once, and has had the time to remove them. */
const PURGED_AFTER = 2.5;

const nginxIsMissing = 'nginx is not on the PATH nor in /usr/sbin: apt-get install -y nginx, or another package of it';

export class NoProxy extends Error {
  override readonly name = 'NoProxy';
}

export type ReplicaOptions = {
  readonly minutes: number;
  readonly replicas?: number;
  /** How many people there are at a time, and milliseconds between two things that one does. */
  readonly people?: number;
  readonly pause?: number;
  readonly isProxied?: boolean;
  readonly strikeNames?: readonly string[];
  readonly say: Say;
};

export type ReplicaOutcome = Outcome & {
  readonly counts: Counts;
  readonly acknowledged: ReadonlyMap<string, number>;
  readonly delays: Delays;
  readonly verifications: number;
};

/** The part of the soak. Throws `NoProxy` where there is none to be had. */
export async function soakReplicas(options: ReplicaOptions): Promise<ReplicaOutcome> {
  const { minutes, replicas = 3, people = 16, pause = 1_200, isProxied = true, say } = options;
  const nginx = isProxied ? await findProgram('nginx') : undefined;
  if (isProxied && nginx === undefined) throw new NoProxy(nginxIsMissing);
  const folder = await mkdtemp(join(tmpdir(), 'tessera-replicas-'));
  const closers: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  try {
    const postgres = await newPostgres();
    closers.unshift(() => postgres.remove());
    await postgres.start();
    closers.unshift(() => postgres.stop());
    await administer(postgres.url, 'create database soak');
    const database = `${postgres.url}soak`;

    const port = await freePort();
    const proxy = `http://127.0.0.1:${port}`;
    const environment: Record<string, string> = {
      ...settings,
      ISSUER: proxy,
      DATABASE_URL: database,
      // Nothing else is shared.
      KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64url'),
      KEYS_DIR: join(folder, 'keys'),
    };
    const servers: Server[] = [];
    while (servers.length < replicas) servers.push(await newServer(environment));
    closers.unshift(() => Promise.all(servers.map((server) => server.kill())));
    // At the same moment: a first start of all.
    const starts = await Promise.all(servers.map((server) => server.start()));
    const urls = servers.map(({ url }) => url);
    if (nginx !== undefined) {
      const running = await startProxy(nginx, port, urls);
      closers.unshift(() => running.close());
    }
    await withSelect(database, insertOldRows);
    const operator = await newClient(environment, operatorScope);

    const outages = new Outages(isProxied ? proxy : null);
    const book = new Book();
    const { send, times } = createExchange(outages, book.breach);
    const site: Site = {
      entry: entryOf(isProxied ? [proxy] : urls, outages),
      replicas: urls,
      send,
      outages,
      book,
      operator,
    };

    let isOver = false;
    const calm = pLimit(1);
    const delays: Delays = { rotations: [], revocations: [] };
    const load = {
      people: Array.from({ length: people }, () => takeSeat(site, pause, () => isOver)),
      keys: keepKeys(site, { calm, isOver: () => isOver, delays }),
    };
    const onlookers = startOnlookers(site, { issuer: proxy, urls: isProxied ? [proxy] : urls }, () => isOver);
    const chosen = strikes.filter(({ name }) => options.strikeNames?.includes(name) ?? true);
    await strikeAll(
      { site, servers, postgres, environment, folder, say, starts },
      { duration: minutes * 60_000, calm, chosen },
    );
    isOver = true;
    await Promise.all([...load.people, load.keys, onlookers.ended]);
    const counts = countAll(times);
    say('over; looking for all that was acknowledged');
    const found = await reckon(site);
    const oldRows = await withSelect(database, countOldRows);
    if (oldRows > 0 && minutes >= PURGED_AFTER) book.breach('old rows are there still', { oldRows });
    if (counts.overloaded > MOST_OVERLOADED * counts.replies)
      book.breach('the machine is too busy', { overloaded: counts.overloaded });
    // Each reply that blames the database without cause is counted, and is logged.
    const errors = servers.flatMap((server) => server.errors());
    const unexcused = errors.filter(({ time }) => !outages.mayLogLack(time));
    if (unexcused.length > counts.overloaded)
      for (const { line } of unexcused) book.breach('a server has logged an error', line);
    for (const line of describeTimes(times)) say(line);
    const { failures } = book;
    const verifications = onlookers.verifications();
    const troubles = `${outages.count('killed')} kills, ${outages.count('stopped')} stops, ${outages.count('database')} restarts of PostgreSQL`;
    const summary = [
      `replicas: ${troubles}`,
      `${counts.replies} replies, ${counts.unavailable} times 503 (${counts.overloaded} for want of time), ${counts.lost} connections lost`,
      describeAcknowledged(book),
      `${verifications} verifications by third parties`,
      `rotations held everywhere within ${most(delays.rotations)} ms, revocations of keys within ${most(delays.revocations)} ms`,
      `the last 503 came ${outages.slowestRecovery} ms after PostgreSQL was back`,
      `servers were ready within ${Math.round(most(starts))} ms`,
      `${oldRows} old rows left`,
      found,
      `${failures.length} breaches`,
    ].join('; ');
    const acknowledged = book.acknowledged;
    return {
      name: 'replicas',
      passed: failures.length === 0,
      summary,
      failures,
      counts,
      acknowledged,
      delays,
      verifications,
    };
  } finally {
    for (const close of closers) await close();
  }
}

function most(values: readonly number[]): number {
  return values.length === 0 ? 0 : Math.max(...values);
}

/** In turn; a server that is away is passed over, as somebody does who knows. */
function entryOf(urls: readonly string[], outages: Outages): () => string {
  let next = 0;
  return () => {
    const up = urls.filter((url) => !outages.isDown(url));
    next += 1;
    return up[next % up.length] ?? urls[0] ?? '';
  };
}
