import { LimitReached } from '../../throttling/limit-reached.ts';
import type { ThrottleStore } from '../../throttling/store.ts';
import { type Budgets, inOrder } from './budgets.ts';
import { findDevice } from './devices.ts';
import type { Database } from '../schema.ts';
import { inTransaction } from '../transaction.ts';

export function rateLimitStore(db: Database, budgets: Budgets): ThrottleStore {
  return {
    async take(wanted, now) {
      try {
        return { kind: 'taken', taken: await inTransaction(db, (trx) => budgets.take(trx, wanted, now)) };
      } catch (error) {
        if (error instanceof LimitReached) return { kind: 'refused', usedUp: error.usedUp };
        throw error;
      }
    },

    // The library's `reward` would leave a credit where the budget has begun anew.
    giveBack: (taken) =>
      inTransaction(db, async (trx) => {
        for (const { key, expiresAt } of inOrder(taken, (each) => each.key)) {
          await trx
            .updateTable('rate_limits')
            .set((eb) => ({ points: eb('points', '-', 1) }))
            .where('key', '=', key)
            .where('expires_at', '=', expiresAt)
            .execute();
        }
      }),

    findDevice: (login) => findDevice(db, login),
  };
}
