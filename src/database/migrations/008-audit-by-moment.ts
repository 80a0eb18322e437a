import { type Kysely, sql } from 'kysely';
import type { How } from './migrate.ts';

/** An index that leads to the events of a span of time, in their order. Aside, since the audit trail only ever grows. */
export async function up(db: Kysely<unknown>, how: How): Promise<void> {
  await how.upkeep.buildIndex(db, { name: 'audit_events_by_moment', on: sql`audit_events (at, seq)`, ...how });
}

export const isAside = true;
