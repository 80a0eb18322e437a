import { sql } from 'kysely';
import type { ReadByIndex } from '../engine.ts';
import type { Database } from '../schema.ts';

/**
 * Where most rows have a value, PostgreSQL takes a walk through all of them by `seq` for the shortest way to those that have
 * it; where it believes that few have, it sorts them. Its statistics are old when that matters. So entries are compared as
 * a whole, which leaves one index that has their order, and sorting is what comes last.
 */
export function readByIndex(db: Database): ReadByIndex {
  return (work) =>
    db
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute(async (trx) => {
        await sql`set local enable_sort = off`.execute(trx);
        return work({
          db: trx,
          entriesOf: (column, value, { first, last }) =>
            sql`(${sql.ref(column)}, seq) >= (${value}, ${first}) and (${sql.ref(column)}, seq) <= (${value}, ${last})`,
        });
      });
}
