import { nameOf } from '../../src/keys/immutable-facts.ts';
import { type RowName, tables } from '../../src/keys/row-name.ts';

/** Whoever can write to the database can make any number of rows: so many of a kind are named, and the others counted. */
export const mostRows = 20;

/** Rows by their kids, with the table of those that are not signing keys. */
export function listRows(rows: readonly RowName[]): string {
  const names = rows.map(({ of, kid }) => (of === 'signing' ? nameOf(kid) : `${nameOf(kid)} (in ${tables[of]})`));
  const all = [...new Set(names)];
  const more = all.length - mostRows;
  return [...all.slice(0, mostRows), ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
}
