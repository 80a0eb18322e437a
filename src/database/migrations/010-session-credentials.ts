import type { Kysely } from 'kysely';

/**
 * The secret or key that a client authenticated with when a session last got tokens. Null for public clients, and where a
 * server of the version before began the session: it goes on meanwhile, and leaves the column as it is.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('sessions').addColumn('client_credential_id', 'text').execute();
}
