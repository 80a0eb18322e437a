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
import type { Engine } from '../engine.ts';
import * as accountsTokensKeys from './001-accounts-tokens-keys.ts';
import * as whatKeysSignedAndAudit from './002-what-keys-signed-and-audit.ts';
import * as sessionsClientsLimits from './003-sessions-clients-limits.ts';
import * as replicas from './004-replicas.ts';
import * as generations from './005-generations.ts';
import * as liveSessions from './006-live-sessions.ts';
import * as repeats from './007-repeats.ts';
import * as auditByMoment from './008-audit-by-moment.ts';
import * as keys from './009-keys.ts';
import * as sessionCredentials from './010-session-credentials.ts';
import * as firstRows from './011-first-rows.ts';
import { type SchemaState, readSchemaState, refuseAhead } from './schema-state.ts';
import type { Database } from '../schema.ts';
import type { Upkeep } from '../upkeep.ts';

/** What a step needs to know of where it is carried out. */
export type How = {
  readonly upkeep: Pick<Upkeep, 'inheritOnInsert' | 'buildIndex' | 'dropReference'>;
  /** Whether indexes are built while others write, which PostgreSQL does outside of transactions alone. */
  readonly concurrently: boolean;
};

type Step = {
  readonly up: (db: Parameters<Migration['up']>[0], how: How) => Promise<void>;
  /**
   * It builds indexes and does nothing else, as often as it is begun: outside of the transaction, where the kind of database
   * can build them while others write. In the others, and where the schema is made, it is a step as any other.
   */
  readonly isAside?: boolean;
  /** The name of the earlier migration that this one is the second half of. */
  readonly contracts?: string;
};

export const migrations: Readonly<Record<string, Step>> = {
  '001-accounts-tokens-keys': accountsTokensKeys,
  '002-what-keys-signed-and-audit': whatKeysSignedAndAudit,
  '003-sessions-clients-limits': sessionsClientsLimits,
  '004-replicas': replicas,
  '005-generations': generations,
  '006-live-sessions': liveSessions,
  '007-repeats': repeats,
  '008-audit-by-moment': auditByMoment,
  '009-keys': keys,
  '010-session-credentials': sessionCredentials,
  '011-first-rows': firstRows,
};

/** How often, and how many milliseconds apart, tables are tried that others have locked. */
const mostTries = 20;
const pause = 1000;

export function schemaState(engine: Pick<Engine, 'db' | 'upkeep'>): Promise<SchemaState> {
  return readSchemaState(engine.db, engine.upkeep, Object.keys(migrations));
}

/**
 * Brings the schema up to date, in one transaction but for steps that are carried out aside; returns the names of the
 * migrations that it took. Any number of processes may do so at once. Throws for a database that is ahead of this code.
 */
export async function migrate(engine: Pick<Engine, 'db' | 'upkeep' | 'withoutHurry'>): Promise<string[]> {
  const taken: string[] = [];
  for (;;) {
    const state = await schemaState(engine);
    refuseAhead(state);
    const [next] = state.pending;
    if (next === undefined) return taken;
    const take = isAside(next, state, engine) ? () => buildAside(next, engine) : () => bringUp(engine);
    taken.push(...(await patiently(engine, take)));
  }
}

/** Where there is no schema yet, nobody writes either. */
function isAside(name: string, { applied }: SchemaState, { upkeep }: Pick<Engine, 'upkeep'>): boolean {
  return migrations[name]?.isAside === true && upkeep.tryLockAside !== null && applied.length > 0;
}

/** Begins anew what found a lock in its way. */
async function patiently(
  { upkeep }: Pick<Engine, 'upkeep'>,
  take: () => Promise<readonly string[]>,
): Promise<readonly string[]> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await take();
    } catch (error) {
      if (!upkeep.isLocked(error) || tries === mostTries) throw error;
      await sleep(pause * (0.5 + Math.random()));
    }
  }
}

function bringUp(engine: Pick<Engine, 'upkeep' | 'withoutHurry'>): Promise<string[]> {
  return engine.withoutHurry((db) => db.transaction().execute((trx) => bringUpIn(trx, engine)));
}

async function bringUpIn(trx: Database, { upkeep }: Pick<Engine, 'upkeep'>): Promise<string[]> {
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
  const firstAside = state.pending.findIndex((name) => isAside(name, state, { upkeep }));
  const taken = firstAside < 0 ? state.pending : state.pending.slice(0, firstAside);
  for (const name of taken) {
    await migrations[name]?.up(trx, { upkeep, concurrently: false });
    await note(trx, name);
  }
  return [...taken];
}

/**
 * One process builds, under a lock that another connection holds; the others look again until it has. Nobody waits for that
 * lock: PostgreSQL would wait for them in its turn, since they might see what is not indexed yet (PostgreSQL, CREATE INDEX).
 */
async function buildAside(
  name: string,
  { upkeep, withoutHurry }: Pick<Engine, 'upkeep' | 'withoutHurry'>,
): Promise<string[]> {
  // Both connections may take their time: the one that holds the lock does nothing meanwhile.
  const outcome = await withoutHurry((holder) =>
    holder
      .transaction()
      .setIsolationLevel('read committed')
      .execute(async (trx) => {
        if ((await upkeep.tryLockAside?.(trx)) !== true) return 'busy';
        if (!(await schemaState({ db: trx, upkeep })).pending.includes(name)) return 'built-by-another';
        await withoutHurry(async (patient) => {
          await migrations[name]?.up(patient, { upkeep, concurrently: true });
          await note(patient, name);
        });
        return 'built';
      }),
  );
  if (outcome === 'busy') await sleep(pause * (0.5 + Math.random()));
  return outcome === 'built' ? [name] : [];
}

async function note(db: Database, name: string): Promise<void> {
  await db.insertInto('kysely_migration').values({ name, timestamp: new Date().toISOString() }).execute();
}
