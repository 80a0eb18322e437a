import { type SelectQueryBuilder, sql } from 'kysely';
import { firstParty } from '../../clients/authentication.ts';
import type { RepeatsChange, SessionStore } from '../../tokens/store.ts';
import { recordEvents } from './audit-store.ts';
import type { Budgets } from './budgets.ts';
import { prepare } from '../prepared.ts';
import type { Database, Tables } from '../schema.ts';
import { endSession, endSessionsOfUser } from './session-ends.ts';
import { generation, hasClient, hasItsClient, isOfGeneration, isOpen } from './session-generations.ts';
import { makeRoom } from './session-limit.ts';
import {
  repeatedUseRowOf,
  repeatsRowOf,
  sessionOf,
  sessionRowOf,
  tokenOf,
  tokenRowOf,
  useRowOf,
} from './session-row.ts';
import { userOf } from './user-row.ts';
import { inTransaction } from '../transaction.ts';

/** As the contract says. */
const mostListed = 200;

/** The most that an account may have under any limit. What has more is not worth a look at all of them. */
const mostLookedAt = 1000;

export function sessionStore(db: Database, budgets: Budgets): SessionStore {
  const refreshToken = prepare(db, ['hash'], ({ hash }) =>
    db
      .selectFrom('refresh_tokens')
      .innerJoin('sessions', 'sessions.id', 'refresh_tokens.session_id')
      .innerJoin('users', 'users.id', 'sessions.user_id')
      .selectAll('users')
      .select(['hash', 'session_id', 'issued_at', 'refresh_tokens.expires_at', 'used_at', 'sealed_successor'])
      .select(['user_id', 'client_id', 'scope', 'audience', 'last_used_at', 'tokens_expire_at'])
      .select((eb) =>
        eb
          .case()
          .when(eb.and([isOfGeneration, hasClient(eb)]))
          .then(eb.ref('ended_at'))
          // With all of its account or client, and its row is still to say so.
          .else(eb.fn.coalesce('ended_at', 'last_used_at'))
          .end()
          .as('ended_at'),
      )
      .select([
        'user_agent',
        'address',
        'client_credential_id',
        'sessions.created_at as began_at',
        'sessions.expires_at as ends_at',
      ])
      .select(['repeated_elsewhere', 'repeats_counted_to', 'repeat_told_at'])
      .where('hash', '=', hash),
  );

  return {
    startSession: (session, first, passwordHash, occasion, { most = mostLookedAt, inPlaceOf, limits = [] } = {}) =>
      inTransaction(db, async (trx) => {
        const user = await trx
          .selectFrom('users')
          .select('session_generation')
          .where('id', '=', session.userId)
          .where('password_hash', '=', passwordHash)
          .where('disabled_at', 'is', null)
          // One login after another, so that none sees fewer sessions than there are.
          .forNoKeyUpdate()
          .executeTakeFirst();
        if (user === undefined || !(await isClient(trx, session.clientId))) return false;
        if (inPlaceOf !== undefined && !(await endedLast(trx, inPlaceOf, user.session_generation))) return false;
        await makeRoom(trx, session, { generation: user.session_generation, most }, occasion);
        const row = { ...sessionRowOf(session), user_generation: user.session_generation };
        await trx.insertInto('sessions').values(row).execute();
        if (first !== null) await trx.insertInto('refresh_tokens').values(tokenRowOf(first)).execute();
        await recordEvents(trx, 'session.started', [session.id], occasion);
        await budgets.take(trx, limits, occasion.at);
        return true;
      }),

    async findRefreshToken(hash) {
      const row = await refreshToken({ hash });
      if (row === undefined) return undefined;
      const { session_id: id, began_at: created_at, ends_at: expires_at } = row;
      return { token: tokenOf(row), session: sessionOf({ ...row, id, created_at, expires_at }), user: userOf(row) };
    },

    rotateRefreshToken: (hash, { successor, sealedSuccessor, use, repeats }, { limits = [] } = {}) =>
      inTransaction(db, async (trx) => {
        const { lastUsedAt: now } = use;
        // The session before its token, as what deletes both does; who has it may not find it ended any more.
        const token = trx.selectFrom('refresh_tokens').where('hash', '=', hash);
        const session = await useSession(trx, token, useRowOf(use), repeats);
        if (session === undefined) return false;
        const claimed = await trx
          .updateTable('refresh_tokens')
          .set({ used_at: now, sealed_successor: sealedSuccessor })
          .where('hash', '=', hash)
          .where('used_at', 'is', null)
          .where('expires_at', '>', now)
          .executeTakeFirst();
        if (claimed.numUpdatedRows === 0n) throw new TokenUsed();
        await trx
          .updateTable('refresh_tokens')
          .set({ sealed_successor: null })
          .where('session_id', '=', session.id)
          .where('sealed_successor', 'is not', null)
          .where('hash', '!=', hash)
          .execute();
        await trx.insertInto('refresh_tokens').values(tokenRowOf(successor)).execute();
        await budgets.take(trx, limits, now);
        return true;
      }).catch(falseIfUsed),

    repeatRefreshToken: ({ hash, sealedSuccessor }, use, { repeats, occasion }, { limits = [] } = {}) =>
      inTransaction(db, async (trx) => {
        const token = trx.selectFrom('refresh_tokens').where('hash', '=', hash);
        const session = await useSession(trx, token, repeatedUseRowOf(use), repeats);
        if (session === undefined) return false;
        // Looked at when the session is locked: whoever had it before may have used the successor.
        const usedLast = await token.select('hash').where('sealed_successor', '=', sealedSuccessor).executeTakeFirst();
        if (usedLast === undefined) throw new TokenUsed();
        if (occasion !== null) await recordEvents(trx, 'session.repeated', [session.id], occasion);
        await budgets.take(trx, limits, use.lastUsedAt);
        return true;
      }).catch(falseIfUsed),

    async countRotations(sessionId, issuedAt, most) {
      const issued = await db
        .selectFrom('refresh_tokens')
        .select('hash')
        .where('session_id', '=', sessionId)
        .where('issued_at', '>', issuedAt)
        .orderBy('issued_at')
        .limit(most)
        .execute();
      return issued.length;
    },

    async findSession(id) {
      const row = await db.selectFrom('sessions').selectAll().where('id', '=', id).executeTakeFirst();
      return row && sessionOf(row);
    },

    async listSessions(userId, now) {
      const live = openOf(db, userId)
        .where('tokens_expire_at', '>', now)
        .orderBy('tokens_expire_at', 'desc')
        .limit(mostLookedAt);
      const rows = await db
        .selectFrom('sessions')
        .selectAll()
        .where('id', 'in', live)
        .orderBy('last_used_at', 'desc')
        .orderBy('created_at', 'desc')
        .orderBy('id')
        .limit(mostListed)
        .execute();
      return rows.map(sessionOf);
    },

    async isAnyOpen({ userId, id, but }) {
      if (id !== undefined) return (await isOpen(db, id, userId)) && (await hasItsClient(db, id));
      const open = openOf(db, userId).orderBy('tokens_expire_at').limit(2);
      return (await open.execute()).some((session) => session.id !== but);
    },

    endSession: (session, occasion, { limits = [] } = {}) =>
      inTransaction(db, async (trx) => {
        const isEnded = await endSession(trx, session, occasion);
        if (isEnded) await budgets.take(trx, limits, occasion.at);
        return isEnded;
      }),

    endAllSessions: ({ userId, but }, occasion, { limits = [] } = {}) =>
      inTransaction(db, async (trx) => {
        const isAnyEnded = await endSessionsOfUser(trx, userId, occasion, but);
        if (isAnyEnded) await budgets.take(trx, limits, occasion.at);
        return isAnyEnded;
      }),

    async endReusedSession(id, occasion) {
      const { detail } = occasion;
      const how = { ...occasion, detail: `used refresh token${detail == null ? '' : `, ${detail}`}` };
      await inTransaction(db, (trx) => endSession(trx, { id }, how, 'session.reused'));
    },
  };
}

