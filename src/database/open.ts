/** Opens the database that a URL names and hands out the stores of the domain. */
import type { Engine } from './engine.ts';
import { type ExpiredRows, expiredRows } from './stores/expired-rows.ts';
import { type FollowUp, followUp } from './stores/follow-up.ts';
import { migrate, schemaState } from './migrations/migrate.ts';
import { explained, placeOf } from './place.ts';
import { refuseAhead, refuseBehind } from './migrations/schema-state.ts';
import { type Stores, createStores } from './stores/stores.ts';

export { UnusableDatabase } from './place.ts';

export type OpenDatabase = Stores &
  Pick<Engine, 'watchKeys' | 'connections'> & {
    readonly expiredRows: ExpiredRows;
    readonly followUp: FollowUp;
    close(): Promise<void>;
  };

/** As the configuration has it. */
export type DatabaseSettings = {
  readonly databasePoolSize: number;
  /** In seconds. */
  readonly databaseTimeout: number;
  readonly migrations: 'start' | 'command';
  /** In seconds; as the pool has it where nothing is said. */
  readonly connectionTimeout?: number;
};

export const defaultDatabaseSettings: DatabaseSettings = {
  databasePoolSize: 10,
  databaseTimeout: 5,
  migrations: 'start',
};

/**
 * Opens `sqlite:FILE`, made when it is not there, or `postgres://…`, and brings its schema up to date, unless that is left
 * to a command. Throws `UnusableDatabase`, also for a schema that is not that of this version.
 */
export async function openDatabase(url: string, settings = defaultDatabaseSettings): Promise<OpenDatabase> {
  const place = placeOf(url);
  return explained(place, async () => {
    const engine = await place.open(poolOf(settings));
    try {
      await agreeOnSchema(engine, settings);
    } catch (error) {
      await engine.db.destroy();
      throw error;
    }
    const { db, watchKeys, connections } = engine;
    return {
      ...createStores(engine),
      expiredRows: expiredRows(engine),
      followUp: followUp(db),
      watchKeys,
      connections,
      close: () => db.destroy(),
    };
  });
}

async function agreeOnSchema(engine: Engine, { migrations }: DatabaseSettings): Promise<void> {
  if (migrations === 'start') {
    await migrate(engine);
    return;
  }
  const state = await schemaState(engine);
  refuseAhead(state);
  refuseBehind(state);
}

export function poolOf({ databasePoolSize, databaseTimeout, connectionTimeout }: DatabaseSettings) {
  const pool = { size: databasePoolSize, statementTimeout: databaseTimeout };
  return connectionTimeout === undefined ? pool : { ...pool, connectionTimeout };
}
