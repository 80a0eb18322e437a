import { createHash } from 'node:crypto';
import type { Database } from '../schema.ts';

/**
 * True for one of all who ask for the same between `now` and `until` (epoch seconds), on whichever server: a budget with one
 * try. Part of `trx`, so whoever breaks off has not asked.
 */
export async function takeOnce(
  trx: Database,
  of: readonly string[],
  { now, until }: { now: number; until: number },
): Promise<boolean> {
  const [result] = await trx
    .insertInto('rate_limits')
    .values({ key: `once:${hashed(of)}`, points: 1, expires_at: until * 1000 })
    .onConflict((conflict) =>
      conflict
        .column('key')
        .doUpdateSet({ points: 1, expires_at: until * 1000 })
        .where('rate_limits.expires_at', '<=', now * 1000),
    )
    .execute();
  return result?.numInsertedOrUpdatedRows === 1n;
}

/** Rows of budgets are of one size, and hold nothing that somebody typed. */
export function hashed(of: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(of)).digest('base64url');
}
