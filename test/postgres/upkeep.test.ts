import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { openDatabase } from '../../src/database/open.ts';
import { postgresEngine } from '../../src/database/postgres/engine.ts';
import { postgresUpkeep } from '../../src/database/postgres/upkeep.ts';
import { connectTo, newDatabase, newUrl } from '../support/database.ts';
import { aUser, occasion } from '../support/records.ts';
import { allMigrations, buildVersion, historyOf, newEmptyUrl } from '../support/database/versions.ts';

describe('a PostgreSQL database', () => {
  it('is refused where it cannot keep every text, and is told how to make one that can', async () => {
    const url = await newEmptyUrl(`template template0 encoding latin1 locale 'C'`);
    await expect(openDatabase(url)).rejects.toThrow(
      /its encoding is LATIN1, and must be UTF8: create database … encoding 'UTF8' template template0/,
    );
  });

  it('compares every text byte by byte, as SQLite does, whatever the language of the database', async () => {
    const url = await newEmptyUrl(`template template0 encoding utf8 locale_provider icu icu_locale 'en-US' locale 'C'`);
    const { users } = await newDatabase(url);
    const other = await connectTo(url);
    const foreign = await other.all(`select attrelid::regclass, attname from pg_attribute
      join pg_class on pg_class.oid = attrelid join pg_collation on pg_collation.oid = attcollation
      where relnamespace = 'public'::regnamespace and attnum > 0 and collname <> 'C'`);
    expect(foreign).toEqual([]);
    for (const name of ['b', 'B', 'a', 'é']) await users.insertUser(aUser(name, { usernameKey: name }), occasion(1));
    const listed = await users.listUsers({ after: null, limit: 10 });
    expect(listed.map(({ id }) => id)).toEqual(['usr_B', 'usr_a', 'usr_b', 'usr_é']);
  });
});

describe('a migration that waits for a table', () => {
  it('lets those behind it go on after two seconds, and comes again until it is done', async () => {
    const url = await newEmptyUrl();
    await buildVersion(url, '003-sessions-clients-limits');
    const [holder, writer] = [await connectTo(url), await connectTo(url)];
    const write = (jti: string) => `insert into revoked_tokens (jti, expires_at) values ('${jti}', 9)`;
    await holder.all('begin');
    await holder.all(write('held'));
    const opening = openDatabase(url);
    // Until it waits.
    while (
      (
        await writer.all(
          `select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
        )
      ).length === 0
    )
      await sleep(20);
    const begin = performance.now();
    await writer.all(write('behind'));
    const waited = performance.now() - begin;
    // Otherwise it waits for as long as the table is held: for ever.
    expect(waited).toBeLessThan(20_000);
    await sleep(3000);
    await holder.all('commit');
    await (await opening).close();
    expect(await historyOf(url)).toEqual(allMigrations);
  });
});

describe('who changes the schema', () => {
  it('waits for whoever does so already', async () => {
    const url = await newUrl();
    const { db } = postgresEngine(url, { size: 2, statementTimeout: 20 });
    onTestFinished(() => db.destroy());
    const onlooker = await connectTo(url);
    const [begun, ended] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    const order: string[] = [];
    const first = db.transaction().execute(async (trx) => {
      await postgresUpkeep.lockSchema(trx);
      begun.resolve(undefined);
      await ended.promise;
      order.push('first');
    });
    await begun.promise;
    const second = db.transaction().execute(async (trx) => {
      await postgresUpkeep.lockSchema(trx);
      order.push('second');
    });
    const isWaiting = `select 1 from pg_locks join pg_database on pg_database.oid = database
      where datname = current_database() and locktype = 'advisory' and not granted`;
    while (order.length === 0 && (await onlooker.all(isWaiting)).length === 0);
    ended.resolve(undefined);
    await Promise.all([first, second]);
    expect(order).toEqual(['first', 'second']);
  });
});

describe('the clock of PostgreSQL', () => {
  it('decides what has expired where that of a process is ahead', async () => {
    const { expiredRows } = await openDatabaseWith('good');
    expect(await expiredRows.removeSome(systemClock() + 400 * 86_400, 10)).toBe(0);
    expect(await expiredRows.removeSome(systemClock(), 10)).toBe(0);
  });

  async function openDatabaseWith(jti: string) {
    const url = await newUrl();
    const database = await newDatabase(url);
    await database.accessTokens.revokeAccessToken({ jti, expiresAt: systemClock() + 900 }, occasion(1));
    return database;
  }
});
