/**
 * The schema's history, forward only, one file for each step. A migration that has been released is never changed.
 *
 * Servers of the version before go on while a new one migrates, so from 004 on a step only adds: tables, indexes that are
 * not unique, columns that may be null or have a default. What it makes superfluous is left alone, and written as before,
 * until a step of a later release, which nobody of the version before that uses any more, takes it away: such a step says
 * by `contracts` which one it ends. `test/unit/database/migrations.test.ts` holds this.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Migration } from 'kysely/migration';
import type { Engine } from './engine.ts';
import * as accountsTokensKeys from './migrations/001-accounts-tokens-keys.ts';
import * as whatKeysSignedAndAudit from './migrations/002-what-keys-signed-and-audit.ts';
import * as sessionsClientsLimits from './migrations/003-sessions-clients-limits.ts';
import * as replicas from './migrations/004-replicas.ts';
import * as factsMacs from './migrations/005-facts-macs.ts';
import { type SchemaState, readSchemaState, refuseAhead } from './schema-state.ts';
import type { Database } from './schema.ts';

type Step = {
  readonly up: Migration['up'];
  /** The name of the earlier migration that this one is the second half of. */
  readonly contracts?: string;
};

export const migrations: Readonly<Record<string, Step>> = {
  '001-accounts-tokens-keys': accountsTokensKeys,
  '002-what-keys-signed-and-audit': whatKeysSignedAndAudit,
  '003-sessions-clients-limits': sessionsClientsLimits,
  '004-replicas': replicas,
  '005-facts-macs': factsMacs,
};

/** How often, and how many milliseconds apart, tables are tried that others have locked. */
const mostTries = 20;
const pause = 1000;

export function schemaState(engine: Pick<Engine, 'db' | 'upkeep'>): Promise<SchemaState> {
  return readSchemaState(engine.db, engine.upkeep, Object.keys(migrations));
}

/**
 * Brings the schema up to date, in one transaction; returns the names of the migrations that it took. Any number of
 * processes may do so at once. Throws for a database that is ahead of this code.
 */
export async function migrate(engine: Pick<Engine, 'db' | 'upkeep' | 'withoutHurry'>): Promise<string[]> {
  const state = await schemaState(engine);
  refuseAhead(state);
  if (state.pending.length === 0) return [];
  for (let tries = 1; ; tries += 1) {
    try {
      return await engine.withoutHurry((db) => db.transaction().execute((trx) => bringUp(trx, engine)));
    } catch (error) {
      if (!engine.upkeep.isLocked(error) || tries === mostTries) throw error;
      await sleep(pause * (0.5 + Math.random()));
    }
  }
}

async function bringUp(trx: Database, { upkeep }: Pick<Engine, 'upkeep'>): Promise<string[]> {
  await upkeep.lockSchema(trx);
  // Somebody else may have been faster.
  const state = await schemaState({ db: trx, upkeep });
  refuseAhead(state);
  await trx.schema
    .createTable('kysely_migration')
    .ifNotExists()
    .addColumn('name', 'varchar(255)', (column) => column.notNull().primaryKey())
    .addColumn('timestamp', 'varchar(255)', (column) => column.notNull())
    .execute();
  for (const name of state.pending) {
    await migrations[name]?.up(trx);
    await trx.insertInto('kysely_migration').values({ name, timestamp: new Date().toISOString() }).execute();
  }
  return [...state.pending];
}
