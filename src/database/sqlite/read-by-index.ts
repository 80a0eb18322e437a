import { sql } from 'kysely';
import type { ReadByIndex } from '../engine.ts';
import type { Database } from '../schema.ts';

/**
 * Of `(column, seq)` compared as a whole SQLite finds the column alone in the index, since `seq` is the number of the row. An equality
 * leads to both. Statistics, if somebody made any, could have it go by the number of the row in spite of that.
 */
export function readByIndex(db: Database): ReadByIndex {
  return (work) =>
    work({
      db,
      entriesOf: (column, value, { first, last }) =>
        sql`likelihood(${sql.ref(column)} = ${value}, 0.0001) and seq between ${first} and ${last}`,
    });
}
