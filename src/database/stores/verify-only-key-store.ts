import type { VerifyOnlyKeyStore } from '../../keys/verify-only.ts';
import { recordEvents } from './audit-store.ts';
import type { Engine } from '../engine.ts';
import { isNotRevoked, verifyOnlyKeyColumns, verifyOnlyKeyOf, verifyOnlyRowOf } from './key-row.ts';
import { findForgotten } from './revoked-keys.ts';
import { inTransaction } from '../transaction.ts';
import { lockTurn } from '../turns.ts';

export function verifyOnlyKeyStore({ db, announceKeys }: Pick<Engine, 'db' | 'announceKeys'>): VerifyOnlyKeyStore {
  return {
    async listVerifyOnlyKeys() {
      // By the column, and not by what is read of it.
      const rows = await db
        .selectFrom('verify_only_keys')
        .select(verifyOnlyKeyColumns)
        .orderBy('verify_only_keys.published_at')
        .orderBy('kid')
        .execute();
      return rows.map(verifyOnlyKeyOf);
    },

    insertVerifyOnlyKey: (key, occasion) =>
      inTransaction(db, async (trx) => {
        await lockTurn(trx, 'keys');
        const taken = await trx.selectFrom('signing_keys').select('kid').where('kid', '=', key.kid).executeTakeFirst();
        if (taken !== undefined) return false;
        if ((await findForgotten(trx, { kid: key.kid, thumbprint: null })) !== null) return false;
        const inserted = await trx
          .insertInto('verify_only_keys')
          .values(verifyOnlyRowOf(key))
          .onConflict((conflict) => conflict.column('kid').doNothing())
          .returning('kid')
          .execute();
        await recordEvents(trx, 'key.imported', kidsOf(inserted), occasion);
        if (inserted.length > 0) await announceKeys(trx);
        return inserted.length > 0;
      }),

    revokeVerifyOnlyKey: (kid, occasion) =>
      inTransaction(db, async (trx) => {
        const revoked = await trx
          .updateTable('verify_only_keys')
          .set({ revoked_at: occasion.at })
          .where('kid', '=', kid)
          .where(isNotRevoked())
          .returning('kid')
          .execute();
        await recordEvents(trx, 'key.revoked', kidsOf(revoked), occasion);
        if (revoked.length > 0) await announceKeys(trx);
        return revoked.length > 0;
      }),

    async removeVerifyOnlyKeys(kids, occasion) {
      if (kids.length === 0) return;
      await inTransaction(db, async (trx) => {
        const removed = await trx
          .deleteFrom('verify_only_keys')
          .where('kid', 'in', kids)
          .where('revoked_at', 'is', null)
          .returning('kid')
          .execute();
        await recordEvents(trx, 'key.retired', kidsOf(removed), occasion);
        if (removed.length > 0) await announceKeys(trx);
      });
    },
  };
}

function kidsOf(rows: readonly { kid: string }[]): string[] {
  return rows.map(({ kid }) => kid);
}
