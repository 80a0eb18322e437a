import { ConfigError, readConfig } from './config.ts';
import { UnusableDatabase } from './database/open.ts';
import { AuditError } from './http/audit.ts';
import { KeyEncryptionKeyError, WrongKeyEncryptionKey } from './keys/errors.ts';
import { startServer } from './server.ts';

/** Starts the server and has the signals stop it. When it cannot start, says why and sets exit code 1. */
export async function run(): Promise<void> {
  try {
    const server = await startServer(readConfig());
    for (const line of server.greeting) console.log(line);
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void server.stop());
  } catch (error) {
    console.error(explain(error));
    process.exitCode = 1;
  }
}

/** What the operator has to mend is said in a few lines; only a fault of our own comes with its stack. */
function explain(error: unknown): unknown {
  const known = [ConfigError, AuditError, KeyEncryptionKeyError, WrongKeyEncryptionKey];
  if (known.some((kind) => error instanceof kind)) return (error as Error).message;
  if (error instanceof UnusableDatabase || (error instanceof Error && 'code' in error))
    return `Tessera cannot start: ${error.message}`;
  return error;
}
