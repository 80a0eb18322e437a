/**
 * Which sessions work. Those of an account all end when its number is raised: each was begun under one, and works under no
 * other. No moments are compared, since clocks differ and a second holds many logins.
 */
import { type ExpressionBuilder, sql } from 'kysely';
import { firstParty } from '../../clients/authentication.ts';
import type { Database, Tables } from '../schema.ts';

/** The number that a session was begun under: 0 where none is written. As the index has it. */
export const generation = sql<number>`coalesce(sessions.user_generation, 0)`;

/** Whether a session has the number of its account, where both are at hand. */
export const isOfGeneration = sql<boolean>`${generation} = users.session_generation`;

/** The number of the account of a session that has been found, to compare with: nothing by which sessions are looked for. */
const currentGeneration = sql<number>`(select session_generation from users where users.id = sessions.user_id)`;

/** Raises the number of an account, whose row is then this transaction's; undefined when there is no such account. */
export async function raiseGeneration(trx: Database, userId: string): Promise<number | undefined> {
  const row = await trx
    .updateTable('users')
    .set((eb) => ({ session_generation: eb('session_generation', '+', 1) }))
    .where('id', '=', userId)
    .returning('session_generation')
    .executeTakeFirst();
  return row?.session_generation;
}

/** Whether a session of the account has not ended, neither alone nor with the others. */
export async function isOpen(trx: Database, id: string, userId: string): Promise<boolean> {
  // By its id alone, or PostgreSQL may look through all sessions of the account for the one.
  const open = trx
    .selectFrom('sessions')
    .select('user_id')
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .where(generation, '=', currentGeneration);
  return (await open.executeTakeFirst())?.user_id === userId;
}

export async function hasItsClient(trx: Database, id: string): Promise<boolean> {
  const session = trx.selectFrom('sessions').select('id').where('id', '=', id).where(hasClient);
  return (await session.executeTakeFirst()) !== undefined;
}

/** Whether the client of a session is still there. */
export function hasClient(eb: ExpressionBuilder<Tables, 'sessions'>) {
  return eb.or([
    eb('sessions.client_id', '=', firstParty),
    eb.exists(eb.selectFrom('clients').select('clients.id').whereRef('clients.id', '=', 'sessions.client_id')),
  ]);
}
