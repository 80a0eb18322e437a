import type { Kysely } from 'kysely';

/**
 * What the client showed when a session last got tokens. Null where it need not show anything, and of sessions of servers of
 * the version before, which go on meanwhile: those stay as they were.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('sessions').addColumn('client_credential_id', 'text').execute();
}
