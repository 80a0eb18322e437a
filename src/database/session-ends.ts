/**
 * Ends sessions, as part of a transaction. One is one row. All of an account or a client may be any number: they end by what
 * is written of the account or the client, and their rows and events follow: the first few at once, the others in batches
 * (`follow-up.ts`).
 */
import type { ExpressionBuilder } from 'kysely';
import type { Actor, Occasion } from '../audit/event.ts';
import { newId } from '../secret.ts';
import { recordEach } from './audit-store.ts';
import { generation, hasClient, isOfGeneration, raiseGeneration } from './session-generations.ts';
import type { Database, SessionEndingRow, Tables } from './schema.ts';

/** Rows that follow at once: as many sessions as people have. */
const followAtOnce = 16;

/** False when there is none such, or it has ended already, by itself or with all of its account or client. */
export async function endSession(
  trx: Database,
  { id, userId }: { readonly id: string; readonly userId?: string },
  occasion: Occasion,
  type: 'session.ended' | 'session.reused' = 'session.ended',
): Promise<boolean> {
  // Then what its account has become while this waited for it is seen, too.
  await trx.selectFrom('sessions').select('id').where('id', '=', id).forUpdate().execute();
  let ending = trx
    .updateTable('sessions')
    .set({ ended_at: occasion.at })
    .where('id', '=', id)
    .where('ended_at', 'is', null);
  if (userId !== undefined) ending = ending.where('user_id', '=', userId);
  const ended = await ending
    .where(hasClient)
    .where((eb) =>
      eb.exists(
        eb.selectFrom('users').select('users.id').whereRef('users.id', '=', 'sessions.user_id').where(isOfGeneration),
      ),
    )
    .returning(endedColumns)
    .execute();
  return (await recordEnds(trx, ended, occasion, type)) > 0;
}

/**
 * All of an account, but for one of them where `but` is given. False when there was none to end: what had ended by itself is
 * none.
 */
export async function endSessionsOfUser(
  trx: Database,
  userId: string,
  occasion: Occasion,
  but?: string,
): Promise<boolean> {
  const raised = await raiseGeneration(trx, userId);
  if (raised === undefined) return false;
  const ending = { ...noSessions, user_id: userId, generation: raised - 1, ...rowOf(occasion) };
  const locked = await lockSome(trx, ending, followAtOnce, but);
  if (but !== undefined)
    await trx
      .updateTable('sessions')
      .set({ user_generation: raised })
      .where('id', '=', but)
      .where(isOpenOf(ending))
      .execute();
  return follow(
    trx,
    ending,
    locked.filter((id) => id !== but),
  );
}

/** All of a client, which nobody signs in through any more. */
export async function endSessionsOfClient(trx: Database, clientId: string, occasion: Occasion): Promise<void> {
  const ending = { ...noSessions, client_id: clientId, ...rowOf(occasion) };
  await follow(trx, ending, await lockSome(trx, ending, followAtOnce));
}

/** Writes of at most `most` sessions that they have ended, with an event for each. Returns how many there were. */
export async function endSome(trx: Database, ending: Ending, most: number): Promise<number> {
  const ended = await end(trx, ending, await lockSome(trx, ending, most));
  return ended.rows;
}

export async function isOver(trx: Database, ending: Ending): Promise<boolean> {
  const open = trx.selectFrom('sessions').select('id').where(isOpenOf(ending));
  // As the index has them, or PostgreSQL may think it quicker to look through the table for one.
  return (await open.orderBy('tokens_expire_at').limit(1).executeTakeFirst()) === undefined;
}

type Ending = Omit<SessionEndingRow, 'id'>;

const noSessions = { user_id: null, generation: null, client_id: null };

/** The first rows; where there are more, the others are put down for later. False when there is nothing to write of any. */
async function follow(trx: Database, ending: Ending, first: readonly string[]): Promise<boolean> {
  const ended = await end(trx, ending, first);
  if (await isOver(trx, ending)) return ended.events > 0;
  await trx
    .insertInto('session_endings')
    .values({ id: newId('end_'), ...ending })
    .execute();
  return true;
}

/** Some of those that are to end, and `also`, in one order, whoever ends them: else two could each wait for the other. */
async function lockSome(trx: Database, ending: Ending, most: number, also?: string): Promise<string[]> {
  const some = trx.selectFrom('sessions').select('id').where(isOpenOf(ending)).limit(most);
  const locked = await trx
    .selectFrom('sessions')
    .select('id')
    .where((eb) => eb.or([eb('id', 'in', some), ...(also === undefined ? [] : [eb('id', '=', also)])]))
    .orderBy('id')
    .forUpdate()
    .execute();
  return locked.map(({ id }) => id);
}

async function end(
  trx: Database,
  ending: Ending,
  ids: readonly string[],
): Promise<{ readonly rows: number; readonly events: number }> {
  if (ids.length === 0) return { rows: 0, events: 0 };
  const ended = await trx
    .updateTable('sessions')
    .set({ ended_at: ending.at })
    // They are locked, and were open. By what they are, SQLite would look through all that are.
    .where('id', 'in', ids)
    .where('ended_at', 'is', null)
    .returning(endedColumns)
    .execute();
  const events = await recordEnds(trx, ended, occasionOf(ending), 'session.ended');
  return { rows: ended.length, events };
}

/** Whether a session is one of those, and its row does not say yet that it has ended. */
function isOpenOf({ user_id: userId, generation: number, client_id: clientId }: Ending) {
  return (eb: ExpressionBuilder<Tables, 'sessions'>) => {
    const whose =
      userId === null ? [eb('client_id', '=', clientId)] : [eb('user_id', '=', userId), eb(generation, '=', number)];
    return eb.and([eb('ended_at', 'is', null), ...whose]);
  };
}

const endedColumns = ['id', 'user_id', 'tokens_expire_at'] as const;

/** `detail` of an event ends with whose session it was: `…, of usr_…`. Returns how many events there are. */
async function recordEnds(
  trx: Database,
  ended: readonly { readonly id: string; readonly user_id: string; readonly tokens_expire_at: number }[],
  { detail: how, ...rest }: Occasion,
  type: 'session.ended' | 'session.reused',
): Promise<number> {
  // One that had ended by itself is shut all the same, whatever a clock says, but is nothing to write of.
  const working = ended.filter(({ tokens_expire_at: expireAt }) => expireAt > rest.at);
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

function rowOf({ at, actor, reason, address = null, detail = null }: Occasion) {
  return { at, actor: JSON.stringify(actor), reason, address, detail };
}

function occasionOf({ at, actor, reason, address, detail }: Ending): Occasion {
  return { at, actor: JSON.parse(actor) as Actor, reason, address, detail };
}
