import { removeSomeOfUser } from './removals.ts';
import type { Database } from '../schema.ts';
import { endSome, isOver } from './session-ends.ts';
import { inTransaction } from '../transaction.ts';

/**
 * What is still to be written of what was decided: sessions that have ended, rows of accounts that were deleted. Any number
 * of processes may do so at once; each takes what no other has in hand.
 */
export type FollowUp = {
  /** Writes about `most` rows of each kind; returns how many. 0 says that there is nothing left, or others are at it. */
  followSome(most: number): Promise<number>;

  /** How many decisions are left of which something is still to be written. */
  countOwed(): Promise<Owed>;
};

/** Decisions to end all sessions of an account or a client, and accounts that were deleted. */
export type Owed = { readonly sessions: number; readonly accounts: number };

export function followUp(db: Database): FollowUp {
  const kinds = [
    { isOwed: () => isThere(db.selectFrom('session_endings').select('id')), work: endings },
    { isOwed: () => isThere(db.selectFrom('users').select('id').where('deleted_at', 'is not', null)), work: accounts },
  ];
  return {
    async followSome(most) {
      let done = 0;
      const faults: unknown[] = [];
      for (const { isOwed, work } of kinds) {
        try {
          // A glance, since every process takes it every few seconds and there is hardly ever anything.
          if (await isOwed()) done += await work(most);
        } catch (error) {
          // No reason for the other kind to wait.
          faults.push(error);
        }
      }
      if (done === 0 && faults.length > 0) throw faults[0];
      return done;
    },

    async countOwed() {
      const { fn } = db;
      const sessions = await db.selectFrom('session_endings').select(fn.countAll().as('count')).executeTakeFirst();
      const accounts = await db
        .selectFrom('users')
        .select(fn.countAll().as('count'))
        .where('deleted_at', 'is not', null)
        .executeTakeFirst();
      return { sessions: Number(sessions?.count), accounts: Number(accounts?.count) };
    },
  };

  function endings(most: number): Promise<number> {
    return inTransaction(db, async (trx) => {
      const ending = await trx
        .selectFrom('session_endings')
        .selectAll()
        .orderBy('at')
        .orderBy('id')
        .limit(1)
        .forUpdate()
        .skipLocked()
        .executeTakeFirst();
      if (ending === undefined) return 0;
      const ended = await endSome(trx, ending, most);
      if (!(await isOver(trx, ending))) return Math.max(ended, 1);
      await trx.deleteFrom('session_endings').where('id', '=', ending.id).execute();
      return ended + 1;
    });
  }

  function accounts(most: number): Promise<number> {
    return inTransaction(db, async (trx) => {
      const user = await trx
        .selectFrom('users')
        .select('id')
        .where('deleted_at', 'is not', null)
        .where((eb) =>
          eb.not(
            eb.exists(
              eb.selectFrom('session_endings').select('session_endings.id').whereRef('user_id', '=', 'users.id'),
            ),
          ),
        )
        .limit(1)
        .forUpdate()
        .skipLocked()
        .executeTakeFirst();
      return user === undefined ? 0 : removeSomeOfUser(trx, user.id, most);
    });
  }
}

async function isThere(query: { limit(most: number): { executeTakeFirst(): Promise<unknown> } }): Promise<boolean> {
  return (await query.limit(1).executeTakeFirst()) !== undefined;
}
