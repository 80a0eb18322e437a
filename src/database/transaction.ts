import { TransactionConflict } from './faults.ts';
import type { Database } from './schema.ts';

/** How often a transaction is begun that others keep getting in the way of. */
const mostTries = 5;

/**
 * Runs `work` as one transaction. PostgreSQL rolls one of two back that wait for each other; that one is begun again, so
 * `work` must have no effect but on `trx`.
 *
 * Each statement sees what was committed before it, also by whom it waited for, and a row that it waited for as it is then
 * (PostgreSQL, 13.2.1); what is to stay true until the end has to be locked. Said here, since an operator may have made
 * another level the usual one, at which who has waited for its turn would look at what was before.
 */
export async function inTransaction<T>(db: Database, work: (trx: Database) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await db.transaction().setIsolationLevel('read committed').execute(work);
    } catch (error) {
      if (!(error instanceof TransactionConflict) || tries === mostTries) throw error;
    }
  }
}
