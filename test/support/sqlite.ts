/** Stores over a connection that a test may set up, and spoil, as it likes. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sql } from 'kysely';
import { onTestFinished } from 'vitest';
import { type OpenDatabase, openDatabase } from '../../src/database/open.ts';
import { sqliteEngine } from '../../src/database/sqlite/engine.ts';
import { type Stores as OpenStores, createStores } from '../../src/database/stores.ts';

export { aClient, aKey, aSecret, aSession, aToken, aUse, aUser, aVerifyOnlyKey, occasion } from './records.ts';

/** The name of a file in a folder of its own, which is removed when the test ends. */
export async function newFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tessera-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, 'tessera.db');
}

/** A database with its schema, closed when the test ends. */
export async function newDatabase(file?: string): Promise<OpenDatabase> {
  const database = await openDatabase(`sqlite:${file ?? (await newFile())}`);
  onTestFinished(() => database.close());
  return database;
}

export type Stores = OpenStores & {
  /** Runs one statement on the connection of the stores, such as a PRAGMA. */
  run(statement: string): Promise<void>;
};

/** The stores of a database that has its schema already; `run` reaches their connection. They wait for nobody. */
export function openStores(file: string): Stores {
  const engine = sqliteEngine(file, 20);
  onTestFinished(() => engine.db.destroy());
  return {
    ...createStores(engine),
    run: async (statement) => {
      await sql.raw(statement).execute(engine.db);
    },
  };
}

/** Somebody else at the same file. */
export function connectTo(file: string): DatabaseSync {
  const database = new DatabaseSync(file);
  onTestFinished(() => {
    if (database.isOpen) database.close();
  });
  return database;
}
