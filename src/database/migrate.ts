/** The schema's history, forward only, one file for each step. A migration that has been released is never changed. */
import { type Migration, Migrator } from 'kysely/migration';
import * as accountsTokensKeys from './migrations/001-accounts-tokens-keys.ts';
import * as whatKeysSignedAndAudit from './migrations/002-what-keys-signed-and-audit.ts';
import * as sessionsClientsLimits from './migrations/003-sessions-clients-limits.ts';
import type { Database } from './schema.ts';

const migrations: Record<string, Migration> = {
  '001-accounts-tokens-keys': accountsTokensKeys,
  '002-what-keys-signed-and-audit': whatKeysSignedAndAudit,
  '003-sessions-clients-limits': sessionsClientsLimits,
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
