import type { MacChange } from '../../keys/store.ts';
import type { Engine } from '../engine.ts';
import type { Database } from '../schema.ts';
import { inTransaction } from '../transaction.ts';
import { lockTurn } from '../turns.ts';

/** Undoes the transaction. */
class NotAsRead extends Error {}

/** Writes all of the MACs, or none of them and returns false. */
export async function writeFactsMacs(
  { db, announceKeys }: Pick<Engine, 'db' | 'announceKeys'>,
  changes: readonly MacChange[],
): Promise<boolean> {
  try {
    await inTransaction(db, async (trx) => {
      await lockTurn(trx, 'keys');
      for (const change of changes) if (!(await writeMac(trx, change))) throw new NotAsRead();
      if (changes.length > 0) await announceKeys(trx);
    });
    return true;
  } catch (error) {
    if (error instanceof NotAsRead) return false;
    throw error;
  }
}

async function writeMac(trx: Database, { of, kid, from, to, resealed }: MacChange): Promise<boolean> {
  if (of === 'verify-only') {
    const update = trx.updateTable('verify_only_keys').set({ facts_mac: to }).where('kid', '=', kid);
    const asRead = from === null ? update.where('facts_mac', 'is', null) : update.where('facts_mac', '=', from);
    return (await asRead.executeTakeFirst()).numUpdatedRows === 1n;
  }
  const update = trx
    .updateTable('signing_keys')
    .set({ facts_mac: to, ...(resealed !== null && { sealed_private_key: resealed.to }) })
    .where('kid', '=', kid)
    .$if(resealed !== null, (query) => query.where('sealed_private_key', '=', resealed?.from ?? ''));
  const asRead = from === null ? update.where('facts_mac', 'is', null) : update.where('facts_mac', '=', from);
  return (await asRead.executeTakeFirst()).numUpdatedRows === 1n;
}
