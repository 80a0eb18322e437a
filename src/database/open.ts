/** The only folder that knows SQL. Opens the database that a URL names and hands out the stores of the domain. */
import { closeSync, fchmodSync, fstatSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { Kysely } from 'kysely';
import type { AuditStore } from '../audit/event.ts';
import type { ClientStore } from '../clients/store.ts';
import type { KeyStore } from '../keys/store.ts';
import type { VerifyOnlyKeyStore } from '../keys/verify-only.ts';
import type { ThrottleStore } from '../throttling/store.ts';
import type { AccessTokenStore, SessionStore } from '../tokens/store.ts';
import { Unavailable } from '../unavailable.ts';
import type { UserStore } from '../users/store.ts';
import { accessTokenStore } from './access-token-store.ts';
import { auditStore } from './audit-store.ts';
import { clientStore } from './client-store.ts';
import { sqliteDialect } from './dialect.ts';
import { keyStore } from './key-store.ts';
import { migrate } from './migrate.ts';
import { rateLimitStore } from './rate-limit-store.ts';
import type { Tables } from './schema.ts';
import { sessionStore } from './session-store.ts';
import { userStore } from './user-store.ts';
import { verifyOnlyKeyStore } from './verify-only-key-store.ts';
import { writeLog } from './write-log.ts';

export type OpenDatabase = {
  readonly keys: KeyStore;
  readonly verifyOnlyKeys: VerifyOnlyKeyStore;
  readonly audit: AuditStore;
  readonly users: UserStore;
  readonly clients: ClientStore;
  readonly sessions: SessionStore;
  readonly accessTokens: AccessTokenStore;
  readonly rateLimits: ThrottleStore;
  /** Throws `Unavailable` when the database cannot be reached. */
  ping(): Promise<void>;
  close(): Promise<void>;
};

/** The database cannot be opened or brought up to date; the message says which and why. */
export class UnusableDatabase extends Error {
  override readonly name = 'UnusableDatabase';
}

/** Opens `sqlite:FILE`, made when it is not there, and brings its schema up to date. Throws `UnusableDatabase`. */
export async function openDatabase(url: string): Promise<OpenDatabase> {
  const file = url.slice('sqlite:'.length);
  try {
    return await openSqlite(file);
  } catch (error) {
    const { message, cause } = error as Error;
    const reason = error instanceof Unavailable && cause instanceof Error ? cause.message : message;
    throw new UnusableDatabase(`The database ${file} cannot be used: ${reason}`, { cause: error });
  }
}

async function openSqlite(file: string): Promise<OpenDatabase> {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  // SQLite gives the files beside it the mode of this one. It holds password hashes and sealed keys.
  const opened = openSync(file, 'a', 0o600);
  if ((fstatSync(opened).mode & 0o077) !== 0) fchmodSync(opened, 0o600);
  closeSync(opened);
  const db = new Kysely<Tables>({ dialect: sqliteDialect(file) });
  try {
    await migrate(db);
  } catch (error) {
    await db.destroy();
    throw error;
  }
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
    close: () => db.destroy(),
  };
}
