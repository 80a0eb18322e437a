import { type Kysely, sql } from 'kysely';

/** Adds, and changes nothing: servers of the version before go on meanwhile. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('turns')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .execute();
  await sql`insert into turns (name) values ('administration'), ('keys')`.execute(db);
  await db.schema.createIndex('sessions_by_last_token').on('sessions').column('tokens_expire_at').execute();
  // What has not been used goes with its session, and would be in the way of the look for what has expired.
  await db.schema
    .createIndex('refresh_tokens_by_expiry')
    .on('refresh_tokens')
    .column('expires_at')
    .where(sql.ref('used_at'), 'is not', null)
    .execute();
  await db.schema.createIndex('revoked_tokens_by_expiry').on('revoked_tokens').column('expires_at').execute();
}
