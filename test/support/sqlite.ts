/** Stores over a connection that a test may set up, and spoil, as it likes. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Kysely, sql } from 'kysely';
import { onTestFinished } from 'vitest';
import { accessTokenStore } from '../../src/database/access-token-store.ts';
import { auditStore } from '../../src/database/audit-store.ts';
import { clientStore } from '../../src/database/client-store.ts';
import { sqliteDialect } from '../../src/database/dialect.ts';
import { keyStore } from '../../src/database/key-store.ts';
import { type OpenDatabase, openDatabase } from '../../src/database/open.ts';
import { rateLimitStore } from '../../src/database/rate-limit-store.ts';
import type { Tables } from '../../src/database/schema.ts';
import { sessionStore } from '../../src/database/session-store.ts';
import { userStore } from '../../src/database/user-store.ts';
import { writeLog } from '../../src/database/write-log.ts';
import { verifyOnlyKeyStore } from '../../src/database/verify-only-key-store.ts';

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

export type Stores = Omit<OpenDatabase, 'close'> & {
  /** Runs one statement on the connection of the stores, such as a PRAGMA. */
  run(statement: string): Promise<void>;
};

/** The stores of a database that has its schema already; `run` reaches their connection. They wait for nobody. */
export function openStores(file: string): Stores {
  const db = new Kysely<Tables>({ dialect: sqliteDialect(file, 20) });
  onTestFinished(() => db.destroy());
  return {
    keys: keyStore(db, writeLog(db)),
    verifyOnlyKeys: verifyOnlyKeyStore(db),
    audit: auditStore(db),
    users: userStore(db),
    clients: clientStore(db),
    sessions: sessionStore(db),
    accessTokens: accessTokenStore(db),
    rateLimits: rateLimitStore(db),
    ping: async () => {
      await db.selectFrom('signing_keys').select('place').limit(1).execute();
    },
    run: async (statement) => {
      await sql.raw(statement).execute(db);
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
