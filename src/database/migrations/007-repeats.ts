import type { Kysely } from 'kysely';

/**
 * What sessions remember of refreshes that were repeated. Servers of the version before go on meanwhile: they leave it as
 * it is, and what they rotate is counted afterwards, by the tokens that they issued.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('sessions').addColumn('repeated_elsewhere', 'integer').execute();
  await db.schema.alterTable('sessions').addColumn('repeats_counted_to', 'bigint').execute();
  await db.schema.alterTable('sessions').addColumn('repeat_told_at', 'bigint').execute();
}
