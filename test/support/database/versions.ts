/** Databases as earlier versions, or this one half-way, left them. */
import { onTestFinished } from 'vitest';
import type { Engine } from '../../../src/database/engine.ts';
import { migrations } from '../../../src/database/migrations/migrate.ts';
import { placeOf } from '../../../src/database/place.ts';
import { type DatabaseKind, newEmptyPlace } from '../place.ts';

/** The URL of a new database without a schema, which is removed when the test ends. */
export async function newEmptyUrl(options?: string, kind?: DatabaseKind): Promise<string> {
  const place = await newEmptyPlace(options, kind);
  onTestFinished(() => place.remove());
  return place.url;
}

/** Closed when the test ends. */
export async function openEngine(url: string): Promise<Engine> {
  const engine = await placeOf(url).open({ size: 4, statementTimeout: 30, connectionTimeout: 30 });
  onTestFinished(() => engine.db.destroy());
  return engine;
}

/** Gives an empty database the schema up to the migration `last`. */
export async function buildVersion(url: string, last: string): Promise<void> {
  const engine = await placeOf(url).open({ size: 1, statementTimeout: 30 });
  await engine.db.transaction().execute(async (trx) => {
    await trx.schema
      .createTable('kysely_migration')
      .addColumn('name', 'varchar(255)', (column) => column.notNull().primaryKey())
      .addColumn('timestamp', 'varchar(255)', (column) => column.notNull())
      .execute();
    for (const [name, { up }] of Object.entries(migrations)) {
      if (name > last) break;
      await up(trx, { upkeep: engine.upkeep, concurrently: false });
      await trx.insertInto('kysely_migration').values({ name, timestamp: '2026-01-01T00:00:00.000Z' }).execute();
    }
  });
  await engine.db.destroy();
}

/** The names of all migrations that there are. */
export const allMigrations = Object.keys(migrations);

/** The names of those that were carried out on a database. */
export async function historyOf(url: string): Promise<string[]> {
  const { db } = await openEngine(url);
  const rows = await db.selectFrom('kysely_migration').select('name').orderBy('name').execute();
  return rows.map(({ name }) => name);
}
