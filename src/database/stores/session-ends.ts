/**
 * Ends sessions, as part of a transaction. One is one row. All of an account or a client may be any number: they end by what
 * is written of the account or the client, and their rows and events follow: the first few at once, the others in batches
 * (`follow-up.ts`).
 */
import type { ExpressionBuilder } from 'kysely';
import type { Actor, Occasion } from '../../audit/event.ts';
import { newId } from '../../secret.ts';
import { recordEach } from './audit-store.ts';
import { generation, hasItsClient, isOpen, raiseGeneration } from './session-generations.ts';
import type { Database, SessionEndingRow, SessionRow, Tables } from '../schema.ts';

/** Rows that follow at once: as many sessions as people have. */
const followAtOnce = 16;

/** False when there is none such, or it has ended already, by itself or with all of its account or client. */
export async function endSession(
  trx: Database,
  { id, userId }: { readonly id: string; readonly userId?: string },
  occasion: Occasion,
  type: 'session.ended' | 'session.reused' = 'session.ended',
): Promise<boolean> {
  const [session] = await lock(trx, [id]);
  if (session === undefined || (userId !== undefined && session.user_id !== userId)) return false;
  // Asked once the row is locked: what its account has become while this waited for it is seen, too.
  if (!(await isOpen(trx, id, session.user_id)) || !(await hasItsClient(trx, id))) return false;
  await trx.updateTable('sessions').set({ ended_at: occasion.at }).where('id', '=', id).execute();
  return (await recordEnds(trx, [session], occasion, type)) > 0;
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
  const [kept, others] = [locked.filter(({ id }) => id === but), locked.filter(({ id }) => id !== but)];
  for (const { id } of kept)
    await trx.updateTable('sessions').set({ user_generation: raised }).where('id', '=', id).execute();
  return follow(trx, ending, others);
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
  return (await findSome(trx, ending, 1)).length === 0;
}

type Ending = Omit<SessionEndingRow, 'id'>;

const noSessions = { user_id: null, generation: null, client_id: null };

/** The first rows; where there are more, the others are put down for later. False when there is nothing to write of any. */
async function follow(trx: Database, ending: Ending, first: readonly EndingRow[]): Promise<boolean> {
  const ended = await end(trx, ending, first);
  if (await isOver(trx, ending)) return ended.events > 0;
  await trx
    .insertInto('session_endings')
    .values({ id: newId('end_'), ...ending })
    .execute();
  return true;
}

/** Some of those that are to end, and `also`, in one order, whoever ends them: else two could each wait for the other. */
async function lockSome(trx: Database, ending: Ending, most: number, also?: string): Promise<EndingRow[]> {
  const some = await findSome(trx, ending, most);
  const locked = await lock(trx, [...new Set(also === undefined ? some : [...some, also])]);
  return locked.filter(
    ({ ended_at: endedAt, user_id: userId, client_id: clientId, generation: number }) =>
      endedAt === null &&
      (ending.user_id === null
        ? clientId === ending.client_id
        : userId === ending.user_id && number === ending.generation),
  );
}

/**
 * In the order of the index that leads to them, or PostgreSQL may think it quicker to look through the table, or another
 * index, for so few.
 */
async function findSome(trx: Database, ending: Ending, most: number): Promise<string[]> {
  const open = trx.selectFrom('sessions').select('id').where(isOpenOf(ending));
  const inOrder = open.orderBy(ending.user_id === null ? 'created_at' : 'tokens_expire_at');
  const rows = await inOrder.limit(most).execute();
  return rows.map(({ id }) => id);
}

/**
 * By their ids and nothing else: what else is asked of a row might lead the database to all that an account has, which it
 * takes for few when its statistics are old.
 */
async function lock(trx: Database, ids: readonly string[]): Promise<EndingRow[]> {
  if (ids.length === 0) return [];
  const rows = trx.selectFrom('sessions').select(endingColumns).select(generation.as('generation'));
  return rows.where('id', 'in', ids).orderBy('id').forUpdate().execute();
}

async function end(
  trx: Database,
  ending: Ending,
  locked: readonly EndingRow[],
): Promise<{ readonly rows: number; readonly events: number }> {
  if (locked.length === 0) return { rows: 0, events: 0 };
  const ids = locked.map(({ id }) => id);
  await trx.updateTable('sessions').set({ ended_at: ending.at }).where('id', 'in', ids).execute();
  const events = await recordEnds(trx, locked, occasionOf(ending), 'session.ended');
  return { rows: locked.length, events };
}

/** Whether a session is one of those, and its row does not say yet that it has ended. */
function isOpenOf({ user_id: userId, generation: number, client_id: clientId }: Ending) {
  return (eb: ExpressionBuilder<Tables, 'sessions'>) => {
    const whose =
      userId === null ? [eb('client_id', '=', clientId)] : [eb('user_id', '=', userId), eb(generation, '=', number)];
    return eb.and([eb('ended_at', 'is', null), ...whose]);
  };
}

const endingColumns = ['id', 'user_id', 'client_id', 'tokens_expire_at', 'ended_at'] as const;

type EndingRow = Pick<SessionRow, (typeof endingColumns)[number]> & { readonly generation: number };

/** `detail` of an event ends with whose session it was: `…, of usr_…`. Returns how many events there are. */
async function recordEnds(
  trx: Database,
  ended: readonly Pick<EndingRow, 'id' | 'user_id' | 'tokens_expire_at'>[],
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
