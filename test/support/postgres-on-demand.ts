/**
 * The PostgreSQL server that all tests share but those that stop, crash or configure one. It starts when the first test asks
 * for it, and ends with the run: a run of tests that need none pays nothing.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { rm } from 'node:fs/promises';
import type { TestProject } from 'vitest/node';
import { type InitialisedFolder, administer, initialiseFolder, newPostgres } from './postgres-server.ts';
import { openPatiently } from './database/open-patiently.ts';

/** The database that has the schema and no rows. */
export const template = 'tessera_template';

declare module 'vitest' {
  export interface ProvidedContext {
    /**
     * Where a worker asks for PostgreSQL: `/server` answers with SharedServer, `/folder` with InitialisedFolder, in JSON. The
     * address has a secret in it, since who gets in is a superuser.
     */
    postgresOnDemand: string;
  }
}

/** `url` is `postgres://…/`, to be followed by the name of a database. */
export type SharedServer = { readonly url: string };

/** For vitest's `globalSetup`: in the one process that outlives all workers. */
export default async function provide(project: TestProject): Promise<() => Promise<void>> {
  const ends: (() => Promise<void>)[] = [];
  let folder: Promise<InitialisedFolder> | undefined;
  let shared: Promise<SharedServer> | undefined;

  async function makeFolder(): Promise<InitialisedFolder> {
    const made = await initialiseFolder();
    ends.push(() => rm(made.folder, { recursive: true, force: true }));
    return made;
  }

  async function startShared(): Promise<SharedServer> {
    // What a test has written is not to outlive it.
    const flags = ['-c', 'fsync=off', '-c', 'full_page_writes=off', '-c', 'synchronous_commit=off'];
    const server = await newPostgres(flags, await (folder ??= makeFolder()));
    await server.start();
    ends.push(async () => {
      await server.stop();
      await server.remove();
    });
    await administer(server.url, `create database ${template}`);
    const made = await openPatiently(server.url + template);
    await made.close();
    return { url: server.url };
  }

  const secret = randomBytes(16).toString('hex');
  const answers: Readonly<Record<string, () => Promise<object>>> = {
    [`/${secret}/server`]: () => (shared ??= startShared()),
    [`/${secret}/folder`]: () => (folder ??= makeFolder()),
  };
  const door = createServer((request, response) => {
    const answer = answers[request.url ?? ''];
    if (answer === undefined) {
      response.writeHead(404).end();
      return;
    }
    answer().then(
      (found) => response.end(JSON.stringify(found)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  // A worker that waits for initdb on a busy machine is not to be hung up on.
  door.requestTimeout = 0;
  door.listen(0, '127.0.0.1').unref();
  await once(door, 'listening');
  project.provide('postgresOnDemand', `http://127.0.0.1:${(door.address() as AddressInfo).port}/${secret}`);
  return async () => {
    door.close();
    for (const end of ends.toReversed()) await end();
  };
}
