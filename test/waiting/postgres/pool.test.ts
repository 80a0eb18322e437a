/** Connections that are lost in the middle of something. */
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Engine } from '../../../src/database/engine.ts';
import { postgresEngine } from '../../../src/database/postgres/engine.ts';
import type { Database } from '../../../src/database/schema.ts';
import { inTransaction } from '../../../src/database/transaction.ts';
import { Unavailable } from '../../../src/unavailable.ts';
import { newPlace } from '../../support/place.ts';
import { withDatabase } from '../../support/postgres/replicas.ts';
import { type Proxy, newProxy } from '../../support/postgres/proxy.ts';

/** Seconds after which a statement is given up, and milliseconds within which nobody has waited for that. */
const statementTimeout = 20;
const soon = 10_000;

let url: string;
let proxy: Proxy;
let engine: Engine;

beforeEach(async () => {
  const place = await newPlace('postgres');
  ({ url } = place);
  proxy = await newProxy(Number(new URL(url).port));
  engine = postgresEngine(throughProxy(), { size: 3, statementTimeout });
  onTestFinished(async () => {
    await engine.db.destroy();
    proxy.close();
    await place.remove();
  });
});

function throughProxy(): string {
  const through = new URL(url);
  through.port = String(proxy.port);
  return through.href;
}

const pidOf = async (db: Database): Promise<number> =>
  (await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db)).rows[0]?.pid ?? 0;

const end = (pid: number) => withDatabase(url, (query) => query(`select pg_terminate_backend(${pid})`));

const namesOfTurns = () => withDatabase(url, (query) => query(`select name from turns where name like 'test%'`));

async function timeOf(work: Promise<unknown>): Promise<number> {
  const begunAt = performance.now();
  await work.catch(() => undefined);
  return performance.now() - begunAt;
}

describe('a connection', () => {
  it('that was lost is never used again, be it idle, in a statement, or between two statements', async () => {
    const idle = await pidOf(engine.db);
    await end(idle);
    await sleep(100);
    expect(await pidOf(engine.db)).not.toBe(idle);

    const busy = expect(sql`select pg_sleep(3)`.execute(engine.db)).rejects.toThrow(Unavailable);
    await expect
      .poll(() =>
        withDatabase(url, (query) =>
          query(
            `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query = 'select pg_sleep(3)'`,
          ),
        ),
      )
      .toHaveLength(1);
    await busy;

    const between = inTransaction(engine.db, async (trx) => {
      await end(await pidOf(trx));
      await sleep(100);
      return pidOf(trx);
    });
    await expect(between).rejects.toThrow(Unavailable);
    expect(await pidOf(engine.db)).toBeGreaterThan(0);
  });

  it('that the network forgot, and no other, is given up after the time of a statement, not twice that', async () => {
    const hasty = postgresEngine(throughProxy(), { size: 1, statementTimeout: 4 });
    onTestFinished(() => hasty.db.destroy());
    const change = inTransaction(hasty.db, async (trx) => {
      proxy.blackHole();
      setTimeout(() => {
        proxy.heal();
      }, 200);
      await pidOf(trx);
    });
    await expect(timeOf(change)).resolves.toBeLessThan(8000);
    await expect(change).rejects.toThrow(Unavailable);
    expect(await timeOf(pidOf(hasty.db))).toBeLessThan(4000);
    expect(await pidOf(hasty.db)).toBeGreaterThan(0);
  });

  it('that times out leaves no statement behind that its next user would get the rows of', async () => {
    const hasty = postgresEngine(url, { size: 1, statementTimeout: 0.3, connectionTimeout: 30 });
    onTestFinished(() => hasty.db.destroy());
    for (let round = 0; round < 3; round += 1) {
      await expect(sql`select pg_sleep(2), 'late' as word`.execute(hasty.db)).rejects.toThrow(Unavailable);
      expect((await sql`select 'mine' as word`.execute(hasty.db)).rows).toEqual([{ word: 'mine' }]);
    }
  });
});

describe('a request that finds every connection in use', () => {
  it('waits for as long as connect_timeout says, or for two seconds', async () => {
    const busyFor = 3;
    const waits = await Promise.all(
      ['1', undefined, '20'].map(async (timeout) => {
        const address = new URL(url);
        if (timeout !== undefined) address.searchParams.set('connect_timeout', timeout);
        const narrow = postgresEngine(address.href, { size: 1, statementTimeout });
        onTestFinished(() => narrow.db.destroy());
        await pidOf(narrow.db);
        const busy = sql`select pg_sleep(${busyFor})`.execute(narrow.db);
        const isServed = await pidOf(narrow.db).then(
          () => true,
          (error: unknown) => !(error instanceof Unavailable),
        );
        await busy;
        return isServed;
      }),
    );
    expect(waits).toEqual([false, false, true]);
  });
});

