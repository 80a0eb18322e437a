/** PostgreSQL for a test: databases on the server that all share, or a server of its own. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { inject } from 'vitest';
import type { Place } from './place.ts';
import { type SharedServer, template } from './postgres-on-demand.ts';
import { type InitialisedFolder, type PostgresServer, newPostgres } from './postgres-server.ts';

async function ask(path: '/server' | '/folder'): Promise<unknown> {
  const reply = await fetch(inject('postgresOnDemand') + path);
  if (!reply.ok) throw new Error(await reply.text());
  return reply.json();
}

/** For whoever stops, crashes or configures it. `flags` are those of `postgres`. Removed by whoever asks. */
export async function newServer(
  flags: readonly string[] = [],
  onLog?: (text: string) => void,
): Promise<PostgresServer> {
  return newPostgres(flags, (await ask('/folder')) as InitialisedFolder, onLog);
}

/** A connection to the shared server, kept for as long as the worker lives. */
let administrator: Promise<{ url: string; client: pg.Client }> | undefined;

async function connectAdministrator() {
  const { url } = (await ask('/server')) as SharedServer;
  return { url, client: await connect(`${url}postgres`) };
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  // The server may end before the worker does.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** A new database. `options` are those of `create database`. Removed by whoever asks. */
export async function createDatabase(options = ''): Promise<Place> {
  const { url, client } = await (administrator ??= connectAdministrator());
  const name = `test_${randomBytes(8).toString('hex')}`;
  await client.query(`create database ${name} ${options}`);
  return {
    url: url + name,
    remove: async () => {
      await client.query(`drop database if exists ${name} with (force)`);
    },
  };
}

/** Databases that have the schema and no rows, left by tests of this worker. */
const free: Place[] = [];

/** A database with the schema and no rows. Given back by whoever asks. */
export async function takeDatabase(): Promise<Place> {
  const taken = free.pop() ?? (await createDatabase(`template ${template}`));
  return { url: taken.url, remove: () => giveBack(taken) };
}

/** It serves again where the test has left its schema as it was, and nobody at work in it. */
async function giveBack(database: Place): Promise<void> {
  if (await isReusable(database.url)) free.push(database);
  else await database.remove();
}

/** The schema's shape and the rows that it came with, as one short text. */
const shape = `
  select md5(string_agg(line, ';' order by line)) as shape from (
    select 'column ' || attrelid::regclass || attname || atttypid::regtype || attnotnull || attnum as line
      from pg_attribute join pg_class on pg_class.oid = attrelid
      where relnamespace = 'public'::regnamespace and not attisdropped
    union all select 'constraint ' || conrelid::regclass || pg_get_constraintdef(oid) from pg_constraint
      where connamespace = 'public'::regnamespace
    union all select 'index ' || pg_get_indexdef(indexrelid) from pg_index join pg_class on pg_class.oid = indexrelid
      where relnamespace = 'public'::regnamespace
    union all select 'trigger ' || tgname from pg_trigger where not tgisinternal
    union all select 'function ' || proname from pg_proc where pronamespace = 'public'::regnamespace
    union all select 'setting ' || setconfig::text from pg_db_role_setting
      where setdatabase = (select oid from pg_database where datname = current_database())
    union all select 'migration ' || name from kysely_migration
    union all select 'turn ' || name from turns
  ) as lines`;

/** Empties every table but those whose rows came with the schema. */
const truncation = `
  do $$ begin
    execute (
      select 'truncate ' || string_agg(oid::regclass::text, ', ') || ' restart identity' from pg_class
      where relnamespace = 'public'::regnamespace and relkind = 'r' and relname not in ('kysely_migration', 'turns')
    );
  end $$`;

let pristine: Promise<string> | undefined;

async function isReusable(url: string): Promise<boolean> {
  const client = await connect(url).catch(() => undefined);
  if (client === undefined) return false;
  try {
    await client.query(`set statement_timeout = '5s'`);
    const { rows } = await client.query<{ shape: string }>(shape);
    if (rows[0]?.shape !== (await (pristine ??= shapeOfTemplate()))) return false;
    if (!(await isLeft(client))) return false;
    await client.query(truncation);
    return true;
  } catch {
    return false;
  } finally {
    await client.end();
  }
}

/** Whether nobody else is connected. A connection that was closed a moment ago takes a moment to go. */
async function isLeft(client: pg.Client): Promise<boolean> {
  for (let tries = 0; tries < 50; tries += 1) {
    const others = await client.query(
      'select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
    if (others.rowCount === 0) return true;
    await sleep(10);
  }
  return false;
}

async function shapeOfTemplate(): Promise<string> {
  const { url } = await (administrator ??= connectAdministrator());
  const client = await connect(url + template);
  try {
    return (await client.query<{ shape: string }>(shape)).rows[0]?.shape ?? '';
  } finally {
    await client.end();
  }
}