/** The sessions of an account that have not been ended. */
function openOf(db: Database, userId: string) {
  return db
    .selectFrom('sessions')
    .select('id')
    .where('user_id', '=', userId)
    .where('ended_at', 'is', null)
    .where(generation, '=', (eb) =>
      // As a number with no column behind it, or SQLite does not take the index.
      eb
        .selectFrom('users')
        .select(sql<number>`session_generation + 0`.as('number'))
        .where('users.id', '=', userId),
    )
    .where(hasClient);
}

/** Whether the session ended with the others by what raised the number of its account to `current`. */
async function endedLast(trx: Database, id: string, current: number): Promise<boolean> {
  const before = trx
    .selectFrom('sessions')
    .select('id')
    .where('id', '=', id)
    .where(generation, '=', current - 1);
  return (await before.executeTakeFirst()) !== undefined;
}

/** Whether users may sign in through it: the first-party client is built in, every other one is registered. */
async function isClient(trx: Database, id: string): Promise<boolean> {
  if (id === firstParty) return true;
  return (
    (await trx.selectFrom('clients').select('id').where('id', '=', id).forShare().executeTakeFirst()) !== undefined
  );
}

/**
 * Notes that the session of the refresh token is used, if a token of it may work then, and it still remembers the repeats
 * that the change starts from; undefined if not.
 */
function useSession(
  db: Database,
  token: SelectQueryBuilder<Tables, 'refresh_tokens', object>,
  use: ReturnType<typeof repeatedUseRowOf>,
  { from, to }: RepeatsChange,
): Promise<{ id: string } | undefined> {
  // No look at `repeats_counted_to`: whatever changes that changes `repeated_elsewhere` with it.
  const before = repeatsRowOf(from);
  return db
    .updateTable('sessions')
    .set({ ...use, ...repeatsRowOf(to) })
    .where('repeated_elsewhere', 'is not distinct from', before.repeated_elsewhere)
    .where('repeat_told_at', 'is not distinct from', before.repeat_told_at)
    .where('id', '=', token.select('session_id'))
    .where('ended_at', 'is', null)
    .where('expires_at', '>', use.last_used_at)
    .where(hasClient)
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('users')
          .select('users.id')
          .whereRef('users.id', '=', 'sessions.user_id')
          .where('disabled_at', 'is', null)
          .where(isOfGeneration),
      ),
    )
    .returning('id')
    .executeTakeFirst();
}

/** Undoes what the transaction has done. */
class TokenUsed extends Error {}

function falseIfUsed(error: unknown): false {
  if (error instanceof TokenUsed) return false;
  throw error;
}
