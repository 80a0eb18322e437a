import type { Kysely } from 'kysely';

/**
 * Adds a MAC of the facts of each key that never change. Null for what servers of the version before have made, and go on making:
 * a server of this version gives those theirs. Whether that has begun is not written down where somebody could take it back: the
 * private parts that this version seals say so (`keys/keyring/trust.ts`).
 *
 * Adds what is left of revoked keys when their rows are removed, which servers of the version before never do.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('signing_keys').addColumn('facts_mac', 'text').execute();
  await db.schema.alterTable('verify_only_keys').addColumn('facts_mac', 'text').execute();
  await db.schema
    .createTable('revoked_keys')
    .addColumn('kid', 'text', (column) => column.primaryKey())
    .addColumn('thumbprint', 'text')
    .addColumn('revoked_at', 'bigint', (column) => column.notNull())
    .execute();
}
