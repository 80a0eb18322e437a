import { type Kysely, sql } from 'kysely';
import type { How } from './migrate.ts';

const indexes = {
  sessions_open_by_client_and_age: sql`sessions (client_id, created_at) where ended_at is null`,
  refresh_tokens_by_session_and_issue: sql`refresh_tokens (session_id, issued_at)`,
};

/**
 * Indexes that lead to a few rows of a client or a session, however many it has: the first ones in their order.
 * `sessions_open_by_client` (006) and `refresh_tokens_by_session` (001) are superfluous from now on: a step of a later release
 * may take them away (`migrate.ts`).
 */
export async function up(db: Kysely<unknown>, how: How): Promise<void> {
  for (const [name, on] of Object.entries(indexes)) await how.upkeep.buildIndex(db, { name, on, ...how });
}

export const isAside = true;
