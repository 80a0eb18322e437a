import type { RefreshToken, Session, SessionStore } from '../tokens/store.ts';
import { prepare } from './prepared.ts';
import type { Database, RefreshTokenRow, SessionRow } from './schema.ts';
import { userOf } from './user-store.ts';

export function sessionStore(db: Database): SessionStore {
  const refreshToken = prepare(db, ['hash'], ({ hash }) =>
    db
      .selectFrom('refresh_tokens')
      .innerJoin('sessions', 'sessions.id', 'refresh_tokens.session_id')
      .innerJoin('users', 'users.id', 'sessions.user_id')
      .selectAll('users')
      .select(['hash', 'session_id', 'issued_at', 'expires_at', 'used_at'])
      .select(['user_id', 'client_id', 'scope', 'sessions.created_at as session_created_at', 'ended_at'])
      .where('hash', '=', hash),
  );

  return {
    startSession: (session, first, passwordHash) =>
      db.transaction().execute(async (trx) => {
        const user = await trx
          .selectFrom('users')
          .select('id')
          .where('id', '=', session.userId)
          .where('password_hash', '=', passwordHash)
          .where('disabled_at', 'is', null)
          .executeTakeFirst();
        if (user === undefined) return false;
        await trx.insertInto('sessions').values(sessionRowOf(session)).execute();
        await trx.insertInto('refresh_tokens').values(tokenRowOf(first)).execute();
        return true;
      }),

    async findRefreshToken(hash) {
      const row = await refreshToken({ hash });
      if (row === undefined) return undefined;
      const session = sessionOf({ ...row, id: row.session_id, created_at: row.session_created_at });
      return { token: tokenOf(row), session, user: userOf(row) };
    },

    rotateRefreshToken: (hash, usedAt, successor) =>
      db.transaction().execute(async (trx) => {
        const claimed = await trx
          .updateTable('refresh_tokens')
          .set({ used_at: usedAt })
          .where('hash', '=', hash)
          .where('used_at', 'is', null)
          .where((eb) =>
            eb.exists(
              eb
                .selectFrom('sessions')
                .select('sessions.id')
                .whereRef('sessions.id', '=', 'refresh_tokens.session_id')
                .where('sessions.ended_at', 'is', null),
            ),
          )
          .executeTakeFirst();
        if (claimed.numUpdatedRows === 0n) return false;
        await trx.insertInto('refresh_tokens').values(tokenRowOf(successor)).execute();
        return true;
      }),

    async endSession(id, at) {
      await db
        .updateTable('sessions')
        .set({ ended_at: at })
        .where('id', '=', id)
        .where('ended_at', 'is', null)
        .execute();
    },
  };
}

function sessionRowOf({ id, userId, clientId, scope, createdAt, endedAt }: Session): SessionRow {
  return { id, user_id: userId, client_id: clientId, scope, created_at: createdAt, ended_at: endedAt };
}

function sessionOf(row: SessionRow): Session {
  return {
    id: row.id,
    userId: row.user_id,
    clientId: row.client_id,
    scope: row.scope,
    createdAt: row.created_at,
    endedAt: row.ended_at,
  };
}

function tokenRowOf({ hash, sessionId, issuedAt, expiresAt, usedAt }: RefreshToken): RefreshTokenRow {
  return { hash, session_id: sessionId, issued_at: issuedAt, expires_at: expiresAt, used_at: usedAt };
}

function tokenOf(row: RefreshTokenRow): RefreshToken {
  return {
    hash: row.hash,
    sessionId: row.session_id,
    issuedAt: row.issued_at,
    expiresAt: row.expires_at,
    usedAt: row.used_at,
  };
}
