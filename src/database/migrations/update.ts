import { migrate, schemaState } from './migrate.ts';
import { placeOf, usePlace } from '../place.ts';
import type { SchemaState } from './schema-state.ts';

const pool = { size: 2, statementTimeout: 0 };

/** `name` says in words that hold no password which database it is. Throws `UnusableDatabase`. */
export function readSchema(url: string): Promise<SchemaState & { readonly name: string }> {
  const place = placeOf(url);
  return usePlace(place, { pool, access: 'read' }, async (engine) => ({
    name: place.name,
    ...(await schemaState(engine)),
  }));
}

/** Brings the schema up to date; `taken` are the migrations that this took. Throws `UnusableDatabase`. */
export function updateSchema(url: string): Promise<{ readonly name: string; readonly taken: readonly string[] }> {
  const place = placeOf(url);
  return usePlace(place, { pool, access: 'write' }, async (engine) => ({
    name: place.name,
    taken: await migrate(engine),
  }));
}