describe('a commit whose reply is lost', () => {
  it('is not said to have been done, nor done again', async () => {
    let tries = 0;
    const change = inTransaction(engine.db, async (trx) => {
      tries += 1;
      await sql`insert into turns (name) values ('test')`.execute(trx);
      proxy.loseReplies();
    });
    const begunAt = performance.now();
    await expect(change).rejects.toThrow(Unavailable);
    expect(performance.now() - begunAt).toBeLessThan(soon);
    expect(tries).toBe(1);
    // So it was done, which nobody could know.
    expect(await namesOfTurns()).toEqual([{ name: 'test' }]);
  });
});

describe('a server that the network has swallowed', () => {
  it('costs the first who ask two seconds, those after them nothing, and is back as soon as it answers', async () => {
    await pidOf(engine.db);
    proxy.blackHole();
    const first = await Promise.all(Array.from({ length: 30 }, () => timeOf(pidOf(engine.db))));
    expect(Math.max(...first)).toBeLessThan(soon);
    expect(Math.min(...first)).toBeGreaterThan(1000);
    // Each that waited for a connection would take two seconds.
    const tenMore = async () => {
      for (let count = 0; count < 10; count += 1) await expect(pidOf(engine.db)).rejects.toThrow(Unavailable);
    };
    expect(await timeOf(tenMore())).toBeLessThan(soon);
    await tenMore();
    await expect.poll(engine.connections).toEqual({ open: 0, idle: 0, waiting: 0 });
    proxy.heal();
    await expect.poll(() => pidOf(engine.db).catch(() => 0)).toBeGreaterThan(0);
  });

  it('is not waited for by who closes', async () => {
    const own = postgresEngine(throughProxy(), { size: 3, statementTimeout });
    await Promise.all([pidOf(own.db), pidOf(own.db)]);
    proxy.blackHole();
    const stuck = timeOf(pidOf(own.db));
    await sleep(50);
    expect(await timeOf(own.db.destroy())).toBeLessThan(soon);
    expect(await stuck).toBeLessThan(soon);
  });

  it('is told from one that is slow: a statement may take the time that it is given', async () => {
    const begunAt = performance.now();
    await sql`select pg_sleep(3.5)`.execute(engine.db);
    expect(performance.now() - begunAt).toBeGreaterThan(3400);
  });
});

describe('who listens', () => {
  const listeners = () =>
    withDatabase(url, (query) =>
      query(
        `select pid from pg_stat_activity where datname = current_database() and query in ('listen tessera_keys', 'select 1')`,
      ),
    );

  async function watch() {
    let changes = 0;
    const watching = await engine.watchKeys(() => {
      changes += 1;
    });
    onTestFinished(() => watching.close());
    return { count: () => changes, watching };
  }

  it('hears what is committed, and nothing of what is rolled back', async () => {
    const { count } = await watch();
    await expect.poll(count).toBe(1);
    await engine.db.transaction().execute(async (trx) => {
      await engine.announceKeys(trx);
      await sleep(200);
      expect(count()).toBe(1);
    });
    await expect.poll(count).toBe(2);
    await engine.db
      .transaction()
      .execute(async (trx) => {
        await engine.announceKeys(trx);
        throw new Error('no');
      })
      .catch(() => undefined);
    await sleep(300);
    expect(count()).toBe(2);
  });

  it('looks every second while nothing gets through, which it notices by itself, and listens again afterwards', async () => {
    const { count } = await watch();
    await expect.poll(listeners).toHaveLength(1);
    const before = count();
    proxy.blackHole();
    await expect.poll(count).toBeGreaterThan(before);
    const lost = count();
    // As many would take twice as long every other second, and a busy machine loses some time.
    await expect.poll(count, { timeout: 11_900 }).toBeGreaterThanOrEqual(lost + 6);
    proxy.heal();
    await expect.poll(() => pidOf(engine.db).catch(() => 0)).toBeGreaterThan(0);
    await sleep(2500);
    const healed = count();
    await engine.db.transaction().execute((trx) => engine.announceKeys(trx));
    await expect.poll(count).toBe(healed + 1);
  });

  it('holds nobody up where that is impossible, looks every second, and ends when it is told', async () => {
    proxy.blackHole();
    const begunAt = performance.now();
    const { count, watching } = await watch();
    expect(performance.now() - begunAt).toBeLessThan(1500);
    await expect.poll(count).toBeGreaterThanOrEqual(2);
    expect(await timeOf(watching.close())).toBeLessThan(1500);
    const closed = count();
    await sleep(1500);
    expect(count()).toBe(closed);
  });
});
