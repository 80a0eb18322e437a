/** A database as the first version of the schema left it. */
import { openFile } from '../../../support/sqlite.ts';

/** As SQLite remembers it (`select sql from sqlite_master`), made by that version itself. */
const schema = `
CREATE TABLE "kysely_migration" ("name" varchar(255) not null primary key, "timestamp" varchar(255) not null);
CREATE TABLE "kysely_migration_lock" ("id" varchar(255) not null primary key, "is_locked" integer default 0 not null);
CREATE TABLE "signing_keys" ("seq" integer primary key autoincrement, "kid" text not null unique, "succeeds" text not null unique, "alg" text not null, "published_at" bigint not null, "activates_at" bigint not null, "revoked_at" bigint, "tokens_live_for" bigint not null, "public_jwk" text not null, "sealed_private_key" text, constraint "revoked_is_destroyed" check (revoked_at is null or sealed_private_key is null));
CREATE TABLE "users" ("id" text primary key, "username" text not null, "username_key" text not null unique, "name" text, "password_hash" text not null, "roles" text not null, "disabled_at" bigint, "created_at" bigint not null, "updated_at" bigint not null);
CREATE TABLE "clients" ("id" text primary key, "name" text not null, "secret_hash" text not null, "scope" text not null, "created_at" bigint not null);
CREATE TABLE "sessions" ("id" text primary key, "user_id" text not null references "users" ("id") on delete cascade, "client_id" text not null, "scope" text not null, "created_at" bigint not null, "ended_at" bigint);
CREATE INDEX "sessions_by_user" on "sessions" ("user_id");
CREATE TABLE "refresh_tokens" ("hash" text primary key, "session_id" text not null references "sessions" ("id") on delete cascade, "issued_at" bigint not null, "expires_at" bigint not null, "used_at" bigint);
CREATE INDEX "refresh_tokens_by_session" on "refresh_tokens" ("session_id");
CREATE TABLE "revoked_tokens" ("jti" text primary key, "expires_at" bigint not null);
INSERT INTO "kysely_migration" VALUES ('001-accounts-tokens-keys', '2026-11-24T09:05:40.945Z');
INSERT INTO "kysely_migration_lock" VALUES ('migration_lock', 0);
`;

const accounts = `
INSERT INTO "users" VALUES ('usr_ada', 'Ada', 'ada', 'Ada "; é', 'hash of ada', '["admin"]', null, 1000, 1001);
INSERT INTO "clients" VALUES ('cli_1', 'a service', 'hash', 'a b', 1002);
INSERT INTO "sessions" VALUES ('s1', 'usr_ada', 'first-party', 'a b', 1003, null), ('s2', 'usr_ada', 'cli_1', 'a', 1004, 1005);
INSERT INTO "refresh_tokens" VALUES ('h1', 's1', 1003, 9000, 1004), ('h2', 's1', 1004, 9000, null);
INSERT INTO "revoked_tokens" VALUES ('j', 9000);
`;

/** A row of `signing_keys` as it was. Moments are epoch seconds. */
export type KeyRow = {
  kid: string;
  succeeds: string;
  activates_at: number;
  tokens_live_for: number;
  revoked_at?: number;
  sealed_private_key: string | null;
};

export function buildVersion001(file: string, keys: readonly KeyRow[]): void {
  const database = openFile(file);
  database.exec('PRAGMA journal_mode = WAL');
  database.exec(schema);
  database.exec(accounts);
  const insert = database.prepare(
    `insert into signing_keys (kid, succeeds, alg, published_at, activates_at, revoked_at, tokens_live_for, public_jwk, sealed_private_key)
     values (:kid, :succeeds, 'RS256', 1000, :activates_at, :revoked_at, :tokens_live_for, :public_jwk, :sealed_private_key)`,
  );
  for (const key of keys)
    insert.run({ revoked_at: null, ...key, public_jwk: JSON.stringify({ kty: 'RSA', n: key.kid, e: 'AQAB' }) });
  database.close();
}
