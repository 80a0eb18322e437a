import { firstParty } from '../clients/authentication.ts';
import type { GrantType } from '../clients/store.ts';
import type { ClientBounds } from '../tokens/client-bounds.ts';
import type { AccessTokenStore } from '../tokens/store.ts';
import { recordEvents } from './audit-store.ts';
import { prepare } from './prepared.ts';
import type { Database } from './schema.ts';
import { isOfGeneration } from './session-generations.ts';
import { userOf } from './user-row.ts';
import { inTransaction } from './transaction.ts';

export function accessTokenStore(db: Database): AccessTokenStore {
  const tokenUser = prepare(db, ['jti', 'sessionId', 'userId', 'now'], ({ jti, sessionId, userId, now }) =>
    db
      .selectFrom('users')
      .innerJoin('sessions', 'sessions.user_id', 'users.id')
      .leftJoin('clients', 'clients.id', 'sessions.client_id')
      .selectAll('users')
      .select(['clients.scope', 'audiences', 'grant_types', 'sessions.client_id'])
      .where('users.id', '=', userId)
      .where('users.disabled_at', 'is', null)
      .where('sessions.id', '=', sessionId)
      .where('sessions.ended_at', 'is', null)
      .where(isOfGeneration)
      .where('sessions.expires_at', '>', now)
      .where((eb) => eb.or([eb('clients.id', 'is not', null), eb('sessions.client_id', '=', firstParty)]))
      .where((eb) => eb.not(eb.exists(eb.selectFrom('revoked_tokens').select('jti').where('jti', '=', jti)))),
  );
  const goodClient = prepare(db, ['jti', 'clientId'], ({ jti, clientId }) =>
    db
      .selectFrom('clients')
      .select(['scope', 'audiences', 'grant_types'])
      .where('id', '=', clientId)
      .where((eb) => eb.not(eb.exists(eb.selectFrom('revoked_tokens').select('jti').where('jti', '=', jti)))),
  );

  return {
    async findTokenUser(token) {
      const row = await tokenUser(token);
      if (row === undefined) return undefined;
      if (row.client_id === firstParty) return { user: userOf(row), client: null };
      return isWhole(row) ? { user: userOf(row), client: boundsOf(row) } : undefined;
    },

    async findTokenClient(token) {
      const row = await goodClient(token);
      return row !== undefined && isWhole(row) ? boundsOf(row) : undefined;
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

type BoundsRow = { readonly [Name in 'scope' | 'audiences' | 'grant_types']: string };

function boundsOf({ scope, audiences, grant_types: grantTypes }: BoundsRow): NonNullable<ClientBounds> {
  return { scope, audiences: JSON.parse(audiences) as string[], grantTypes: JSON.parse(grantTypes) as GrantType[] };
}

/** Whether there is a whole row: of a client that lacks one of these nothing may be thought. */
function isWhole(row: { readonly [Name in keyof BoundsRow]: string | null }): row is BoundsRow {
  return row.scope !== null && row.audiences !== null && row.grant_types !== null;
}
