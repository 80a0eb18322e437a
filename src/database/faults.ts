import { Unavailable } from '../unavailable.ts';

/** Primary result codes of SQLite that pass: busy, locked, read-only, I/O error, disk full, cannot open. */
const passingFaults = new Set([5, 6, 8, 10, 13, 14]);

/** Runs a statement; a fault of the database that may pass becomes `Unavailable`. */
export function guard<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    const { errcode } = error as { errcode?: number };
    if (errcode === undefined || !passingFaults.has(errcode & 0xff)) throw error;
    throw new Unavailable('The database is unavailable.', { cause: error });
  }
}

/** Whether another process holds the lock that a statement needs (SQLITE_BUSY). */
export function isBusy(error: unknown): boolean {
  const { errcode } = ((error as { cause?: unknown }).cause ?? {}) as { errcode?: number };
  return error instanceof Unavailable && errcode !== undefined && (errcode & 0xff) === 5;
}

/** Whether a statement broke a UNIQUE constraint (SQLITE_CONSTRAINT_UNIQUE, SQLITE_CONSTRAINT_PRIMARYKEY). */
export function isUniqueViolation(error: unknown): boolean {
  const { errcode } = error as { errcode?: number };
  return errcode === 2067 || errcode === 1555;
}
