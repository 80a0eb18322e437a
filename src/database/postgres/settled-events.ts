import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { Unavailable } from '../../unavailable.ts';
import type { Database } from '../schema.ts';

/** Milliseconds between two looks whether somebody still writes, and after which that is given up. */
const pause = 5;
const patience = 2000;

/**
 * Events are numbered when they are written, and are there when their transactions are committed, which may be in another
 * order: who reads on from the newest event that they know would never see one that came late, with a number below it.
 * So the newest event that anybody is shown is the newest of now, once all have ended who write events at this moment: those
 * who begin later get numbers above it. They hold the lock that each insertion takes until it is committed (PostgreSQL,
 * 13.3.1).
 */
export async function lastSettledEvent(db: Database): Promise<bigint> {
  const { rows } = await sql<{ seq: string | null; writers: string[] }>`
    select (select max(seq)::text from audit_events) as seq, array(${writers}) as writers`.execute(db);
  const [{ seq, writers: all } = { seq: null, writers: [] }] = rows;
  const until = performance.now() + patience;
  for (let left = all; left.length > 0; left = await stillWriting(db, all)) {
    if (performance.now() > until) throw new Unavailable('A transaction that writes to the audit trail does not end.');
    await sleep(pause);
  }
  return BigInt(seq ?? 0);
}

const writers = sql`select virtualtransaction from pg_locks where locktype = 'relation' and mode = 'RowExclusiveLock'
  and database = (select oid from pg_database where datname = current_database())
  and relation = 'audit_events'::regclass`;

async function stillWriting(db: Database, all: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ virtualtransaction: string }>`${writers}`.execute(db);
  return rows.map((row) => row.virtualtransaction).filter((each) => all.includes(each));
}
