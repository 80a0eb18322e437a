import { type Dialect, PostgresAdapter, PostgresDriver, PostgresIntrospector, type PostgresPool } from 'kysely';
import { NumberingCompiler } from './compiler.ts';
import { guardedPool } from './guarded-pool.ts';
import type { Pool } from './pool.ts';
import type { Presence } from './presence.ts';

export function postgresDialect(pool: Pool, presence: Presence): Dialect {
  return {
    createAdapter: () => new PostgresAdapter(),
    // Of a client, Kysely uses no more than is there without a cursor.
    createDriver: () => new PostgresDriver({ pool: guardedPool(pool, presence) as unknown as PostgresPool }),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new NumberingCompiler(),
  };
}
