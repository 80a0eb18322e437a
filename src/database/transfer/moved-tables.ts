import { createHash } from 'node:crypto';
import { type RawBuilder, sql } from 'kysely';
import { Unavailable } from '../../unavailable.ts';
import { bytesOf, findMisread, mayBeMisread } from './misread-text.ts';
import { columnsOfBytes, isOdd, nameRow } from './odd-row.ts';
import type { Database, Tables } from '../schema.ts';
import type { Upkeep } from '../upkeep.ts';

/** A table to move: `key` tells its rows apart and puts them in order, `numbers` is the column that numbers them. */
export type MovedTable = {
  readonly name: Exclude<keyof Tables, 'turns' | 'kysely_migration'>;
  readonly key: readonly string[];
  readonly numbers?: string;
  /** What null stands for in a column, where a row that is inserted with null would get something else. */
  readonly insteadOfNull?: Readonly<Record<string, number>>;
};

/** All that is moved; what others refer to comes before them. */
export const movedTables: readonly MovedTable[] = [
  { name: 'users', key: ['id'] },
  { name: 'clients', key: ['id'] },
  { name: 'client_secrets', key: ['id'] },
  { name: 'used_assertions', key: ['client_id', 'jti'] },
  { name: 'sessions', key: ['id'], insteadOfNull: { user_generation: 0 } },
  { name: 'session_endings', key: ['id'] },
  { name: 'refresh_tokens', key: ['hash'] },
  { name: 'revoked_tokens', key: ['jti'] },
  { name: 'rate_limits', key: ['key'] },
  { name: 'signing_keys', key: ['place'], numbers: 'place' },
  { name: 'verify_only_keys', key: ['kid'] },
  { name: 'revoked_keys', key: ['kid'] },
  { name: 'audit_events', key: ['seq'], numbers: 'seq' },
];

/** Integers that are no number of JavaScript are bigints. */
export type Row = Readonly<Record<string, string | number | bigint | null>>;

/** How many rows there are, a digest of all that is in them, and the first with a value that no column is for. */
export type Contents = { readonly rows: number; readonly digest: string; readonly odd: Row | null };

/** Rows that are in memory at a time. */
const atOnce = 500;

export async function countRows(db: Database, { name }: MovedTable): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from ${sql.table(name)}`.execute(db);
  return rows[0]?.count ?? 0;
}

/** In a transaction. When the database does not take them all, throws with the name of the first that it does not take. */
export async function writeRows(
  { db, upkeep }: { db: Database; upkeep: Upkeep },
  table: MovedTable,
  rows: readonly Row[],
): Promise<void> {
  if (!upkeep.takesAnyValue) refuseBytes(table, rows);
  const fault = await tryRows(db, table, rows);
  if (fault === null) return;
  for (const row of rows) {
    const reason = await tryRows(db, table, [row]);
    if (reason !== null) throw new Error(`it does not take ${nameRow(table, row)}: ${reason.message}`);
  }
  throw fault;
}

/** PostgreSQL would take bytes for what it sends a number as, and some of them for a fault of the connection. */
function refuseBytes(table: MovedTable, rows: readonly Row[]): void {
  for (const row of rows) {
    const columns = columnsOfBytes(row);
    if (columns.length > 0)
      throw new Error(`it does not take ${nameRow(table, row)}: it has bytes in ${columns.join(', ')}`);
  }
}

/** Why they cannot be written; the transaction goes on without them. */
async function tryRows(db: Database, { name }: MovedTable, rows: readonly Row[]): Promise<Error | null> {
  await sql`savepoint rows`.execute(db);
  try {
    // What the columns are, only the two databases know here.
    await db.insertInto(name).values(rows).execute();
  } catch (error) {
    if (error instanceof Unavailable || !(error instanceof Error)) throw error;
    await sql`rollback to savepoint rows`.execute(db);
    return error;
  }
  await sql`release savepoint rows`.execute(db);
  return null;
}

/**
 * Reads every row, in the order of the key, which both kinds of database have the same idea of. Throws with the name of the
 * first that cannot be read as it is.
 */
export async function readTable(
  { db, upkeep }: { db: Database; upkeep: Upkeep },
  table: MovedTable,
  onBatch: (rows: readonly Row[]) => Promise<void>,
): Promise<Contents> {
  const hash = createHash('sha256');
  let count = 0;
  let last: Row | null = null;
  let odd: Row | null = null;
  for (;;) {
    const rows = await readBatch(db, table, last);
    // Before anything is done with them: a key that is misread is not where the next ones begin.
    if (upkeep.takesAnyValue && rows.some(mayBeMisread)) await refuseMisread(db, table, rows, last);
    if (rows.length > 0) await onBatch(rows);
    for (const row of rows) hash.update(`${canonical(row)}\n`);
    odd ??= rows.find(isOdd) ?? null;
    count += rows.length;
    last = rows.at(-1) ?? null;
    if (rows.length < atOnce) return { rows: count, digest: hash.digest('base64url'), odd };
  }
}

async function readBatch(db: Database, table: MovedTable, last: Row | null): Promise<Row[]> {
  const rows = await selectBatch<Row>(db, table, last, sql`*`);
  const { insteadOfNull } = table;
  return insteadOfNull === undefined ? rows : rows.map((row) => withoutNull(row, insteadOfNull));
}

async function refuseMisread(db: Database, table: MovedTable, rows: readonly Row[], last: Row | null): Promise<void> {
  const misread = findMisread(rows, await selectBatch(db, table, last, bytesOf(rows)));
  if (misread === null) return;
  throw new Error(`${nameRow(table, misread.row)} has a text in ${misread.columns.join(', ')} that is not UTF-8`);
}

async function selectBatch<Selected>(
  db: Database,
  { name, key }: MovedTable,
  last: Row | null,
  selected: RawBuilder<unknown>,
): Promise<Selected[]> {
  const columns = sql.join(key.map((each) => sql.ref(each)));
  const values = last === null ? null : sql.join(key.map((each) => last[each]));
  const rest = values === null ? sql`` : sql`where (${columns}) > (${values})`;
  const read = sql<Selected>`
    select ${selected} from ${sql.table(name)} ${rest} order by ${columns} limit ${sql.lit(atOnce)}`;
  return (await read.execute(db)).rows;
}

function withoutNull(row: Row, instead: Readonly<Record<string, number>>): Row {
  return { ...row, ...Object.fromEntries(Object.entries(instead).map(([name, value]) => [name, row[name] ?? value])) };
}

/** The columns may be in another order where the table was made in other steps. */
function canonical(row: Row): string {
  const columns = Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(columns, (_, value: unknown) =>
    typeof value === 'bigint' ? { integer: String(value) } : value,
  );
}

/** Numbers that rows once had are not given again, even if those rows have gone. */
export async function moveNumbers(
  source: { db: Database; upkeep: Upkeep },
  target: { db: Database; upkeep: Upkeep },
): Promise<void> {
  for (const { name, numbers } of movedTables) {
    if (numbers === undefined) continue;
    await target.upkeep.numberFrom(target.db, name, numbers, await source.upkeep.lastNumber(source.db, name, numbers));
  }
}
