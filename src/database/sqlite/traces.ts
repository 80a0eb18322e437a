import { sql } from 'kysely';
import { Unavailable } from '../../unavailable.ts';
import type { Traces } from '../engine.ts';
import type { Database } from '../schema.ts';

/**
 * What has been overwritten in SQLite's file may still be in its write-ahead log: moves the log into the file and empties
 * it. That of a database that has just been opened, too: a process that was killed may have owed it.
 */
export function logTraces(db: Database): Traces {
  let isOwed = true;

  async function remove(): Promise<void> {
    isOwed = true;
    try {
      const { rows } = await sql<{ busy: number }>`pragma wal_checkpoint(truncate)`.execute(db);
      isOwed = rows[0]?.busy !== 0;
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
    }
  }

  return { remove, removeIfOwed: () => (isOwed ? remove() : Promise.resolve()) };
}
