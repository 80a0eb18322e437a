/** Where a test keeps its data: a new database of the kind that its project is for, or of the kind that it names. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { createDatabase, takeDatabase } from './postgres.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    databaseKind: DatabaseKind;
  }
}

export type DatabaseKind = 'sqlite' | 'postgres';

export type Place = { readonly url: string; remove(): Promise<void> };

/** The kind that this project's tests are for. */
const kindOfProject: DatabaseKind = inject('databaseKind');

export const isPostgres = kindOfProject === 'postgres';

/** Removed by whoever asks. On PostgreSQL it has the schema already. */
export function newPlace(kind = kindOfProject): Promise<Place> {
  return kind === 'postgres' ? takeDatabase() : newFolder();
}

/** Removed by whoever asks. `options` are those of `create database`. */
export function newEmptyPlace(options = '', kind = kindOfProject): Promise<Place> {
  return kind === 'postgres' ? createDatabase(options) : newFolder();
}

async function newFolder(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'tessera-'));
  return { url: `sqlite:${join(folder, 'tessera.db')}`, remove: () => rm(folder, { recursive: true }) };
}
