import { printable } from '../../terminal.ts';
import type { MovedTable, Row } from './moved-tables.ts';

/** So many characters, or bytes, of a value are enough to find its row. */
const longest = 100;

/** Which row it is, for whoever has to find it: `the row of signing_keys whose place is 3`. */
export function nameRow(
  { name, key }: Pick<MovedTable, 'name' | 'key'>,
  row: Readonly<Record<string, unknown>>,
): string {
  const values = key.map((column) => `${column} ${conditionOf(row[column])}`);
  return `the row of ${name} whose ${values.join(' and whose ')}`;
}

/** The columns that have bytes in `row`: no column is for those. */
export function columnsOfBytes(row: Row): string[] {
  return Object.keys(row).filter((column) => (row as Readonly<Record<string, unknown>>)[column] instanceof Uint8Array);
}

/** Whether SQLite has in it what no column is for, and PostgreSQL makes something else of. */
export function isOdd(row: Row): boolean {
  return Object.values<unknown>(row).some((value) => value !== null && !['string', 'number'].includes(typeof value));
}

/** As SQL has it: what a terminal would not show as it is, by its bytes. What is long is named by its beginning. */
function conditionOf(value: unknown): string {
  if (!(value instanceof Uint8Array) && typeof value !== 'string') return `is ${String(value)}`;
  if (value.length <= longest) return `is ${literal(value)}`;
  // Half a character is no text.
  const part = value.slice(0, longest);
  return `begins with ${literal(typeof part === 'string' ? part.replace(/[\uD800-\uDBFF]$/, '') : part)}`;
}

function literal(value: string | Uint8Array): string {
  if (typeof value !== 'string' || printable(value) !== value) return `x'${Buffer.from(value).toString('hex')}'`;
  return `'${value.replaceAll("'", "''")}'`;
}
