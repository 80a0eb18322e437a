import type { Occasion } from '../../audit/event.ts';
import type { Session } from '../../tokens/store.ts';
import { endSession } from './session-ends.ts';
import { generation, hasClient } from './session-generations.ts';
import type { Database } from '../schema.ts';

/** The most that end for one that begins: an account that has far too many gets there login by login. */
const mostEnded = 16;

/**
 * Ends as many sessions of the account as have to go for `session` to be one of `most`: those that were used least lately, of
 * its own client as long as that has any, so that what signs in over and over pushes nobody out but itself. The account
 * is locked: logins to it are one after another.
 */
export async function makeRoom(
  trx: Database,
  session: Session,
  account: { readonly generation: number; readonly most: number },
  occasion: Occasion,
): Promise<void> {
  const live = await trx
    .selectFrom('sessions')
    .select(['id', 'client_id', 'last_used_at', 'created_at'])
    .where('user_id', '=', session.userId)
    .where('ended_at', 'is', null)
    .where(generation, '=', account.generation)
    .where('tokens_expire_at', '>', occasion.at)
    .where(hasClient)
    .orderBy('tokens_expire_at')
    .limit(account.most + mostEnded)
    .execute();
  const excess = live.length + 1 - account.most;
  if (excess <= 0) return;
  const isForeign = (clientId: string) => Number(clientId !== session.clientId);
  const leaving = live
    .toSorted(
      (a, b) =>
        isForeign(a.client_id) - isForeign(b.client_id) ||
        a.last_used_at - b.last_used_at ||
        a.created_at - b.created_at ||
        (a.id < b.id ? -1 : 1),
    )
    .slice(0, Math.min(excess, mostEnded))
    // In one order, as whoever ends several.
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  for (const { id } of leaving)
    await endSession(trx, { id }, { ...occasion, detail: `one of more than ${account.most} sessions` });
}
