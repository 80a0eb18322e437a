/**
 * Processes that change the keys of one database at the same moment, again and again, under the eyes of somebody who
 * reads the table all the while. Needs no test around it: the soak runs it, too.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AuditEvent } from '../../../src/audit/event.ts';
import { systemClock } from '../../../src/clock.ts';
import { readConfig } from '../../../src/config/config.ts';
import { type OpenDatabase, openDatabase } from '../../../src/database/open.ts';
import { planKeys } from '../../../src/keys/timeline/plan.ts';
import { compileCache } from '../compile-cache.ts';
import { newDiskFolder } from '../disk-folder.ts';
import { findTimelineFaults } from '../timeline.ts';
import { type Round, judgeRound } from './race-rules.ts';
import type { Order, Report } from './race-worker.ts';

export type Race = {
  readonly processes: number;
  readonly rounds: number;
  /**
   * What happens in a round: all rotate the key that signs; all rotate whatever signs; or one revokes the key that signs
   * while the others rotate, that key in one round, whatever signs in the next.
   */
  readonly kind: 'the signer' | 'any signer' | 'beside a revocation';
  /** Seconds by which the clock of every other process is behind. */
  readonly lag?: number;
};

export type Finish = {
  readonly rounds: number;
  /** In how many of them two or more got so far as to write. */
  readonly contested: number;
  /** How often the table was read meanwhile. */
  readonly looks: number;
  /** Milliseconds that a round took on average. */
  readonly pace: number;
  /** Whatever was not as it must be, one line each. */
  readonly faults: readonly string[];
};

/** Making such a key costs next to nothing, and it is gone four seconds after its turn. */
export const settings = {
  KEY_ALGORITHM: 'ES256',
  KEY_ROTATE_EVERY: '1h',
  KEY_PUBLISH_BEFORE: '3s',
  JWKS_MAX_AGE: '1s',
  VERIFIER_CACHE: '1s',
  REPLICA_REFRESH: '1s',
  CLOCK_SKEW: '0s',
  ACCESS_TOKEN_LIFETIME: '5s',
};
const policy = readConfig(settings).keyPolicy;

/** A race that has gone wrong need not go on for long. */
const MOST_FAULTS = 20;

export async function race({ processes, rounds, kind, lag = 0 }: Race): Promise<Finish> {
  const folder = await newDiskFolder();
  const environment = {
    ...settings,
    DATABASE_URL: `sqlite:${folder}/tessera.db`,
    KEYS_DIR: `${folder}/keys`,
    ...compileCache,
  };
  const racers = Array.from({ length: processes }, (_, place) => startRacer(environment, (place % 2) * lag));
  let database: OpenDatabase | undefined;
  try {
    await Promise.all(racers.map(({ started }) => started));
    database = await openDatabase(environment.DATABASE_URL);
    return await run(racers, database, { rounds, kind, lag });
  } finally {
    for (const { child } of racers) child.kill('SIGKILL');
    await database?.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function run(
  racers: readonly Racer[],
  database: OpenDatabase,
  { rounds, kind, lag }: Required<Pick<Race, 'rounds' | 'kind' | 'lag'>>,
): Promise<Finish> {
  const faults: string[] = [];
  const watcher = startWatcher(database);
  let keys = await database.keys.listKeys();
  if (keys.length !== 2) faults.push(`${keys.length} keys after the first start of all`);
  let newest = (await readEvents(database, null)).at(-1)?.id ?? null;
  /** Clocks that differ agree on who signs as soon as the last of them has got there. */
  const agree = () => sleep(lag === 0 ? 0 : lag * 1000 + 100);
  await agree();
  let contested = 0;
  let round = 0;
  const startedAt = performance.now();
  for (; round < rounds && faults.length + watcher.faults.length < MOST_FAULTS; round += 1) {
    const signer = planKeys(keys, systemClock(), policy, new Set()).signer?.kid ?? '';
    const isMeant = kind === 'the signer' || (kind === 'beside a revocation' && round % 2 === 0);
    const reports = await Promise.all(
      racers.map((racer, place) =>
        racer.ask(
          isRevoker(kind, round, place)
            ? { task: 'revoke', kid: signer }
            : { task: 'rotate', signer: isMeant ? signer : undefined },
        ),
      ),
    );
    keys = await database.keys.listKeys();
    await agree();
    const looks = await Promise.all(racers.map((racer) => racer.ask({ task: 'look' })));

    const events = await readEvents(database, newest);
    newest = events.at(-1)?.id ?? newest;
    const now = systemClock();
    const outcome: Round = { signer, isMeant, reports, looks, events, plan: planKeys(keys, now, policy, new Set()) };
    const found = [...judgeRound(outcome), ...findTimelineFaults(keys, now, policy)];
    faults.push(...found.map((fault) => `round ${round}: ${fault}`));
    const writers = reports.filter(
      ({ task, ...report }) => task === 'revoke' || ('isWritten' in report && report.isWritten),
    );
    if (writers.length > 1) contested += 1;
  }
  const pace = (performance.now() - startedAt) / round;
  await watcher.end();
  return { rounds: round, contested, looks: watcher.looks, pace, faults: [...faults, ...watcher.faults] };
}

/** The part goes around. */
function isRevoker(kind: Race['kind'], round: number, place: number): boolean {
  return kind === 'beside a revocation' && place === (round >> 1) % 2;
}

/** Reads the table again and again, on a connection that no process waits for. */
function startWatcher({ keys }: OpenDatabase) {
  const watcher = { looks: 0, faults: [] as string[], end };
  let isOver = false;
  const watching = watch();

  async function watch(): Promise<void> {
    while (!isOver && watcher.faults.length < MOST_FAULTS) {
      const found = findTimelineFaults(await keys.listKeys(), systemClock(), policy);
      watcher.faults.push(...found.map((fault) => `look ${watcher.looks}: ${fault}`));
      watcher.looks += 1;
      await sleep(4);
    }
  }
  async function end(): Promise<void> {
    isOver = true;
    await watching;
  }
  return watcher;
}

/** The events that came after `last`, the oldest first. */
async function readEvents({ audit }: OpenDatabase, last: string | null): Promise<AuditEvent[]> {
  const events = (await audit.listEvents({ before: null, limit: 400 })) ?? [];
  const known = events.findIndex(({ id }) => id === last);
  return events.slice(0, known < 0 ? undefined : known).reverse();
}

type Racer = {
  readonly child: ChildProcess;
  readonly started: Promise<Report>;
  /** Rejects when the process has ended, or reports that it failed. */
  ask(order: Order): Promise<Report>;
};

function startRacer(environment: Record<string, string>, lag: number): Racer {
  const child = fork(new URL('race-worker.ts', import.meta.url), [String(lag)], { env: environment, execArgv: [] });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`A process of the race ended: ${code}`);
  });
  ended.catch(() => undefined);
  async function nextReport(): Promise<Report> {
    const [report] = (await Promise.race([once(child, 'message'), ended])) as [Report];
    if (report.task === 'fail') throw new Error(report.message);
    return report;
  }
  return {
    child,
    started: nextReport(),
    ask(order) {
      const report = nextReport();
      child.send(order);
      return report;
    },
  };
}
