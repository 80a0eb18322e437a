/**
 * What is left of keys that were revoked, for ever: their names and thumbprints, so that none comes back. What adds a key looks
 * at it, and what revokes one.
 */
import { sql } from 'kysely';
import type { ForgottenKey } from '../../keys/store.ts';
import { asText, isNotRevoked, momentOf } from './key-row.ts';
import type { Database } from '../schema.ts';

/** As part of `trx`, for those of the keys that are there and revoked. Returns the kids. */
export async function forgetKeys(trx: Database, keys: readonly ForgottenKey[]): Promise<string[]> {
  const forgotten: string[] = [];
  for (const { kid, thumbprint } of keys)
    for (const table of ['signing_keys', 'verify_only_keys'] as const) {
      const removed = await trx
        .deleteFrom(table)
        .where('kid', '=', kid)
        .where(sql<boolean>`not ${isNotRevoked()}`)
        .returning('revoked_at')
        .executeTakeFirst();
      if (removed?.revoked_at == null) continue;
      await trx
        .insertInto('revoked_keys')
        .values({ kid, thumbprint, revoked_at: removed.revoked_at })
        .onConflict((conflict) => conflict.column('kid').doNothing())
        .execute();
      forgotten.push(kid);
    }
  return forgotten;
}

/** When a key of this name, or this key under any name, was revoked, if it has been forgotten since; null otherwise. */
export async function findForgotten(db: Database, { kid, thumbprint }: ForgottenKey): Promise<number | null> {
  const row = await db
    .selectFrom('revoked_keys')
    .select([asText('revoked_at')])
    .where((where) => where.or([where('kid', '=', kid), where('thumbprint', '=', thumbprint)]))
    .orderBy('revoked_keys.revoked_at')
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) return null;
  const at = momentOf(row.revoked_at);
  return at === null || Number.isNaN(at) ? 0 : at;
}
