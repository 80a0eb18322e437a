/** The schema's history, forward only. A migration that has been released is never changed. */
import { type Kysely, type SqlBool, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { systemClock } from '../clock.ts';
import type { Database } from './schema.ts';

const migrations: Record<string, Migration> = {
  '001-accounts-tokens-keys': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('signing_keys')
        .addColumn('seq', 'integer', (column) => column.primaryKey().autoIncrement())
        .addColumn('kid', 'text', (column) => column.notNull().unique())
        .addColumn('succeeds', 'text', (column) => column.notNull().unique())
        .addColumn('alg', 'text', (column) => column.notNull())
        .addColumn('published_at', 'bigint', (column) => column.notNull())
        .addColumn('activates_at', 'bigint', (column) => column.notNull())
        .addColumn('revoked_at', 'bigint')
        .addColumn('tokens_live_for', 'bigint', (column) => column.notNull())
        .addColumn('public_jwk', 'text', (column) => column.notNull())
        .addColumn('sealed_private_key', 'text')
        .addCheckConstraint('revoked_is_destroyed', sql<SqlBool>`revoked_at is null or sealed_private_key is null`)
        .execute();
      await db.schema
        .createTable('users')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('username', 'text', (column) => column.notNull())
        .addColumn('username_key', 'text', (column) => column.notNull().unique())
        .addColumn('name', 'text')
        .addColumn('password_hash', 'text', (column) => column.notNull())
        .addColumn('roles', 'text', (column) => column.notNull())
        .addColumn('disabled_at', 'bigint')
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('updated_at', 'bigint', (column) => column.notNull())
        .execute();
      await db.schema
        .createTable('clients')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('secret_hash', 'text', (column) => column.notNull())
        .addColumn('scope', 'text', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .execute();
      await db.schema
        .createTable('sessions')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('user_id', 'text', (column) => column.notNull().references('users.id').onDelete('cascade'))
        .addColumn('client_id', 'text', (column) => column.notNull())
        .addColumn('scope', 'text', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('ended_at', 'bigint')
        .execute();
      await db.schema.createIndex('sessions_by_user').on('sessions').column('user_id').execute();
      await db.schema
        .createTable('refresh_tokens')
        .addColumn('hash', 'text', (column) => column.primaryKey())
        .addColumn('session_id', 'text', (column) => column.notNull().references('sessions.id').onDelete('cascade'))
        .addColumn('issued_at', 'bigint', (column) => column.notNull())
        .addColumn('expires_at', 'bigint', (column) => column.notNull())
        .addColumn('used_at', 'bigint')
        .execute();
      await db.schema.createIndex('refresh_tokens_by_session').on('refresh_tokens').column('session_id').execute();
      await db.schema
        .createTable('revoked_tokens')
        .addColumn('jti', 'text', (column) => column.primaryKey())
        .addColumn('expires_at', 'bigint', (column) => column.notNull())
        .execute();
    },
  },
  '002-what-keys-signed-and-audit': {
    async up(db: Kysely<unknown>) {
      // A server of the version before must not go on with keys that it does not understand: it cannot even list them.
      await db.schema.alterTable('signing_keys').renameColumn('seq', 'place').execute();
      await db.schema.alterTable('signing_keys').addColumn('took_over_at', 'bigint').execute();
      await db.schema.alterTable('signing_keys').addColumn('tokens_expire_at', 'bigint').execute();
      await db.schema.alterTable('signing_keys').addColumn('destroyed_at', 'bigint').execute();
      // Nobody kept count of tokens until now: each key may have signed one just now, as long as they came.
      const now = systemClock();
      await sql`update signing_keys set tokens_expire_at = ${now} + tokens_live_for, took_over_at = activates_at
        where activates_at <= ${now}`.execute(db);
      await sql`update signing_keys set destroyed_at = ${now}
        where sealed_private_key is null and revoked_at is null`.execute(db);
      await db.schema.alterTable('signing_keys').dropColumn('tokens_live_for').execute();
      await db.schema
        .createTable('verify_only_keys')
        .addColumn('kid', 'text', (column) => column.primaryKey())
        .addColumn('alg', 'text', (column) => column.notNull())
        .addColumn('public_jwk', 'text', (column) => column.notNull())
        .addColumn('published_at', 'bigint', (column) => column.notNull())
        .addColumn('published_until', 'bigint', (column) => column.notNull())
        .addColumn('revoked_at', 'bigint')
        .execute();
      await db.schema
        .createTable('audit_events')
        .addColumn('seq', 'integer', (column) => column.primaryKey().autoIncrement())
        .addColumn('id', 'text', (column) => column.notNull().unique())
        .addColumn('at', 'bigint', (column) => column.notNull())
        .addColumn('type', 'text', (column) => column.notNull())
        .addColumn('subject', 'text', (column) => column.notNull())
        .addColumn('actor', 'text', (column) => column.notNull())
        .addColumn('reason', 'text')
        .execute();
      await db.schema.createIndex('audit_events_by_subject').on('audit_events').columns(['subject', 'seq']).execute();
    },
  },
};

/** Brings the schema up to date, in one transaction. Throws for a database that is ahead of this code. */
export async function migrate(db: Database): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  const unknown = /previously executed migration (\S+) is missing/.exec(
    error instanceof Error ? error.message : '',
  )?.[1];
  if (unknown !== undefined)
    throw new Error(`it is ahead of this version, which does not know the migration ${unknown}`);
  throw error instanceof Error ? error : new Error('the migration failed', { cause: error });
}
