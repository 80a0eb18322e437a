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
  let update = trx.updateTable('sessions').set({ ended_at: occasion.at }).where('ended_at', 'is', null);
  if (id !== undefined) update = update.where('id', '=', id);
  if (userId !== undefined) update = update.where('user_id', '=', userId);
  if (but !== undefined) update = update.where('id', '!=', but);
  if (clientId !== undefined) update = update.where('client_id', '=', clientId);
  const ended = await update.returning(['id', 'user_id', 'tokens_expire_at']).execute();
  // One that had ended by itself is shut all the same, whatever a clock says, but is nothing to write of.
  const open = ended.filter(({ tokens_expire_at: expireAt }) => expireAt > occasion.at);
  const { detail: how, ...rest } = occasion;
  await recordEach(
    trx,
    type,
    open.map((session) => ({ subject: session.id, detail: `${how == null ? '' : `${how}, `}of ${session.user_id}` })),
    rest,
  );
  return open.length;
}
