/*
 * The floor's one database file: its tables, and what the benchmark puts in them before the floor starts.
 * It leaves serving to floor.ts, which only ever opens a file that already has its keys, as a warm start does.
 */
import { randomBytes, randomUUID, hash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import argon2 from 'argon2';
import { calculateJwkThumbprint, exportJWK, exportPKCS8, generateKeyPair } from 'jose';

export type Seed = { usernames: readonly string[]; password: string; clientId: string; clientSecret: string };

/** WAL with synchronous FULL: every commit reaches the disk, the same promise that Tessera makes. */
export function openFloorDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON');
  return database;
}

const tables = `
  CREATE TABLE keys (kid TEXT PRIMARY KEY, signs INTEGER NOT NULL, public_jwk TEXT NOT NULL, private_pem TEXT NOT NULL);
  CREATE TABLE clients (id TEXT PRIMARY KEY, secret_hash BLOB NOT NULL, scope TEXT NOT NULL);
  CREATE TABLE users (
    id TEXT PRIMARY KEY, username TEXT NOT NULL UNIQUE, name TEXT, roles TEXT NOT NULL, password_hash TEXT NOT NULL,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, disabled_at INTEGER
  );
  CREATE TABLE sessions (
    id TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users (id), scope TEXT NOT NULL,
    created_at INTEGER NOT NULL, revoked_at INTEGER
  );
  CREATE INDEX sessions_by_user ON sessions (user_id);
  CREATE TABLE refresh_tokens (
    hash BLOB PRIMARY KEY, session_id TEXT NOT NULL REFERENCES sessions (id), expires_at INTEGER NOT NULL
  );
`;

/** Two RSA keys (one signs, one stands by), users with one password, and one service client. */
export async function seedFloor(
  path: string,
  usernames: readonly string[],
  password: string,
  scope: string,
): Promise<Seed> {
  const database = openFloorDatabase(path);
  database.exec(tables);

  const insertKey = database.prepare('INSERT INTO keys VALUES (?, ?, ?, ?)');
  for (const signs of [1, 0]) {
    const pair = await generateKeyPair('RS256', { extractable: true });
    const jwk = await exportJWK(pair.publicKey);
    const kid = await calculateJwkThumbprint(jwk);
    const published = JSON.stringify({ kid, use: 'sig', alg: 'RS256', ...jwk });
    insertKey.run(kid, signs, published, await exportPKCS8(pair.privateKey));
  }

  const passwordHash = await argon2.hash(password, { memoryCost: 19_456, timeCost: 2, parallelism: 1 });
  const now = Math.floor(Date.now() / 1000);
  const insertUser = database.prepare('INSERT INTO users VALUES (?, ?, NULL, ?, ?, ?, ?, NULL)');
  for (const username of usernames) insertUser.run(randomUUID(), username, '[]', passwordHash, now, now);

  const clientId = randomUUID();
  const clientSecret = randomBytes(32).toString('base64url');
  const secretHash = hash('sha256', clientSecret, 'buffer');
  database.prepare('INSERT INTO clients VALUES (?, ?, ?)').run(clientId, secretHash, scope);

  database.close();
  return { usernames, password, clientId, clientSecret };
}
