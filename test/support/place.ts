/** Where a test keeps its data: a new database of the kind that its project is for, or of the kind that it names. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { createDatabase, takeDatabase } from './postgres.ts';
import { openPatiently } from './database/open-patiently.ts';

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

/** It has the schema and no rows. Removed by whoever asks. */
export async function newPlace(kind = kindOfProject): Promise<Place> {
  if (kind === 'postgres') return takeDatabase();
  const place = await newFolder();
  await writeFile(place.url.slice('sqlite:'.length), await (emptyFile ??= makeEmptyFile()));
  return place;
}

/** Removed by whoever asks. `options` are those of `create database`. */
export function newEmptyPlace(options = '', kind = kindOfProject): Promise<Place> {
  return kind === 'postgres' ? createDatabase(options) : newFolder();
}

/** A database file with the schema, made once for each worker: that takes far longer than to write it. */
let emptyFile: Promise<Buffer> | undefined;

async function makeEmptyFile(): Promise<Buffer> {
  const place = await newFolder();
  const database = await openPatiently(place.url);
  await database.close();
  const file = await readFile(place.url.slice('sqlite:'.length));
  await place.remove();
  return file;
}

async function newFolder(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'tessera-'));
  return { url: `sqlite:${join(folder, 'tessera.db')}`, remove: () => rm(folder, { recursive: true }) };
}
