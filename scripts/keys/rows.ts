import { nameOf } from '../../src/keys/sealing/immutable-facts.ts';
import { mostNamed } from '../../src/keys/keyring/left-out.ts';
import { type RowName, tables } from '../../src/keys/row-name.ts';

/** Rows by their kids, with the table of those that are not signing keys. */
export function listRows(rows: readonly RowName[]): string {
  const names = rows.map(({ of, kid }) => (of === 'signing' ? nameOf(kid) : `${nameOf(kid)} (in ${tables[of]})`));
  const all = [...new Set(names)];
  const more = all.length - mostNamed;
  return [...all.slice(0, mostNamed), ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
}
