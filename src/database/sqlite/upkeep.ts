import { sql } from 'kysely';
import type { Database } from '../schema.ts';
import type { Upkeep } from '../upkeep.ts';
import { isBusy } from './faults.ts';

/** A transaction that writes has the whole file to itself from its beginning. */
export const sqliteUpkeep: Upkeep = {
  async hasHistory(db) {
    const { rows } = await sql`select 1 from sqlite_master where name = 'kysely_migration'`.execute(db);
    return rows.length > 0;
  },
  lockSchema: () => Promise.resolve(),
  tryLockAside: null,
  async buildIndex(db, { name, on }) {
    await sql`create index if not exists ${sql.ref(name)} on ${on}`.execute(db);
  },
  async dropReference(db, { table, without, index }) {
    const made = `${table}_without`;
    await without(db, made).execute();
    await sql`insert into ${sql.table(made)} select * from ${sql.table(table)}`.execute(db);
    await db.schema.dropTable(table).execute();
    await db.schema.alterTable(made).renameTo(table).execute();
    await db.schema.createIndex(index.name).on(table).column(index.column).execute();
  },
  async inheritOnInsert(db, { table, column, reference, parent, from }) {
    const name = `${table}_inherit_${column}`;
    await sql`create trigger ${sql.ref(name)} after insert on ${sql.table(table)} when new.${sql.ref(column)} is null begin
      update ${sql.table(table)} set ${sql.ref(column)} =
        (select ${sql.ref(from)} from ${sql.table(parent)} where id = new.${sql.ref(reference)}) where rowid = new.rowid;
    end`.execute(db);
  },
  isLocked: isBusy,
  skipLocked: '',
  lockTables: () => Promise.resolve(),
  async lastNumber(db, table) {
    const { rows } = await sql<{ seq: string }>`
      select cast(cast(seq as integer) as text) as seq from sqlite_sequence where name = ${table}`.execute(db);
    return BigInt(rows[0]?.seq ?? 0);
  },
  async numberFrom(trx, table, column, number) {
    if (number === 0n) return;
    const last = await sqliteUpkeep.lastNumber(trx, table, column);
    // Nothing makes the name of a table unique there.
    await sql`delete from sqlite_sequence where name = ${table}`.execute(trx);
    await sql`insert into sqlite_sequence (name, seq) values (${table}, ${last > number ? last : number})`.execute(trx);
  },
  takesAnyValue: true,
  /** A server turns the write-ahead log on, a copy has none. */
  async isInService(db) {
    const { rows } = await sql<{ journal_mode: string }>`pragma journal_mode`.execute(db);
    return rows[0]?.journal_mode === 'wal';
  },
  async watchUse(db) {
    const before = await dataVersion(db);
    return async () => (await dataVersion(db)) !== before;
  },
  now: () => Promise.resolve(null),
};

/** Another number whenever another connection has changed the file: https://sqlite.org/pragma.html#pragma_data_version */
export async function dataVersion(db: Database): Promise<number | undefined> {
  const { rows } = await sql<{ data_version: number }>`pragma data_version`.execute(db);
  return rows[0]?.data_version;
}
