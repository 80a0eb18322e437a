import { DatabaseError } from 'pg';
import { Unavailable } from '../../unavailable.ts';
import { ForeignKeyViolation, TransactionConflict, UniqueViolation } from '../faults.ts';

/**
 * Classes of SQLSTATE that pass (PostgreSQL, appendix A): lost connections, refused log-ins, rolled-back transactions,
 * resources that ran out, what an operator did, faults of the system around it.
 */
const passingClasses = new Set(['08', '28', '40', '53', '57', '58']);

/** A lock that could not be had in time, a server that only reads (a standby), a database that is not there. */
const passingFaults = new Set(['55P03', '25006', '3D000']);

/** serialization_failure, deadlock_detected. */
const conflicts = new Set(['40001', '40P01']);

/** Classes whose messages quote values: data exceptions, broken checks, what a function of the database raises. */
const quotingClasses = new Set(['22', '23', 'P0']);

/**
 * What a fault of PostgreSQL is to the stores. The error of the driver quotes rows in `detail`, so of what came from the
 * server only the code is kept, and the message where that quotes no value: errors end up in logs.
 */
export function translated(error: unknown): Error {
  if (error instanceof Unavailable) return error;
  const code = codeOf(error);
  if (!isFromServer(error)) return unavailable(new PostgresFault(code, messageOf(error)));
  const cause = new PostgresFault(code, quotingClasses.has(code.slice(0, 2)) ? `SQLSTATE ${code}` : messageOf(error));
  if (code === '23505') return new UniqueViolation('A row is not unique.', { cause });
  if (code === '23503') return new ForeignKeyViolation('A row is not there.', { cause });
  if (conflicts.has(code)) return new TransactionConflict('The database is unavailable.', { cause });
  return passingClasses.has(code.slice(0, 2)) || passingFaults.has(code) ? unavailable(cause) : cause;
}

/** Whether the server said so, and not the driver or the operating system. */
export function isFromServer(error: unknown): boolean {
  return error instanceof DatabaseError;
}

/**
 * Whether the connection is good for nothing any more, not even for a rollback. Of what the server says, the codes with
 * which it hangs up: its word for how severe a fault is depends on its language.
 */
export function isFatal(error: unknown): boolean {
  return !isFromServer(error) || /^(08|57P|25P0[34])/.test(codeOf(error));
}

/** Whether it says that the server only reads, as one does that another has taken over from. */
export function isReadOnly(error: unknown): boolean {
  return codeOf(error) === '25006';
}

export function unavailable(cause: Error): Unavailable {
  return new Unavailable('The database is unavailable.', { cause });
}

function codeOf(error: unknown): string {
  return (error as { code?: string }).code ?? '';
}

/** A host with several addresses, all of which fail, leaves an error with a code and no message. */
function messageOf(error: unknown): string {
  const { message } = error as Error;
  return message === '' ? codeOf(error) : message;
}

/** `code` is an SQLSTATE, or what the operating system says. */
export class PostgresFault extends Error {
  override readonly name = 'PostgresFault';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
