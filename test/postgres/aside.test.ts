/** Indexes that are built while others write: by one process, to the end, whoever is interrupted. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { migrate, migrations } from '../../src/database/migrations/migrate.ts';
import { type Connection, connectTo } from '../support/database.ts';
import { allMigrations, buildVersion, historyOf, newEmptyUrl, openEngine } from '../support/database/versions.ts';

const indexes = ['sessions_open_by_client', 'sessions_open_by_user', 'users_deleted'];

/** A database of the version before, with somebody at it. */
async function before(): Promise<{ url: string; connection: Connection }> {
  const url = await newEmptyUrl();
  await buildVersion(url, '004-replicas');
  return { url, connection: await connectTo(url) };
}

async function validIndexes(connection: Connection): Promise<unknown[]> {
  const rows = await connection.all(`select relname from pg_class join pg_index on indexrelid = pg_class.oid
    where indisvalid and relname = any (array[${indexes.map((name) => `'${name}'`).join()}]) order by relname`);
  return rows.map((row) => row['relname']);
}

/** Resolves once somebody builds an index and waits for whoever might see what is not in it. */
async function untilOneBuilds(connection: Connection): Promise<void> {
  for (;;) {
    const builds = await connection.all(`select pid from pg_stat_activity
      where query like 'create index concurrently%' and state = 'active' and datname = current_database()`);
    if (builds.length > 0) return;
    await sleep(10);
  }
}

const addUser = `insert into users (id, username, username_key, password_hash, roles, created_at, updated_at)
  values (?, ?, ?, 'x', '[]', 1, 1)`;
const addSession = `insert into sessions
  (id, user_id, client_id, scope, created_at, last_used_at, expires_at, tokens_expire_at) values (?, 'u', 'c', 'a', 1, 1, 9, 9)`;

describe('an index', () => {
  it('is built while others write, and while somebody looks at what was there before', async () => {
    const { url, connection } = await before();
    await connection.all(addUser, 'u', 'u', 'u');
    const reader = await connectTo(url);
    const taken = migrateInSteps(url, reader);
    await untilOneBuilds(connection);
    await connection.all(addSession, 'one');
    await connection.all('update sessions set last_used_at = 2');
    expect(await validIndexes(connection)).not.toEqual(indexes);
    await reader.all('commit');
    expect(await taken).toEqual(allMigrations.slice(5));
    expect(await validIndexes(connection)).toEqual(indexes);
    expect(await historyOf(url)).toEqual(allMigrations);
  });

  it('is built by one of many processes', async () => {
    const { url, connection } = await before();
    const engines = await Promise.all(Array.from({ length: 4 }, () => openEngine(url)));
    const taken = await Promise.all(engines.map((engine) => migrate(engine)));
    expect(taken.flat().toSorted()).toEqual(allMigrations.slice(4));
    expect(await validIndexes(connection)).toEqual(indexes);
  });

  it('is built anew where whoever built it was interrupted', async () => {
    const { url, connection } = await before();
    const reader = await connectTo(url);
    const failed = migrateInSteps(url, reader).catch((error: unknown) => error);
    await untilOneBuilds(connection);
    await connection.all(`select pg_terminate_backend(pid) from pg_stat_activity
      where query like 'create index concurrently%' and datname = current_database()`);
    expect(await failed).toBeInstanceOf(Error);
    await reader.all('commit');
    expect(await validIndexes(connection)).not.toEqual(indexes);
    expect(await historyOf(url)).not.toContain('006-live-sessions');
    await migrate(await openEngine(url));
    expect(await validIndexes(connection)).toEqual(indexes);
    expect(await historyOf(url)).toEqual(allMigrations);
  });
});

/** Takes the step that is carried out aside while `reader` looks at what is there now. */
async function migrateInSteps(url: string, reader: Connection): Promise<string[]> {
  await buildMissing(url);
  await reader.all('begin isolation level repeatable read');
  await reader.all('select count(*) from sessions');
  return migrate(await openEngine(url));
}

/** All but the last step, as a process that then ended left it. */
async function buildMissing(url: string): Promise<void> {
  const { db, upkeep } = await openEngine(url);
  await db.transaction().execute(async (trx) => {
    await migrations['005-generations']?.up(trx, { upkeep, concurrently: false });
    await trx.insertInto('kysely_migration').values({ name: '005-generations', timestamp: 'x' }).execute();
  });
}
