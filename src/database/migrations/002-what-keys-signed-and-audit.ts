import { type Kysely, sql } from 'kysely';
import { systemClock } from '../../clock.ts';

export async function up(db: Kysely<unknown>): Promise<void> {
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
}
