import { printable } from '../terminal.ts';
import type { MovedTable, Row } from './moved-tables.ts';

/** Of a value, so many characters are enough to find its row by. */
const longest = 100;

/** Which row it is, for whoever has to find it: `the row of signing_keys whose place is 3`. */
export function nameRow(
  { name, key }: Pick<MovedTable, 'name' | 'key'>,
  row: Readonly<Record<string, unknown>>,
): string {
  const values = key.map((column) => `${column} is ${literal(row[column])}`);
  return `the row of ${name} whose ${values.join(' and whose ')}`;
}

/** Whether SQLite has in it what no column is for, and PostgreSQL makes something else of. */
export function isOdd(row: Row): boolean {
  return Object.values<unknown>(row).some((value) => value !== null && !['string', 'number'].includes(typeof value));
}

/** As SQL has it, but for control characters, and cut. */
function literal(value: unknown): string {
  if (value instanceof Uint8Array) return `x'${cut(Buffer.from(value).toString('hex'))}'`;
  return typeof value === 'string' ? `'${printable(cut(value))}'` : String(value);
}

function cut(text: string): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
