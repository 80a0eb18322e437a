import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { AuditEvent } from '../../../src/audit/event.ts';
import { systemClock } from '../../../src/clock.ts';
import type { Config } from '../../../src/config/config.ts';
import { openDatabase } from '../../../src/database/open.ts';
import { loadKeyEncryptionKeys } from '../../../src/keys/sealing/key-encryption-key.ts';
import { planKeys } from '../../../src/keys/timeline/plan.ts';
import { sealedUnder, unsealPrivateKey } from '../../../src/keys/sealing/seal.ts';
import type { KeyRecord } from '../../../src/keys/store.ts';
import { openKeyring, sourceOf } from '../../../src/server/open-keyring.ts';
import { compileCache } from '../../support/compile-cache.ts';
import { findTimelineFaults, findTrailFaults } from '../../support/timeline.ts';
import { type Change, configFor, later } from '../../support/keys/kill-changes.ts';
import type { Stop } from '../../support/keys/kill-worker.ts';
import { settings } from '../../support/keys/race.ts';
import { waitFor } from '../../support/wait.ts';

let root = '';
let stops: readonly Stop[] = [];
/** What every change but a first start begins with: a signer, and its standby. */
let used: readonly KeyRecord[] = [];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tessera-kills-'));
  used = await start(configFor(join(root, 'used')));
  const worker = startWorker('every-step', root);
  stops = (await messageOf(worker)) as Stop[];
  await kill(worker);
});

afterAll(() => rm(root, { recursive: true, force: true }));

function startWorker(...args: string[]): ChildProcess {
  return fork(new URL('../../support/keys/kill-worker.ts', import.meta.url), args, { execArgv: [], env: compileCache });
}

async function messageOf(worker: ChildProcess): Promise<unknown> {
  const ended = once(worker, 'exit').then(() => Promise.reject(new Error('The process ended by itself')));
  ended.catch(() => undefined);
  return ((await Promise.race([once(worker, 'message'), ended])) as unknown[])[0];
}

async function kill(worker: ChildProcess): Promise<void> {
  const exit = once(worker, 'exit');
  worker.kill('SIGKILL');
  expect(await exit).toEqual([null, 'SIGKILL']);
}

/** A start of the server, as far as keys are concerned, and the keys that it goes on with. */
async function start(config: Config, ahead = 0): Promise<readonly KeyRecord[]> {
  const database = await openDatabase(config.databaseUrl);
  const clock = () => systemClock() + ahead;
  const deps = {
    stores: database,
    clock,
    log: pino({ level: 'silent' }),
    actor: { kind: 'schedule' },
    isServer: true,
  } as const;
  const { keyring } = await openKeyring(config, deps);
  await database.close();
  expect(keyring.unreadable.size).toBe(0);
  expect(planKeys(keyring.keys, clock(), config.keyPolicy, new Set())).toMatchObject({ create: null, standbys: [{}] });
  return keyring.keys;
}

type Found = { readonly keys: readonly KeyRecord[]; readonly events: readonly AuditEvent[] };

