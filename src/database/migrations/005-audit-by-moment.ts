import { type Kysely, sql } from 'kysely';
import type { How } from '../migrate.ts';

/** An index that leads to the events of a span of time, in their order. Aside, since the audit trail only ever grows. */
export async function up(db: Kysely<unknown>, { concurrently }: How): Promise<void> {
  const how = sql.raw(concurrently ? 'concurrently' : '');
  const name = sql.ref('audit_events_by_moment');
  // Whoever was interrupted left half of one, which would never be used.
  await sql`drop index ${how} if exists ${name}`.execute(db);
  await sql`create index ${how} ${name} on audit_events (at, seq)`.execute(db);
}

export const isAside = true;
