import { sql } from 'kysely';
import { firstParty } from '../../clients/authentication.ts';
import { createCredentialCheck } from '../../clients/credentials.ts';
import type { GrantType } from '../../clients/store.ts';
import type { ClientBounds } from '../../tokens/client-bounds.ts';
import type { AccessTokenStore } from '../../tokens/store.ts';
import { recordEvents } from './audit-store.ts';
import type { Budgets } from './budgets.ts';
import { prepare } from '../prepared.ts';
import type { Database } from '../schema.ts';
import { isOfGeneration } from './session-generations.ts';
import { userOf } from './user-row.ts';
import { inTransaction } from '../transaction.ts';

export function accessTokenStore(db: Database, budgets: Budgets): AccessTokenStore {
  const isHeld = createCredentialCheck();
  const tokenUser = prepare(db, ['jti', 'sessionId', 'credentialId', 'now'], (slots) => {
    const { jti, sessionId, credentialId, now } = slots;
    // Because of the limit, PostgreSQL reads the session first, by its id alone. Without it, it may read all sessions of a user,
    // or of all users while its statistics know of few. In the text, since SQLite plans anew for each limit that it is given.
    const ofId = db.selectFrom('sessions').selectAll().where('id', '=', sessionId).limit(sql.lit(1));
    return db
      .selectFrom(ofId.as('sessions'))
      .innerJoin('users', 'users.id', 'sessions.user_id')
      .leftJoin('clients', 'clients.id', 'sessions.client_id')
      .leftJoin('client_secrets', (join) =>
        join.onRef('client_secrets.client_id', '=', 'clients.id').on('client_secrets.id', '=', credentialId),
      )
      .selectAll('users')
      .select(['clients.scope', 'audiences', 'grant_types', 'jwks', 'jwks_uri', 'sessions.client_id'])
      .select('client_secrets.id as secret_id')
      .where('users.disabled_at', 'is', null)
      .where('sessions.ended_at', 'is', null)
      .where(isOfGeneration)
      .where('sessions.expires_at', '>', now)
      .where((eb) => eb.or([eb('clients.id', 'is not', null), eb('sessions.client_id', '=', firstParty)]))
      .where((eb) => eb.not(eb.exists(eb.selectFrom('revoked_tokens').select('jti').where('jti', '=', jti))));
  });
  const goodClient = prepare(db, ['jti', 'clientId', 'credentialId'], ({ jti, clientId, credentialId }) =>
    db
      .selectFrom('clients')
      .leftJoin('client_secrets', (join) =>
        join.onRef('client_secrets.client_id', '=', 'clients.id').on('client_secrets.id', '=', credentialId),
      )
      .select(['scope', 'audiences', 'grant_types', 'jwks', 'jwks_uri', 'client_secrets.id as secret_id'])
      .where('clients.id', '=', clientId)
      .where((eb) => eb.not(eb.exists(eb.selectFrom('revoked_tokens').select('jti').where('jti', '=', jti)))),
  );

  /** Whether the client has what the token was got with; `secret_id` is the secret of that name, if the client has it. */
  async function hasCredential(
    row: { readonly [Name in 'secret_id' | 'jwks' | 'jwks_uri']: string | null },
    { credentialId }: { readonly credentialId: string | undefined },
  ): Promise<boolean> {
    // Servers of the version before name none, and public clients have none.
    if (credentialId === undefined) return true;
    return isHeld(credentialId, { secretId: row.secret_id, jwks: row.jwks, jwksUri: row.jwks_uri });
  }

  return {
    async findTokenUser(token) {
      const row = await tokenUser({ ...token, credentialId: token.credentialId ?? none });
      if (row?.id !== token.userId || !(await hasCredential(row, token))) return undefined;
      if (row.client_id === firstParty) return { user: userOf(row), client: null };
      return isWhole(row) ? { user: userOf(row), client: boundsOf(row) } : undefined;
    },

    async findTokenClient(token) {
      const row = await goodClient({ ...token, credentialId: token.credentialId ?? none });
      if (row === undefined || !(await hasCredential(row, token))) return undefined;
      return isWhole(row) ? boundsOf(row) : undefined;
    },

    revokeAccessToken: ({ jti, expiresAt }, occasion, { limits = [] } = {}) =>
      inTransaction(db, async (trx) => {
        const revoked = await trx
          .insertInto('revoked_tokens')
          .values({ jti, expires_at: expiresAt })
          .onConflict((conflict) => conflict.column('jti').doNothing())
          .executeTakeFirst();
        if (revoked.numInsertedOrUpdatedRows !== 1n) return false;
        await recordEvents(trx, 'token.revoked', [jti], occasion);
        await budgets.take(trx, limits, occasion.at);
        return true;
      }),

    async isRevoked(jti) {
      const row = await db.selectFrom('revoked_tokens').select('jti').where('jti', '=', jti).executeTakeFirst();
      return row !== undefined;
    },
  };
}

type BoundsRow = { readonly [Name in 'scope' | 'audiences' | 'grant_types']: string };

function boundsOf({ scope, audiences, grant_types: grantTypes }: BoundsRow): NonNullable<ClientBounds> {
  return { scope, audiences: JSON.parse(audiences) as string[], grantTypes: JSON.parse(grantTypes) as GrantType[] };
}

/** Stands for no credential: the id of none. */
const none = '';

/** Whether there is a whole row: of a client that lacks one of these nothing may be thought. */
function isWhole(row: { readonly [Name in keyof BoundsRow]: string | null }): row is BoundsRow {
  return row.scope !== null && row.audiences !== null && row.grant_types !== null;
}
