import { inspect } from 'node:util';
import { ConfigError } from '../config/config.ts';
import { UnusableDatabase } from '../database/open.ts';
import { AuditError } from '../http/audit.ts';
import { UnusableAddress } from '../http/listener/bind.ts';
import { TlsFault } from '../http/listener/tls-pair.ts';
import { KeyEncryptionKeyError, NotAdopted, WrongKeyEncryptionKey } from '../keys/errors.ts';
import { printable } from '../terminal.ts';
import { Unavailable } from '../unavailable.ts';

/** Each says what is wrong and what to do about it. */
const complete = [ConfigError, AuditError, TlsFault, KeyEncryptionKeyError, NotAdopted, WrongKeyEncryptionKey] as const;

/**
 * What to print of an error that ended a process. What the operator has to mend is said in its message alone; only a
 * fault of our own comes with its stack. `failure`, such as `Tessera cannot start`, introduces what lies around Tessera.
 */
export function describeFatalError(error: unknown, failure?: string): string {
  if (complete.some((kind) => error instanceof kind)) return (error as Error).message;
  if (!(error instanceof Error) || !isFromAround(error)) return inspect(error);
  const reason = error instanceof Unavailable && error.cause instanceof Error ? ` (${error.cause.message})` : '';
  // Of one line, whatever the database has in it: only a fault of our own, or a list of several, has more.
  return printable(`${failure === undefined ? '' : `${failure}: `}${error.message}${reason}`);
}

/** The database, the network, or the operating system: a port in use, a folder that cannot be written. */
function isFromAround(error: Error): boolean {
  const kinds = [UnusableDatabase, UnusableAddress, Unavailable] as const;
  return kinds.some((kind) => error instanceof kind) || 'syscall' in error;
}
