import { Unavailable } from '../../unavailable.ts';
import { ForeignKeyViolation, UniqueViolation } from '../faults.ts';

/** Primary result codes of SQLite that pass: busy, locked, read-only, I/O error, disk full, cannot open. */
const passingFaults = new Set([5, 6, 8, 10, 13, 14]);

/** SQLITE_CONSTRAINT_UNIQUE, SQLITE_CONSTRAINT_PRIMARYKEY; SQLITE_CONSTRAINT_FOREIGNKEY. */
const uniqueViolations = new Set([2067, 1555]);
const foreignKeyViolation = 787;

/** Runs a statement; a fault of the database that may pass becomes `Unavailable`. */
export function guard<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw translated(error);
  }
}

function translated(error: unknown): unknown {
  const { errcode } = error as { errcode?: number };
  if (errcode === undefined) return error;
  if (uniqueViolations.has(errcode)) return new UniqueViolation('A row is not unique.', { cause: error });
  if (errcode === foreignKeyViolation) return new ForeignKeyViolation('A row is not there.', { cause: error });
  if (!passingFaults.has(errcode & 0xff)) return error;
  return new Unavailable('The database is unavailable.', { cause: error });
}

/** Whether another process holds the lock that a statement needs (SQLITE_BUSY). */
export function isBusy(error: unknown): boolean {
  const { errcode } = ((error as { cause?: unknown }).cause ?? {}) as { errcode?: number };
  return error instanceof Unavailable && errcode !== undefined && (errcode & 0xff) === 5;
}