/** What there is, which must be sound: the timeline, the trail of how it came about, the file. */
async function examine({ databaseUrl, keyPolicy }: Config, ahead = 0): Promise<Found> {
  const database = await openDatabase(databaseUrl);
  const keys = await database.keys.listKeys();
  const events = ((await database.audit.listEvents({ before: null, limit: 100_000 })) ?? []).reverse();
  await database.close();
  if (keys.length > 0) expect(findTimelineFaults(keys, systemClock() + ahead, keyPolicy)).toEqual([]);
  expect(findTrailFaults(keys, events)).toEqual([]);
  const file = new DatabaseSync(databaseUrl.slice('sqlite:'.length));
  expect(file.prepare('pragma integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
  file.close();
  return { keys, events };
}

const told = ({ events }: Found, type: AuditEvent['type']): string[] =>
  events.filter((event) => event.type === type).map(({ subject }) => subject ?? '');
const kidsIn = (keys: readonly KeyRecord[]): string[] => keys.map(({ kid }) => kid);
const planNow = ({ keys }: Found) => planKeys(keys, systemClock(), configFor(root).keyPolicy, new Set());

/** Goes through every kill of a change. `isKept` is told what was there at once, and what the next start left. */
async function afterEveryKill(
  change: Change,
  check: (found: Found, left: readonly KeyRecord[], config: Config) => unknown,
  ahead = 0,
): Promise<unknown[]> {
  const outcomes: unknown[] = [];
  for (const { folder } of stops.filter((stop) => stop.change === change)) {
    const config = configFor(folder);
    // Before any other process helps.
    const found = await examine(config, ahead);
    const left = await start(config, ahead);
    const retired = told(await examine(config, ahead), 'key.retired');
    if (change !== 'a first start')
      expect([...kidsIn(found.keys), ...retired]).toEqual(expect.arrayContaining(kidsIn(used)));
    outcomes.push(await check(found, left, config));
  }
  return outcomes;
}

/** How often each outcome was seen: a kill late enough comes after the fact, an early one before it. */
function expectBoth(outcomes: readonly unknown[]): void {
  expect(outcomes.length).toBeGreaterThanOrEqual(8);
  expect(new Set(outcomes)).toEqual(new Set([false, true]));
  expect(outcomes).toEqual(outcomes.toSorted());
}

describe('a process that is killed, behind whichever of its steps,', () => {
  it('in a first start leaves what the next start finishes', async () => {
    const outcomes = await afterEveryKill('a first start', (found, left) => {
      expect(left).toHaveLength(2);
      return found.keys.length;
    });
    expect(new Set(outcomes)).toEqual(new Set([0, 1, 2]));
  });

  it('in a rotation has rotated or has not, and the next start finishes or forgets it', async () => {
    const [, standby] = kidsIn(used);
    const outcomes = await afterEveryKill('a rotation', (found, left) => {
      const hasHappened = planNow(found).signer?.kid === standby;
      expect(told(found, 'key.activated')).toHaveLength(hasHappened ? 2 : 1);
      expect(left).toHaveLength(hasHappened ? 3 : 2);
      return hasHappened;
    });
    expectBoth(outcomes);
  });

  it.each([
    ['a revocation of the signer', 0],
    ['a revocation of the standby', 1],
  ] as const)('in %s leaves a signer and a standby, with no start in between', async (change, place) => {
    const outcomes = await afterEveryKill(change, (found, left) => {
      const revokedAt = found.keys[place]?.revokedAt ?? null;
      const { signer, standbys, create } = planNow(found);
      expect(signer?.kid).toBe(used[revokedAt !== null && place === 0 ? 1 : 0]?.kid);
      if (revokedAt !== null && place === 0) expect(signer?.activatesAt).toBe(revokedAt);
      expect([standbys.length, create]).toEqual([1, null]);
      expect(left).toEqual(found.keys);
      return revokedAt !== null;
    });
    expectBoth(outcomes);
  });

  it('in a scheduled turn leaves what the next start goes on with', async () => {
    const [, standby = ''] = kidsIn(used);
    const check = (found: Found, left: readonly KeyRecord[]) => {
      expect(left.map(({ kid, tookOverAt }) => kid === standby && tookOverAt !== null).slice(0, -1)).toContain(true);
      return found.events.length;
    };
    const outcomes = await afterEveryKill('a scheduled turn', check, later[1]);
    // Two keys that were made, and one that began to sign; then: took over and destroyed, made, retired.
    expect(new Set(outcomes)).toEqual(new Set([3, 5, 6, 7]));
  });

  it('in a rewrap leaves every private part readable, and tells of each that was sealed anew', async () => {
    const outcomes = await afterEveryKill('a rewrap', async (found, _, config) => {
      const keks = await loadKeyEncryptionKeys({ ...sourceOf(config), sealedKeysExist: true });
      const sealed = found.keys.map(({ kid, sealedPrivateKey }) => ({ kid, text: sealedPrivateKey ?? '' }));
      for (const { kid, text } of sealed) expect(unsealPrivateKey(keks, kid, text)).toContain('PRIVATE KEY');
      const isAnew = ({ text }: { text: string }) => keks[0].source.endsWith('.2') && sealedUnder(text) === keks[0].id;
      expect(told(found, 'key.resealed')).toEqual(sealed.filter(isAnew).map(({ kid }) => kid));
      return `${keks.length} key-encryption keys, ${sealed.filter(isAnew).length} parts sealed anew`;
    });
    expect([...new Set(outcomes)]).toEqual([
      '1 key-encryption keys, 0 parts sealed anew',
      '2 key-encryption keys, 0 parts sealed anew',
      '2 key-encryption keys, 1 parts sealed anew',
      '2 key-encryption keys, 2 parts sealed anew',
      '1 key-encryption keys, 2 parts sealed anew',
    ]);
  });
});

describe('two processes that rotate the same keys all the time,', () => {
  it('and are killed at random, do not hold each other up, and leave a sound database every time', async () => {
    const folder = join(root, 'on-and-on');
    const config = configFor(folder, settings);
    await mkdir(folder);
    let seen = 0;
    for (let round = 0; round < 10; round += 1) {
      const workers = [startWorker('on-and-on', folder), startWorker('on-and-on', folder)] as const;
      onTestFinished(() => {
        for (const worker of workers) worker.kill('SIGKILL');
      });
      await Promise.all(workers.map(messageOf));
      await sleep(Math.random() * 150);
      await kill(workers[0]);
      const before = countEvents(folder);
      await waitFor(() => countEvents(folder) > before + 3);
      await sleep(Math.random() * 50);
      await kill(workers[1]);
      const { events } = await examine(config);
      expect(events.length).toBeGreaterThan(seen);
      seen = events.length;
      await start(config);
      await examine(config);
    }
  });
});

function countEvents(folder: string): number {
  const database = new DatabaseSync(join(folder, 'tessera.db'), { readOnly: true });
  const row = database.prepare('select count(*) as count from audit_events').get();
  database.close();
  return Number(row?.['count']);
}
