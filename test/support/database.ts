/** Stores over a database of the kind that the project is for, and somebody else at the same one. */
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { sql } from 'kysely';
import pg from 'pg';
import { onTestFinished } from 'vitest';
import type { Engine } from '../../src/database/engine.ts';
import type { OpenDatabase } from '../../src/database/open.ts';
import { postgresEngine } from '../../src/database/postgres/engine.ts';
import { sqliteEngine } from '../../src/database/sqlite/engine.ts';
import { type Stores as OpenStores, createStores } from '../../src/database/stores/stores.ts';
import { isPostgres, newPlace } from './place.ts';
import { openPatiently } from './database/open-patiently.ts';

/** The URL of a new database, which is removed when the test ends. */
export async function newUrl(): Promise<string> {
  const place = await newPlace();
  onTestFinished(() => place.remove());
  return place.url;
}

/** A database with its schema, closed when the test ends. */
export async function newDatabase(url?: string): Promise<OpenDatabase> {
  const database = await openPatiently(url ?? (await newUrl()));
  onTestFinished(() => database.close());
  return database;
}

export type Stores = OpenStores & {
  /** Runs one statement, such as a PRAGMA, on the only connection of the stores. */
  run(statement: string): Promise<void>;
};

/**
 * The stores of a database that has its schema already; `run` reaches their connection. They wait for nobody, unless they are
 * `patient`: then they wait as a server does.
 */
export function openStores(url: string, how: 'patient' | 'hurried' = 'hurried'): Stores {
  const [busyTimeout, statementTimeout] = how === 'patient' ? [5000, 5] : [20, 0.3];
  const engine = openEngine(url, { busyTimeout, statementTimeout });
  return {
    ...createStores(engine),
    run: async (statement) => {
      await sql.raw(statement).execute(engine.db);
    },
  };
}

/** What differs by the kind of database that the URL is of. */
export function openPatientEngine(url: string): Engine {
  return openEngine(url, { busyTimeout: 5000, statementTimeout: 5 });
}

function openEngine(
  url: string,
  { busyTimeout, statementTimeout }: Record<'busyTimeout' | 'statementTimeout', number>,
) {
  const engine = url.startsWith('sqlite:')
    ? sqliteEngine(url.slice('sqlite:'.length), busyTimeout)
    : postgresEngine(url, { size: 1, statementTimeout, connectionTimeout: 30 });
  onTestFinished(() => engine.db.destroy());
  return engine;
}

export type Row = Record<string, unknown>;

/** Somebody else at the same database. Values go where a `?` is. */
export type Connection = {
  all(statement: string, ...values: unknown[]): Promise<Row[]>;
  close(): Promise<void>;
};

export async function connectTo(url: string): Promise<Connection> {
  const connection = await (url.startsWith('sqlite:')
    ? connectToFile(url.slice('sqlite:'.length))
    : connectToServer(url));
  onTestFinished(() => connection.close());
  return connection;
}

async function connectToFile(file: string): Promise<Connection> {
  const database = new DatabaseSync(file);
  return {
    all: async (statement, ...values) => {
      const rows = database.prepare(statement).all(...(values as SQLInputValue[]));
      return rows.map((row) => ({ ...row }));
    },
    close: async () => {
      if (database.isOpen) database.close();
    },
  };
}

async function connectToServer(url: string): Promise<Connection> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  client.setTypeParser(pg.types.builtins.INT8, Number);
  await client.connect();
  let isOpen = true;
  return {
    all: async (statement, ...values) => {
      let at = 0;
      const numbered = statement.replaceAll('?', () => `$${(at += 1)}`);
      return (await client.query<Row>(numbered, values)).rows;
    },
    close: async () => {
      if (isOpen) await client.end();
      isOpen = false;
    },
  };
}

/** Every row of a table, in no order that can be relied on. */
export async function rowsOf(url: string, table: string): Promise<Row[]> {
  const connection = await connectTo(url);
  try {
    return await connection.all(`select * from ${table}`);
  } finally {
    await connection.close();
  }
}

export async function tablesOf(connection: Connection): Promise<string[]> {
  const rows = await connection.all(
    isPostgres
      ? `select tablename as name from pg_tables where schemaname = 'public'`
      : `select name from sqlite_master where type = 'table'`,
  );
  return rows.map(({ name }) => String(name));
}

/** Keeps everybody else from writing, until the result is called. */
export async function holdUp(url: string): Promise<() => Promise<void>> {
  const connection = await connectTo(url);
  if (!isPostgres) await connection.all('begin immediate');
  else {
    const tables = (await tablesOf(connection)).join(', ');
    await connection.all('begin');
    await connection.all(`lock table ${tables} in exclusive mode`);
  }
  return async () => {
    await connection.all('rollback');
  };
}
