import { Kysely, sql } from 'kysely';
import type { Engine } from '../engine.ts';
import type { Tables } from '../schema.ts';
import { parseAddress } from './address.ts';
import { postgresDialect } from './dialect.ts';
import { keysChannel, watchKeys } from './key-watch.ts';
import { knock } from './knock.ts';
import { type PoolSettings, createPool } from './pool.ts';
import { Presence, probePatience } from './presence.ts';
import { readByIndex } from './read-by-index.ts';
import { lastSettledEvent } from './settled-events.ts';
import { postgresUpkeep } from './upkeep.ts';

export function postgresEngine(url: string, settings: PoolSettings): Engine {
  const { connection } = parseAddress(url);
  const { db, pool } = open(settings);
  return {
    db,
    upkeep: postgresUpkeep,
    withoutHurry: async (work) => {
      const patient = open({ ...settings, size: 1, statementTimeout: 0, connectionTimeout: 30 });
      try {
        return await work(patient.db);
      } finally {
        await patient.db.destroy();
      }
    },
    readByIndex: readByIndex(db),
    // What PostgreSQL keeps of rows that have gone, in its files and in its log, is in its operator's hands.
    traces: { remove: () => Promise.resolve(), removeIfOwed: () => Promise.resolve() },
    lastSettledEvent: () => lastSettledEvent(db),
    announceKeys: async (trx) => {
      await sql`select pg_notify(${keysChannel}, '')`.execute(trx);
    },
    watchKeys: async (onChange) => watchKeys(connection, onChange),
    connections: () => ({ open: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
  };

  function open(how: PoolSettings) {
    const made = createPool(connection, how);
    const presence = new Presence(() => knock(connection, probePatience), made.hangUp);
    return { db: new Kysely<Tables>({ dialect: postgresDialect(made, presence) }), pool: made.pg };
  }
}
