import { type Kysely, sql } from 'kysely';
import { systemClock } from '../../clock.ts';
import { newId } from '../../secret.ts';

/** Seconds for which a session that began before sessions had an end may go on. */
const sessionLifetime = 90 * 86_400;

export async function up(db: Kysely<unknown>): Promise<void> {
  await extendSessions(db);
  await extendClients(db);
  await db.schema
    .createTable('used_assertions')
    .addColumn('client_id', 'text', (column) => column.notNull().references('clients.id').onDelete('cascade'))
    .addColumn('jti', 'text', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('used_assertions_once', ['client_id', 'jti'])
    .execute();
  await db.schema.createIndex('used_assertions_by_expiry').on('used_assertions').column('expires_at').execute();
  await db.schema
    .createTable('rate_limits')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('points', 'integer', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('rate_limits_by_expiry').on('rate_limits').column('expires_at').execute();
  await db.schema.createIndex('users_by_age').on('users').columns(['created_at', 'id']).execute();
  await db.schema.alterTable('audit_events').addColumn('address', 'text').execute();
  await db.schema.alterTable('audit_events').addColumn('detail', 'text').execute();
  await db.schema.alterTable('audit_events').addColumn('actor_sub', 'text').execute();
  await nameActors(db);
  await db.schema.createIndex('audit_events_by_actor').on('audit_events').columns(['actor_sub', 'seq']).execute();
  await db.schema.createIndex('audit_events_by_type').on('audit_events').columns(['type', 'seq']).execute();
}

async function nameActors(db: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<{ actor: string }>`select distinct actor from audit_events`.execute(db);
  for (const { actor } of rows) {
    const { sub } = JSON.parse(actor) as { sub?: string };
    if (sub !== undefined) await sql`update audit_events set actor_sub = ${sub} where actor = ${actor}`.execute(db);
  }
}

async function extendSessions(db: Kysely<unknown>): Promise<void> {
  const end = sql.lit(systemClock() + sessionLifetime);
  await db.schema.alterTable('sessions').addColumn('last_used_at', 'bigint').execute();
  await db.schema.alterTable('sessions').addColumn('expires_at', 'bigint').execute();
  await db.schema.alterTable('sessions').addColumn('tokens_expire_at', 'bigint').execute();
  await db.schema.alterTable('sessions').addColumn('audience', 'text').execute();
  await db.schema.alterTable('sessions').addColumn('user_agent', 'text').execute();
  await db.schema.alterTable('sessions').addColumn('address', 'text').execute();
  const newest = (column: string) => sql`(select max(${sql.ref(column)}) from refresh_tokens
    where session_id = sessions.id)`;
  await sql`update sessions set expires_at = ${end}, last_used_at = coalesce(${newest('issued_at')}, created_at),
    tokens_expire_at = case when coalesce(${newest('expires_at')}, created_at) < ${end}
      then coalesce(${newest('expires_at')}, created_at) else ${end} end`.execute(db);
  await db.schema.createIndex('sessions_by_address').on('sessions').columns(['user_id', 'address']).execute();
  await db.schema.createIndex('sessions_by_client').on('sessions').column('client_id').execute();
  await db.schema.alterTable('refresh_tokens').addColumn('sealed_successor', 'text').execute();
  // One for each family at most, however many tokens it has had.
  await db.schema
    .createIndex('refresh_tokens_used_last')
    .on('refresh_tokens')
    .column('session_id')
    .where(sql.ref('sealed_successor'), 'is not', null)
    .execute();
}

async function extendClients(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('client_secrets')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('client_id', 'text', (column) => column.notNull().references('clients.id').onDelete('cascade'))
    .addColumn('hash', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('last_used_at', 'bigint')
    .execute();
  await db.schema.createIndex('client_secrets_by_client').on('client_secrets').column('client_id').execute();
  const { rows } = await sql<{ id: string; secret_hash: string; created_at: number }>`
    select id, secret_hash, created_at from clients`.execute(db);
  for (const { id, secret_hash: hash, created_at: createdAt } of rows) {
    await sql`insert into client_secrets (id, client_id, hash, created_at)
      values (${newId('sec_')}, ${id}, ${hash}, ${createdAt})`.execute(db);
  }
  await db.schema.alterTable('clients').addColumn('token_endpoint_auth_method', 'text').execute();
  await db.schema.alterTable('clients').addColumn('grant_types', 'text').execute();
  await db.schema.alterTable('clients').addColumn('audiences', 'text').execute();
  await db.schema.alterTable('clients').addColumn('access_token_lifetime', 'integer').execute();
  await db.schema.alterTable('clients').addColumn('jwks', 'text').execute();
  await db.schema.alterTable('clients').addColumn('jwks_uri', 'text').execute();
  await db.schema.alterTable('clients').addColumn('updated_at', 'bigint').execute();
  // Until now every client could use the password grant: those that did keep it.
  await sql`update clients set token_endpoint_auth_method = 'client_secret_basic', audiences = '[]',
    updated_at = created_at, grant_types = case
      when exists (select 1 from sessions where client_id = clients.id)
      then '["client_credentials","password","refresh_token"]' else '["client_credentials"]' end`.execute(db);
  await db.schema.alterTable('clients').dropColumn('secret_hash').execute();
  await db.schema.createIndex('clients_by_age').on('clients').columns(['created_at', 'id']).execute();
}
