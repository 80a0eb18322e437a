import type { Database } from '../schema.ts';
import { inTransaction } from '../transaction.ts';

/** How many rows that have had their time one use takes along. */
const swept = 100;

/**
 * Puts an assertion on record: true for the first who does. False, too, when the client has been deleted meanwhile. Of
 * the rows that have expired, some are removed with it, so that the table does not grow.
 */
export function useAssertion(
  db: Database,
  { clientId, jti, expiresAt }: { clientId: string; jti: string; expiresAt: number },
  now: number,
): Promise<boolean> {
  return inTransaction(db, async (trx) => {
    // In this order, whoever deletes the client waits for nothing that waits for it.
    const isFirst = await record(trx);
    await trx
      .deleteFrom('used_assertions')
      .where((eb) =>
        eb(
          eb.refTuple('client_id', 'jti'),
          'in',
          eb
            .selectFrom('used_assertions')
            .select(['client_id', 'jti'])
            .where('expires_at', '<=', now)
            .orderBy('expires_at')
            .limit(swept)
            .forUpdate()
            .skipLocked()
            .$asTuple('client_id', 'jti'),
        ),
      )
      .execute();
    return isFirst;
  });

  async function record(trx: Database): Promise<boolean> {
    const [result] = await trx
      .insertInto('used_assertions')
      .columns(['client_id', 'jti', 'expires_at'])
      .expression((eb) =>
        eb
          .selectFrom('clients')
          .select([
            'clients.id as client_id',
            eb.cast<string>(eb.val(jti), 'text').as('jti'),
            eb.cast<number>(eb.val(expiresAt), 'bigint').as('expires_at'),
          ])
          .where('clients.id', '=', clientId)
          // Whoever deletes it is waited for.
          .forKeyShare(),
      )
      .onConflict((conflict) =>
        conflict
          .columns(['client_id', 'jti'])
          .doUpdateSet({ expires_at: expiresAt })
          .where('used_assertions.expires_at', '<=', now),
      )
      .execute();
    return result?.numInsertedOrUpdatedRows === 1n;
  }
}
