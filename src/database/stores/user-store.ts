import type { User, UserChanges, UserStore } from '../../users/store.ts';
import { recordEvents } from './audit-store.ts';
import type { Budgets } from './budgets.ts';
import { isUniqueViolation } from '../faults.ts';
import type { Database, UserRow } from '../schema.ts';
import { endSessionsOfUser } from './session-ends.ts';
import { isOpen } from './session-generations.ts';
import { lockUser, userAdministration } from './user-administration.ts';
import { userOf, userRowOf } from './user-row.ts';
import { listUsers } from './user-search.ts';
import { inTransaction } from '../transaction.ts';

export function userStore(db: Database, budgets: Budgets): UserStore {
  return {
    async findUser(id) {
      const row = await db
        .selectFrom('users')
        .selectAll()
        .where('id', '=', id)
        .where('deleted_at', 'is', null)
        .executeTakeFirst();
      return row && userOf(row);
    },

    async findUserByUsername(usernameKey) {
      const row = await db
        .selectFrom('users')
        .selectAll()
        .where('username_key', '=', usernameKey)
        .where('deleted_at', 'is', null)
        .executeTakeFirst();
      return row && userOf(row);
    },

    listUsers: (page) => listUsers(db, page),

    insertUser: (user, occasion) =>
      inTransaction(db, async (trx) => {
        const [result] = await trx
          .insertInto('users')
          .values(userRowOf(user))
          .onConflict((conflict) => conflict.column('username_key').doNothing())
          .execute();
        if (result?.numInsertedOrUpdatedRows !== 1n) return false;
        const detail = user.roles.length === 0 ? {} : { detail: `roles: ${user.roles.join(', ')}` };
        await recordEvents(trx, 'user.registered', [user.id], { ...occasion, ...detail });
        return true;
      }),

    async updateUser(id, changes, occasion, { limits = [] } = {}) {
      try {
        return await inTransaction(db, async (trx) => {
          const row = await lockUser(trx, id);
          if (row === undefined) return undefined;
          const user = userOf(row);
          const changed = changedMembers(user, changes);
          if (changed.length === 0) return user;
          const columns = { ...columnsOf(changes), updated_at: occasion.at };
          await trx.updateTable('users').set(columns).where('id', '=', id).execute();
          await recordEvents(trx, 'user.updated', [id], { ...occasion, detail: changed.join(', ') });
          await budgets.take(trx, limits, occasion.at);
          return userOf({ ...row, ...columns });
        });
      } catch (error) {
        if (isUniqueViolation(error)) return 'taken';
        throw error;
      }
    },

    replacePasswordHash: (id, { from, to, endsSessionsBy: sessionId }, occasion, { limits = [] } = {}) =>
      inTransaction(db, async (trx) => {
        const user = await lockUser(trx, id);
        if (user?.password_hash !== from) return false;
        if (sessionId !== undefined && !(await isOpen(trx, sessionId, id))) return false;
        const change = { password_hash: to, updated_at: occasion.at };
        await trx.updateTable('users').set(change).where('id', '=', id).execute();
        if (sessionId !== undefined) {
          await recordEvents(trx, 'user.password_changed', [id], occasion);
          await endSessionsOfUser(trx, id, { ...occasion, detail: 'password changed' });
        }
        await budgets.take(trx, limits, occasion.at);
        return true;
      }),

    ...userAdministration(db),
  };
}

/** Which members would be others than before, in the contract's words. */
function changedMembers(user: User, { username, usernameKey, name }: UserChanges): string[] {
  const isRenamed = username !== undefined && username !== user.username;
  const isRekeyed = usernameKey !== undefined && usernameKey !== user.usernameKey;
  const isNamed = name !== undefined && name !== user.name;
  return [...(isRenamed || isRekeyed ? ['username'] : []), ...(isNamed ? ['name'] : [])];
}

function columnsOf({ username, usernameKey, name }: UserChanges): Partial<UserRow> {
  return {
    ...(username !== undefined && { username }),
    ...(usernameKey !== undefined && { username_key: usernameKey }),
    ...(name !== undefined && { name }),
  };
}
