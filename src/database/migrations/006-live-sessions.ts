import { type Kysely, sql } from 'kysely';
import type { How } from './migrate.ts';

const indexes = {
  sessions_open_by_user: sql`sessions (user_id, coalesce(user_generation, 0), tokens_expire_at) where ended_at is null`,
  sessions_open_by_client: sql`sessions (client_id) where ended_at is null`,
  users_deleted: sql`users (deleted_at) where deleted_at is not null`,
};

/**
 * Indexes that lead to the sessions of an account or a client that have not ended, and to what is left of accounts that were
 * deleted. Aside, since there may be many sessions.
 */
export async function up(db: Kysely<unknown>, how: How): Promise<void> {
  for (const [name, on] of Object.entries(indexes)) await how.upkeep.buildIndex(db, { name, on, ...how });
}

export const isAside = true;
