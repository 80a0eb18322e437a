import { printable } from '../terminal.ts';
import type { MovedTable, Row } from './moved-tables.ts';

/** Of a value, so many characters or bytes are enough to find its row by. */
const longest = 100;

/** Which row it is, for whoever has to find it: `the row of signing_keys whose place is 3`. */
export function nameRow(
  { name, key }: Pick<MovedTable, 'name' | 'key'>,
  row: Readonly<Record<string, unknown>>,
): string {
  const values = key.map((column) => `${column} ${compare(row[column])}`);
  return `the row of ${name} whose ${values.join(' and whose ')}`;
}

/** Whether SQLite has in it what no column is for, and PostgreSQL makes something else of. */
export function isOdd(row: Row): boolean {
  return Object.values<unknown>(row).some((value) => value !== null && !['string', 'number'].includes(typeof value));
}

/** As SQL has it, but for control characters. What is long is named by its beginning. */
function compare(value: unknown): string {
  if (value instanceof Uint8Array) return describe(value, (part) => `x'${Buffer.from(part).toString('hex')}'`);
  return typeof value === 'string' ? describe(value, (part) => `'${printable(part)}'`) : `is ${String(value)}`;
}

function describe<T extends string | Uint8Array>(value: T, write: (part: T) => string): string {
  const isLong = value.length > longest;
  return isLong ? `begins with ${write(value.slice(0, longest) as T)}` : `is ${write(value)}`;
}
