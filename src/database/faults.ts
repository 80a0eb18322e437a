/** What the stores can tell apart among the errors of a database, whichever it is: its dialect makes these of its own. */

import { Unavailable } from '../unavailable.ts';

/** A statement broke a UNIQUE constraint. */
export class UniqueViolation extends Error {
  override readonly name = 'UniqueViolation';
}

/** A statement referred to a row that is not there, or not any more. */
export class ForeignKeyViolation extends Error {
  override readonly name = 'ForeignKeyViolation';
}

export function isUniqueViolation(error: unknown): boolean {
  return error instanceof UniqueViolation;
}

/** Two transactions got in each other's way, and this one was rolled back: it may be tried again from its beginning. */
export class TransactionConflict extends Unavailable {
  override name = 'TransactionConflict';
}
