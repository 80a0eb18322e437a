import type { Database } from '../schema.ts';
import type { Upkeep } from '../upkeep.ts';

/** How the schema of a database compares to this code. */
export type SchemaState = {
  /** In the order in which they were carried out; `at` as ISO 8601 has it. */
  readonly applied: readonly { readonly name: string; readonly at: string }[];
  readonly pending: readonly string[];
  /** Those of a later version. */
  readonly unknown: readonly string[];
};

export async function readSchemaState(db: Database, upkeep: Upkeep, known: readonly string[]): Promise<SchemaState> {
  const rows = (await upkeep.hasHistory(db))
    ? await db.selectFrom('kysely_migration').select(['name', 'timestamp as at']).orderBy('name').execute()
    : [];
  const names = rows.map(({ name }) => name);
  return {
    applied: rows,
    pending: known.filter((name) => !names.includes(name)),
    unknown: names.filter((name) => !known.includes(name)),
  };
}

/** Of a later version, which may keep things in another way: whatever is done to it could be wrong. */
export function refuseAhead({ unknown: [first] }: SchemaState): void {
  if (first !== undefined) throw new Error(`it is ahead of this version, which does not know the migration ${first}`);
}

export function refuseBehind({ pending }: SchemaState): void {
  if (pending.length === 0) return;
  throw new Error(`it is behind this version, and lacks ${pending.join(', ')}: npm run migrate brings it up to date`);
}
