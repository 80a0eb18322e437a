import type { Kysely } from 'kysely';
import type { How } from './migrate.ts';

/**
 * Adds what ends all sessions of an account by one small write, and what is left of an account until everything of it is gone.
 * What refers to a client without end, the assertions that it has used, does not any more: they expire by themselves.
 */
export async function up(db: Kysely<unknown>, { upkeep }: How): Promise<void> {
  await db.schema
    .alterTable('users')
    .addColumn('session_generation', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute();
  await db.schema.alterTable('users').addColumn('deleted_at', 'bigint').execute();
  await upkeep.dropReference(db, usedAssertions);
  // Null in what there is already, which stands for 0: as many rows as there may be, none of them is written.
  await db.schema.alterTable('sessions').addColumn('user_generation', 'bigint').execute();
  // Servers of the version before do not say it of the sessions that they begin.
  await upkeep.inheritOnInsert(db, generationOfSession);
  await db.schema
    .createTable('session_endings')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('user_id', 'text')
    .addColumn('generation', 'bigint')
    .addColumn('client_id', 'text')
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('actor', 'text', (column) => column.notNull())
    .addColumn('reason', 'text')
    .addColumn('address', 'text')
    .addColumn('detail', 'text')
    .execute();
}

const generationOfSession = {
  table: 'sessions',
  column: 'user_generation',
  reference: 'user_id',
  parent: 'users',
  from: 'session_generation',
};

const usedAssertions = {
  table: 'used_assertions',
  column: 'client_id',
  without: (db: Kysely<unknown>, name: string) =>
    db.schema
      .createTable(name)
      .addColumn('client_id', 'text', (column) => column.notNull())
      .addColumn('jti', 'text', (column) => column.notNull())
      .addColumn('expires_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('used_assertions_once', ['client_id', 'jti']),
  index: { name: 'used_assertions_by_expiry', column: 'expires_at' },
};
