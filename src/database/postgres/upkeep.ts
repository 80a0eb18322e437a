import { type Kysely, sql } from 'kysely';
import { Unavailable } from '../../unavailable.ts';
import type { Database } from '../schema.ts';
import type { Upkeep } from '../upkeep.ts';
import { TransactionConflict } from '../faults.ts';
import type { PostgresFault } from './faults.ts';

/** The advisory lock of whoever changes the schema. Of no meaning, but not to be changed: versions must agree on it. */
const schemaLock = 7_846_371_201_554_001;

/** That of whoever builds indexes while others write. */
const asideLock = 7_846_371_201_554_002;

/** Milliseconds for which a migration waits for a table, and all who come after it with it. */
const patience = 2000;

/** lock_not_available. */
const lockNotAvailable = '55P03';

export const postgresUpkeep: Upkeep = {
  async hasHistory(db) {
    const { rows } = await sql<{ encoding: string; known: boolean }>`select
      current_setting('server_encoding') as encoding, to_regclass('kysely_migration') is not null as known`.execute(db);
    const { encoding, known } = rows[0] ?? { encoding: '', known: false };
    if (encoding === 'UTF8') return known;
    throw new Error(
      `its encoding is ${encoding}, and must be UTF8: create database … encoding 'UTF8' template template0`,
    );
  },
  async lockSchema(trx) {
    // It ends with the transaction, so also where the connection is lost, or shared by way of a pooler.
    await sql`select pg_advisory_xact_lock(${sql.lit(schemaLock)})`.execute(trx);
    await sql`set local lock_timeout = ${sql.lit(patience)}`.execute(trx);
  },
  async tryLockAside(trx) {
    // For as long as it takes, with nothing in sight that the build would have to wait for.
    await sql`set local idle_in_transaction_session_timeout = 0`.execute(trx);
    const { rows } = await sql<{ got: boolean }>`
      select pg_try_advisory_xact_lock(${sql.lit(asideLock)}) as got`.execute(trx);
    if (rows[0]?.got !== true) return false;
    // A process that was killed may have left one behind, which goes on.
    const builds = await sql`select 1 from pg_stat_progress_create_index where datname = current_database()`.execute(
      trx,
    );
    return builds.rows.length === 0;
  },
  async buildIndex(db, { name, on, concurrently }) {
    if (!concurrently) {
      await sql`create index ${sql.ref(name)} on ${on}`.execute(db);
      return;
    }
    // What a role or a database has for statements that serve requests.
    await sql`set statement_timeout = 0`.execute(db);
    await sql`set lock_timeout = 0`.execute(db);
    if (await isValid(db, name)) return;
    await sql`drop index concurrently if exists ${sql.ref(name)}`.execute(db);
    await sql`create index concurrently ${sql.ref(name)} on ${on}`.execute(db);
  },
  async dropReference(db, { table, column }) {
    await db.schema.alterTable(table).dropConstraint(`${table}_${column}_fkey`).execute();
  },
  async inheritOnInsert(db, { table, column, reference, parent, from }) {
    const name = `${table}_inherit_${column}`;
    await sql`create function ${sql.ref(name)}() returns trigger language plpgsql set search_path from current as ${sql.lit(`begin
      if new.${column} is null then
        select ${from} into new.${column} from ${parent} where id = new.${reference};
      end if;
      return new;
    end`)}`.execute(db);
    await sql`create trigger ${sql.ref(name)} before insert on ${sql.table(table)}
      for each row execute function ${sql.ref(name)}()`.execute(db);
  },
  isLocked(error) {
    if (error instanceof TransactionConflict) return true;
    return error instanceof Unavailable && (error.cause as PostgresFault | undefined)?.code === lockNotAvailable;
  },
  skipLocked: 'for update skip locked',
  async lockTables(trx, tables) {
    await sql`lock table ${sql.join(tables.map((table) => sql.table(table)))} in exclusive mode`.execute(trx);
  },
  async lastNumber(db, table, column) {
    const { rows } = await sql<{ last: string | null }>`
      select pg_sequence_last_value(pg_get_serial_sequence(${table}, ${column})::regclass)::text as last`.execute(db);
    return BigInt(rows[0]?.last ?? 0);
  },
  async numberFrom(trx, table, column, number) {
    const last = await postgresUpkeep.lastNumber(trx, table, column);
    if (number <= last) return;
    await sql`select setval(pg_get_serial_sequence(${table}, ${column}), ${sql.lit(number)})`.execute(trx);
  },
  takesAnyValue: false,
  isInService: () => Promise.resolve(true),
  async watchUse(db) {
    const before = await countOthers(db);
    return async () => before + (await countOthers(db)) > 0;
  },
  async now(db) {
    const { rows } = await sql<{ now: number }>`select floor(extract(epoch from now()))::bigint as now`.execute(db);
    return rows[0]?.now ?? null;
  },
};

async function isValid(db: Kysely<unknown>, name: string): Promise<boolean> {
  const { rows } = await sql<{ valid: boolean }>`
    select indisvalid as valid from pg_index where indexrelid = to_regclass(${name})`.execute(db);
  return rows[0]?.valid === true;
}

/** Connections of other processes, as far as the role may see what they are. */
async function countOthers(db: Database): Promise<number> {
  const { rows } = await sql<{ others: number }>`select count(*) as others from pg_stat_activity
    where datname = current_database() and application_name = current_setting('application_name') and pid <> pg_backend_pid()`.execute(
    db,
  );
  return rows[0]?.others ?? 0;
}
