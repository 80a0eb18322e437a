import type { Database } from './schema.ts';

/** What only one transaction at a time may do, wherever it runs. */
export type Turn = 'administration' | 'keys';

/** Waits until it is this transaction's turn, which lasts until it is over. */
export async function lockTurn(trx: Database, name: Turn): Promise<void> {
  const rows = await trx.selectFrom('turns').select('name').where('name', '=', name).forUpdate().execute();
  // Without its row nobody would wait for anybody.
  if (rows.length === 0) throw new Error(`The table of turns has no row for ${name}.`);
}
