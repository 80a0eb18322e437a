import type { Occasion } from '../audit/event.ts';
import type { SessionsToEnd } from '../tokens/store.ts';
import { recordEach } from './audit-store.ts';
import type { Database } from './schema.ts';

/**
 * Ends sessions that have not ended yet, as part of the transaction `trx`, with an event for each. Their tokens stop working
 * with it. Returns how many there were. `detail` of an event ends with whose session it was: `…, of usr_…`.
 */
export async function endSessions(
  trx: Database,
  which: SessionsToEnd,
  occasion: Occasion,
  type: 'session.ended' | 'session.reused' = 'session.ended',
): Promise<number> {
  const { id, userId, but, clientId }: { id?: string; userId?: string; but?: string; clientId?: string } = which;
  // In one order, whoever ends them: else those of a user and those of a client could each wait for one of the other.
  let open = trx.selectFrom('sessions').select('id').where('ended_at', 'is', null).orderBy('id').forUpdate();
  if (id !== undefined) open = open.where('id', '=', id);
  if (userId !== undefined) open = open.where('user_id', '=', userId);
  if (but !== undefined) open = open.where('id', '!=', but);
  if (clientId !== undefined) open = open.where('client_id', '=', clientId);
  const ended = await trx
    .updateTable('sessions')
    .set({ ended_at: occasion.at })
    .where('id', 'in', open)
    .where('ended_at', 'is', null)
    .returning(['id', 'user_id', 'tokens_expire_at'])
    .execute();
  // One that had ended by itself is shut all the same, whatever a clock says, but is nothing to write of.
  const working = ended.filter(({ tokens_expire_at: expireAt }) => expireAt > occasion.at);
  const { detail: how, ...rest } = occasion;
  await recordEach(
    trx,
    type,
    working.map((session) => ({
      subject: session.id,
      detail: `${how == null ? '' : `${how}, `}of ${session.user_id}`,
    })),
    rest,
  );
  return working.length;
}
