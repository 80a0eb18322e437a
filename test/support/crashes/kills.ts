/** One server over SQLite, under a load that writes, killed again and again: nothing that was acknowledged may be lost. */
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../../src/clock.ts';
import { readConfig } from '../../../src/config/config.ts';
import { findTimelineFaults, findTrailFaults } from '../timeline.ts';
import { newDiskFolder } from '../disk-folder.ts';
import { backUpAndRestore, withSelect } from './backups.ts';
import { Book } from '../load/book.ts';
import { countAll, createExchange, describeTimes } from '../load/exchange.ts';
import { factsOf, findLost } from '../load/facts.ts';
import { keepRotating } from '../load/key-keeper.ts';
import { Outages } from '../load/outages.ts';
import { takeSeat } from '../load/people.ts';
import { describeAcknowledged, reckon } from '../load/reckoning.ts';
import { operatorScope } from './replicas.ts';
import { newClient, newServer } from '../server.ts';
import type { Site } from '../load/site.ts';
import type { Outcome, Say } from '../outcome.ts';
import { openPatiently } from '../database/open-patiently.ts';

const settings = {
  KEY_ROTATE_EVERY: '6s',
  KEY_PUBLISH_BEFORE: '3s',
  JWKS_MAX_AGE: '1s',
  VERIFIER_CACHE: '1s',
  REPLICA_REFRESH: '1s',
  CLOCK_SKEW: '0s',
  ACCESS_TOKEN_LIFETIME: '20s',
  REFRESH_REUSE_GRACE: '120s',
  TRUST_PROXY: 'loopback',
};

/** How much a server does, once it is ready, before it is killed, and the milliseconds that it has for that at most. */
const FEWEST_REPLIES = 5;
const MOST_REPLIES = 60;
const LONGEST_LIFE = 8_000;

/** Milliseconds in which replies that were there before a kill come to those who asked. */
const REPLIES_ARRIVE_WITHIN = 100;

export type KillOptions = {
  readonly kills: number;
  /** Processes on the one port, which are all killed at the same moment; one has none over it. */
  readonly workers?: number;
  readonly people?: number;
  readonly pause?: number;
  readonly say: Say;
};

export type KillOutcome = Outcome & { readonly acknowledged: ReadonlyMap<string, number> };

/** The part of the soak. */
export async function soakKills(options: KillOptions): Promise<KillOutcome> {
  const { kills, workers = 1, people = 10, pause = 250, say } = options;
  const folder = await newDiskFolder();
  const environment: Record<string, string> = {
    ...settings,
    ISSUER: 'http://127.0.0.1:8080',
    DATABASE_URL: `sqlite:${folder}/tessera.db`,
    KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64url'),
    KEYS_DIR: join(folder, 'keys'),
    WORKERS: String(workers),
  };
  const server = await newServer(environment);
  try {
    const starts = [await server.start()];
    const operator = await newClient(environment, operatorScope);
    const outages = new Outages(null);
    const book = new Book();
    const { send, times } = createExchange(outages, book.breach);
    const site: Site = { entry: () => server.url, replicas: [server.url], send, outages, book, operator };

    let isOver = false;
    const load = [
      ...Array.from({ length: people }, () => takeSeat(site, pause, () => isOver)),
      keepRotating(site, () => isOver),
    ];
    for (let killed = 1; killed <= kills; killed += 1) {
      await atSomeMoment(() => countAll(times).replies);
      const end = outages.begin('killed', server.url);
      await server.kill();
      await sleep(REPLIES_ARRIVE_WITHIN);
      for (const fault of await examine(environment, book)) book.breach(`after kill ${killed}`, fault);
      starts.push(await server.start());
      end();
      if (killed % 10 === 0) say(`kills: ${killed}; ${describeAcknowledged(book)}; ${book.failures.length} breaches`);
    }
    const [file, target] = [join(folder, 'backup.db'), `sqlite:${folder}/restored.db`];
    await backUpAndRestore({ site, environment, file, target });
    isOver = true;
    await Promise.all(load);
    const counts = countAll(times);
    const found = await reckon(site);
    for (const { line } of server.errors()) book.breach('the server has logged an error', line);
    for (const line of describeTimes(times)) say(line);
    const { failures, acknowledged } = book;
    const sorted = starts.toSorted((a, b) => a - b);
    const summary = [
      `kills: ${kills} of ${workers === 1 ? 'a server' : `a server with ${workers} workers`}`,
      `${counts.replies} replies, ${counts.lost} connections lost`,
      describeAcknowledged(book),
      `ready again in ${Math.round(sorted[sorted.length >> 1] ?? 0)} ms, at most ${Math.round(sorted.at(-1) ?? 0)} ms`,
      found,
      `${failures.length} breaches`,
    ].join('; ');
    return { name: 'kills', passed: failures.length === 0, summary, failures, acknowledged };
  } finally {
    await server.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Under load: after some replies, and then at any moment between two of them. */
async function atSomeMoment(countReplies: () => number): Promise<void> {
  const until = Date.now() + LONGEST_LIFE;
  const enough = countReplies() + FEWEST_REPLIES + Math.random() * (MOST_REPLIES - FEWEST_REPLIES);
  while (countReplies() < enough && Date.now() < until) await sleep(5);
  await sleep(Math.random() * 100);
}

/** What the server has left, before another helps. */
async function examine(environment: Record<string, string>, book: Book): Promise<string[]> {
  // As they are now: nobody answers.
  const facts = factsOf(book);
  const faults = await withSelect(environment['DATABASE_URL'] ?? '', async (select) => {
    const lost = await findLost(facts, select);
    const integrity = JSON.stringify(await select('pragma integrity_check'));
    const orphans = await select('pragma foreign_key_check');
    return [
      ...lost.map((what) => `${what} is lost`),
      ...(integrity === '[{"integrity_check":"ok"}]' ? [] : [`the file is damaged: ${integrity}`]),
      ...(orphans.length > 0 ? [`rows refer to none: ${JSON.stringify(orphans)}`] : []),
    ];
  });
  return [...faults, ...(await findFaultsOfKeys(environment))];
}

/** Exactly one line of keys, as the trail tells how it came about. */
async function findFaultsOfKeys(environment: Record<string, string>): Promise<string[]> {
  const { databaseUrl, keyPolicy } = readConfig(environment);
  const stores = await openPatiently(databaseUrl);
  const keys = await stores.keys.listKeys();
  const events = await stores.audit.listEvents({ before: null, limit: 1_000_000 });
  await stores.close();
  const trail = findTrailFaults(keys, (events ?? []).toReversed());
  return [...findTimelineFaults(keys, systemClock(), keyPolicy), ...trail];
}
