import { sql } from 'kysely';
import { Unavailable } from '../unavailable.ts';
import type { Database } from './schema.ts';

/** SQLite's write-ahead log. What has been overwritten in the file may still be in there. */
export type WriteLog = {
  /** Moves the log into the file and empties it. What is in the way of that, a reader or a full disk, only puts it off. */
  empty(): Promise<void>;
  emptyIfOwed(): Promise<void>;
};

/** The log of a database that has just been opened: a process that was killed may have owed it. */
export function writeLog(db: Database): WriteLog {
  let isOwed = true;

  async function empty(): Promise<void> {
    isOwed = true;
    try {
      const { rows } = await sql<{ busy: number }>`pragma wal_checkpoint(truncate)`.execute(db);
      isOwed = rows[0]?.busy !== 0;
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
    }
  }

  return { empty, emptyIfOwed: () => (isOwed ? empty() : Promise.resolve()) };
}
