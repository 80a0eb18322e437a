/**
 * Removes accounts with all that is theirs, which may be any number of rows: first what is written of the account, so that
 * nothing of it works any more; then its rows, a few at a time, and itself at last. Nobody sees what is left of it meanwhile.
 */
import type { Database } from '../schema.ts';
import { raiseGeneration } from './session-generations.ts';

/** Sessions, and tokens, that go at once: where there are no more, nothing is left for later. */
export const removedAtOnce = 16;

/** Of an account, as far as a server of the version before looks at it, too: nobody's, without a password, disabled. */
export async function emptyUser(trx: Database, id: string, at: number): Promise<void> {
  // No username has a space in it.
  const nobody = { username: `deleted ${id}`, username_key: `deleted ${id}`, name: null };
  await raiseGeneration(trx, id);
  await trx
    .updateTable('users')
    .set({ ...nobody, password_hash: '', roles: '[]', disabled_at: at, deleted_at: at, updated_at: at })
    .where('id', '=', id)
    .execute();
}

/**
 * Removes about `most` rows of a deleted account, itself being the last of them. Returns how many: 0 while it is still to be
 * written of sessions that they have ended. A session is locked before its tokens, as by whoever uses one.
 */
export async function removeSomeOfUser(trx: Database, id: string, most: number): Promise<number> {
  const owed = trx.selectFrom('session_endings').select('id').where('user_id', '=', id).limit(1);
  if ((await owed.executeTakeFirst()) !== undefined) return 0;
  const { ids, isAll } = await lockSessions(trx, id, most);
  const removed = ids.length === 0 ? 0 : await removeTokens(trx, ids, most);
  if (removed === most) return removed;
  if (ids.length > 0) await trx.deleteFrom('sessions').where('id', 'in', ids).execute();
  if (!isAll) return removed + most;
  await trx.deleteFrom('users').where('id', '=', id).execute();
  return removed + ids.length + 1;
}

/** In one order, as whoever locks several; as an index has them, since what is left may be far behind. */
async function lockSessions(trx: Database, userId: string, most: number): Promise<{ ids: string[]; isAll: boolean }> {
  const sessions = trx.selectFrom('sessions').select('id');
  const some = await sessions.where('user_id', '=', userId).orderBy('address').limit(most).execute();
  if (some.length === 0) return { ids: [], isAll: true };
  const looked = some.map(({ id }) => id);
  const locked = await sessions.where('id', 'in', looked).orderBy('id').forUpdate().execute();
  // By how many were seen: somebody else may have removed some of them meanwhile.
  return { ids: locked.map(({ id }) => id), isAll: looked.length < most };
}

async function removeTokens(trx: Database, sessionIds: string[], most: number): Promise<number> {
  const tokens = await trx
    .selectFrom('refresh_tokens')
    .select('hash')
    .where('session_id', 'in', sessionIds)
    .orderBy('session_id')
    .limit(most)
    .execute();
  const hashes = tokens.map(({ hash }) => hash);
  if (hashes.length > 0) await trx.deleteFrom('refresh_tokens').where('hash', 'in', hashes).execute();
  return hashes.length;
}
