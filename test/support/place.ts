/** Where a test keeps its data: a new database of the kind that its project is for. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { administer, template } from './postgres-server.ts';

export type Place = { readonly url: string; remove(): Promise<void> };

/** Whether the project is the one for PostgreSQL. */
export const isPostgres = inject('postgresUrl') !== undefined;

/** Removed by whoever asks. On PostgreSQL it has the schema already. */
export function newPlace(): Promise<Place> {
  return makePlace(`template ${template}`);
}

/** Removed by whoever asks. `options` are those of `create database`. */
export function newEmptyPlace(options = ''): Promise<Place> {
  return makePlace(options);
}

async function makePlace(options: string): Promise<Place> {
  const server = inject('postgresUrl');
  if (server !== undefined) {
    const name = `test_${randomBytes(8).toString('hex')}`;
    await administer(server, `create database ${name} ${options}`);
    return {
      url: server + name,
      remove: () => administer(server, `drop database if exists ${name} with (force)`),
    };
  }
  const folder = await mkdtemp(join(tmpdir(), 'tessera-'));
  return { url: `sqlite:${join(folder, 'tessera.db')}`, remove: () => rm(folder, { recursive: true }) };
}
