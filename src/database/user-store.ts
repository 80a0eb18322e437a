import type { Role, User, UserChanges, UserStore } from '../users/store.ts';
import { isUniqueViolation } from './faults.ts';
import type { Database, UserRow } from './schema.ts';

export function userStore(db: Database): UserStore {
  return {
    async insertUser(user) {
      const [result] = await db
        .insertInto('users')
        .values(rowOf(user))
        .onConflict((conflict) => conflict.column('username_key').doNothing())
        .execute();
      return result?.numInsertedOrUpdatedRows === 1n;
    },

    async findUserByUsername(usernameKey) {
      const row = await db.selectFrom('users').selectAll().where('username_key', '=', usernameKey).executeTakeFirst();
      return row && userOf(row);
    },

    async updateUser(id, changes) {
      try {
        const row = await db
          .updateTable('users')
          .set(columnsOf(changes))
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirst();
        return row && userOf(row);
      } catch (error) {
        if (isUniqueViolation(error)) return 'taken';
        throw error;
      }
    },

    replacePasswordHash: (id, { from, to, at, endSessionsBut }) =>
      db.transaction().execute(async (trx) => {
        const replaced = await trx
          .updateTable('users')
          .set({ password_hash: to, updated_at: at })
          .where('id', '=', id)
          .where('password_hash', '=', from)
          .executeTakeFirst();
        if (replaced.numUpdatedRows === 0n) return false;
        if (endSessionsBut === undefined) return true;
        await trx
          .updateTable('sessions')
          .set({ ended_at: at })
          .where('user_id', '=', id)
          .where('id', '!=', endSessionsBut)
          .where('ended_at', 'is', null)
          .execute();
        return true;
      }),

    async deleteUser(id) {
      await db.deleteFrom('users').where('id', '=', id).execute();
    },
  };
}

export function userOf(row: UserRow): User {
  return {
    id: row.id,
    username: row.username,
    usernameKey: row.username_key,
    name: row.name,
    passwordHash: row.password_hash,
    roles: JSON.parse(row.roles) as Role[],
    disabledAt: row.disabled_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

function rowOf(user: User): UserRow {
  return {
    id: user.id,
    username: user.username,
    username_key: user.usernameKey,
    name: user.name,
    password_hash: user.passwordHash,
    roles: JSON.stringify(user.roles),
    disabled_at: user.disabledAt,
    created_at: user.createdAt,
    updated_at: user.updatedAt,
  };
}

function columnsOf({ username, usernameKey, name, disabledAt, updatedAt }: UserChanges): Partial<UserRow> {
  return {
    updated_at: updatedAt,
    ...(username !== undefined && { username }),
    ...(usernameKey !== undefined && { username_key: usernameKey }),
    ...(name !== undefined && { name }),
    ...(disabledAt !== undefined && { disabled_at: disabledAt }),
  };
}
