/** Stores over a connection that a test may set up, and spoil, as it likes. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Kysely, sql } from 'kysely';
import { onTestFinished } from 'vitest';
import type { Cause, Occasion } from '../../src/audit/event.ts';
import { accessTokenStore } from '../../src/database/access-token-store.ts';
import { auditStore } from '../../src/database/audit-store.ts';
import { clientStore } from '../../src/database/client-store.ts';
import { sqliteDialect } from '../../src/database/dialect.ts';
import { keyStore } from '../../src/database/key-store.ts';
import { type OpenDatabase, openDatabase } from '../../src/database/open.ts';
import type { Tables } from '../../src/database/schema.ts';
import { sessionStore } from '../../src/database/session-store.ts';
import { userStore } from '../../src/database/user-store.ts';
import { writeLog } from '../../src/database/write-log.ts';
import { verifyOnlyKeyStore } from '../../src/database/verify-only-key-store.ts';
import type { KeyRecord } from '../../src/keys/store.ts';
import type { VerifyOnlyKey } from '../../src/keys/verify-only.ts';
import type { RefreshToken, Session } from '../../src/tokens/store.ts';
import type { User } from '../../src/users/store.ts';

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

export function occasion(at: number, cause: Partial<Cause> = {}): Occasion {
  return { at, actor: { kind: 'script', name: 'operator' }, reason: null, ...cause };
}

export function aKey(kid: string, succeeds: string, more: Partial<KeyRecord> = {}): KeyRecord {
  return {
    kid,
    succeeds,
    alg: 'RS256',
    publishedAt: 1000,
    activatesAt: 2000,
    tookOverAt: null,
    revokedAt: null,
    tokensExpireAt: null,
    publicJwk: { kty: 'RSA', n: kid, e: 'AQAB' },
    sealedPrivateKey: `sealed ${kid}`,
    destroyedAt: null,
    ...more,
  };
}

export function aVerifyOnlyKey(kid: string, more: Partial<VerifyOnlyKey> = {}): VerifyOnlyKey {
  const publicJwk = { kty: 'RSA', n: kid, e: 'AQAB' };
  return { kid, alg: 'RS256', publicJwk, publishedAt: 1000, publishedUntil: 9000, revokedAt: null, ...more };
}

export function aUser(name: string, more: Partial<User> = {}): User {
  return {
    id: `usr_${name}`,
    username: name,
    usernameKey: name.toLowerCase(),
    name: null,
    passwordHash: `hash of ${name}`,
    roles: [],
    disabledAt: null,
    createdAt: 1000,
    updatedAt: 1000,
    ...more,
  };
}

export function aSession(id: string, user: User, more: Partial<Session> = {}): Session {
  return { id, userId: user.id, clientId: 'first-party', scope: 'a b', createdAt: 1000, endedAt: null, ...more };
}

export function aToken(hash: string, session: Session, more: Partial<RefreshToken> = {}): RefreshToken {
  return { hash, sessionId: session.id, issuedAt: 1000, expiresAt: 2000, usedAt: null, ...more };
}
