import type { AccessTokenStore } from '../tokens/store.ts';
import { recordEvents } from './audit-store.ts';
import { prepare } from './prepared.ts';
import type { Database } from './schema.ts';
import { userOf } from './user-row.ts';
import { inTransaction } from './transaction.ts';

export function accessTokenStore(db: Database): AccessTokenStore {
  const tokenUser = prepare(db, ['jti', 'sessionId', 'userId', 'now'], ({ jti, sessionId, userId, now }) =>
    db
      .selectFrom('users')
      .innerJoin('sessions', 'sessions.user_id', 'users.id')
      .selectAll('users')
      .where('users.id', '=', userId)
      .where('users.disabled_at', 'is', null)
      .where('sessions.id', '=', sessionId)
      .where('sessions.ended_at', 'is', null)
      .where('sessions.expires_at', '>', now)
      .where((eb) => eb.not(eb.exists(eb.selectFrom('revoked_tokens').select('jti').where('jti', '=', jti)))),
  );
  const goodClient = prepare(db, ['jti', 'clientId'], ({ jti, clientId }) =>
    db
      .selectFrom('clients')
      .select('id')
      .where('id', '=', clientId)
      .where((eb) => eb.not(eb.exists(eb.selectFrom('revoked_tokens').select('jti').where('jti', '=', jti)))),
  );

  return {
    async findTokenUser(token) {
      const row = await tokenUser(token);
      return row && userOf(row);
    },

    async isClientTokenGood(token) {
      return (await goodClient(token)) !== undefined;
    },

    revokeAccessToken: ({ jti, expiresAt }, occasion) =>
      inTransaction(db, async (trx) => {
        const revoked = await trx
          .insertInto('revoked_tokens')
          .values({ jti, expires_at: expiresAt })
          .onConflict((conflict) => conflict.column('jti').doNothing())
          .executeTakeFirst();
        if (revoked.numInsertedOrUpdatedRows === 1n) await recordEvents(trx, 'token.revoked', [jti], occasion);
      }),
  };
}
