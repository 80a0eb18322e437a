/** Finds texts of SQLite that are not UTF-8: such bytes are read as U+FFFD, but a text may also have one of its own. */
import { type RawBuilder, sql } from 'kysely';
import type { Row } from './moved-tables.ts';

const replacement = '\uFFFD';

/** Keeps the bytes of a column apart from the column, which the order of the rows goes by. */
const prefix = 'bytes of ';

export type Bytes = Readonly<Record<string, Uint8Array | null>>;

/** The columns that are not as they were read; in `row`, those have their bytes. */
export type Misread = { readonly row: Readonly<Record<string, unknown>>; readonly columns: readonly string[] };

/** Quick to see; most rows have nothing of the kind. */
export function mayBeMisread(row: Row): boolean {
  return Object.values(row).some(isSuspect);
}

/** What to select, of the same rows, to find out. Lengths would not do: of some faults the text is as long as the bytes. */
export function bytesOf(rows: readonly Row[]): RawBuilder<unknown> {
  const columns = Object.keys(rows[0] ?? {}).filter((name) => rows.some((row) => isSuspect(row[name])));
  return sql.join(columns.map((name) => sql`cast(${sql.ref(name)} as blob) as ${sql.id(prefix + name)}`));
}

/** The first row that was misread, null for none; `bytes` are of the same rows, in the same order. */
export function findMisread(rows: readonly Row[], bytes: readonly Bytes[]): Misread | null {
  for (const [index, row] of rows.entries()) {
    const own = bytes[index] ?? {};
    const columns = Object.keys(row).filter((name) => isMisread(row[name], own[prefix + name]));
    if (columns.length === 0) continue;
    return { row: { ...row, ...Object.fromEntries(columns.map((name) => [name, own[prefix + name]])) }, columns };
  }
  return null;
}

type Value = Row[string] | undefined;

function isMisread(value: Value, bytes: Uint8Array | null | undefined): boolean {
  return isSuspect(value) && !Buffer.from(value).equals(bytes ?? Buffer.of());
}

function isSuspect(value: Value): value is string {
  return typeof value === 'string' && value.includes(replacement);
}
