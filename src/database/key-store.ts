import type { JWK } from 'jose';
import { FIRST, type KeyRecord, type KeyStore } from '../keys/store.ts';
import { recordEvents } from './audit-store.ts';
import { isUniqueViolation } from './faults.ts';
import type { Database, SigningKeyRow } from './schema.ts';

/** `overwrite` is called when a private part has been destroyed, to see that no trace of it stays in the files. */
export function keyStore(db: Database, overwrite: () => Promise<void>): KeyStore {
  return {
    async listKeys() {
      const rows = await db.selectFrom('signing_keys').selectAll().orderBy('seq').execute();
      return rows.map(keyOf);
    },

    insertKey: (key, event, occasion) =>
      unlessTaken(
        db.transaction().execute(async (trx) => {
          if (!(await isPlaceFree(trx, key.succeeds)) || (await isVerifyOnly(trx, key.kid))) return false;
          await trx.insertInto('signing_keys').values(rowOf(key)).execute();
          await recordEvents(trx, event, [key.kid], occasion);
          return true;
        }),
      ),

    promoteKey: (kid, { from, to }, occasion) =>
      db.transaction().execute(async (trx) => {
        const promoted = await promote(trx, kid, to).where('activates_at', '=', from).execute();
        await recordEvents(trx, 'key.activated', kidsOf(promoted), occasion);
        return promoted.length > 0;
      }),

    async revokeKey(kid, { promote: heir, spare }, occasion) {
      const revoked = await unlessTaken(
        db.transaction().execute(async (trx) => {
          if (heir !== null && !(await isUnrevoked(trx, heir))) return false;
          if (spare !== null && !(await isPlaceFree(trx, spare.succeeds))) return false;
          // First among the writes, so that nothing has to be undone where another process was faster.
          const updated = await trx
            .updateTable('signing_keys')
            .set({ revoked_at: occasion.at, sealed_private_key: null })
            .where('kid', '=', kid)
            .where('revoked_at', 'is', null)
            .executeTakeFirst();
          if (updated.numUpdatedRows === 0n) return false;
          await recordEvents(trx, 'key.revoked', [kid], occasion);
          if (heir !== null) {
            const promoted = await promote(trx, heir, occasion.at).execute();
            await recordEvents(trx, 'key.activated', kidsOf(promoted), occasion);
          }
          if (spare !== null) {
            await trx.insertInto('signing_keys').values(rowOf(spare)).execute();
            await recordEvents(trx, 'key.created', [spare.kid], occasion);
          }
          return true;
        }),
      );
      if (revoked) await overwrite();
      return revoked;
    },

    async noteTokens(kid, expireAt) {
      await db
        .updateTable('signing_keys')
        .set({ tokens_expire_at: expireAt })
        .where('kid', '=', kid)
        .where((is) => is.or([is('tokens_expire_at', 'is', null), is('tokens_expire_at', '<', expireAt)]))
        .execute();
    },

    async settleKeys({ tookOver, destroyPrivate, remove }, occasion) {
      const changed = await db.transaction().execute(async (trx) => {
        if (tookOver.length > 0) {
          const rows = await trx
            .updateTable('signing_keys')
            .set({ took_over_at: occasion.at })
            .where('kid', 'in', tookOver)
            .where('took_over_at', 'is', null)
            .returning('kid')
            .execute();
          await recordEvents(trx, 'key.activated', kidsOf(rows), occasion);
        }
        if (destroyPrivate.length > 0) {
          const rows = await trx
            .updateTable('signing_keys')
            .set({ sealed_private_key: null, destroyed_at: occasion.at })
            .where('kid', 'in', destroyPrivate)
            .where('sealed_private_key', 'is not', null)
            .returning('kid')
            .execute();
          await recordEvents(trx, 'key.destroyed', kidsOf(rows), occasion);
        }
        if (remove.length > 0) {
          const rows = await trx
            .deleteFrom('signing_keys')
            .where('kid', 'in', remove)
            .where('revoked_at', 'is', null)
            .returning('kid')
            .execute();
          await recordEvents(trx, 'key.retired', kidsOf(rows), occasion);
        }
        return destroyPrivate.length + remove.length > 0;
      });
      if (changed) await overwrite();
    },

    async resealKey(kid, { from, to }, occasion) {
      const resealed = await db.transaction().execute(async (trx) => {
        const rows = await trx
          .updateTable('signing_keys')
          .set({ sealed_private_key: to })
          .where('kid', '=', kid)
          .where('sealed_private_key', '=', from)
          .returning('kid')
          .execute();
        await recordEvents(trx, 'key.resealed', kidsOf(rows), occasion);
        return rows.length > 0;
      });
      if (resealed) await overwrite();
      return resealed;
    },
  };
}

/** Has `kid` sign from `at` on, unless it does already or is revoked. */
function promote(db: Database, kid: string, at: number) {
  return db
    .updateTable('signing_keys')
    .set({ activates_at: at, took_over_at: at })
    .where('kid', '=', kid)
    .where('revoked_at', 'is', null)
    .where('activates_at', '>', at)
    .returning('kid');
}

function kidsOf(rows: readonly { kid: string }[]): string[] {
  return rows.map(({ kid }) => kid);
}

async function isVerifyOnly(db: Database, kid: string): Promise<boolean> {
  const query = db.selectFrom('verify_only_keys').select('kid').where('kid', '=', kid);
  return (await query.executeTakeFirst()) !== undefined;
}

async function isUnrevoked(db: Database, kid: string): Promise<boolean> {
  const query = db.selectFrom('signing_keys').select('kid').where('kid', '=', kid).where('revoked_at', 'is', null);
  return (await query.executeTakeFirst()) !== undefined;
}

/** Whether a key may follow `succeeds`: the last in line, or `FIRST` when there is none. */
async function isPlaceFree(db: Database, succeeds: string): Promise<boolean> {
  const last = await db.selectFrom('signing_keys').select('kid').orderBy('seq', 'desc').limit(1).executeTakeFirst();
  return (last?.kid ?? FIRST) === succeeds;
}

/** Where two transactions at once find the same place free, the UNIQUE constraint lets one have it. */
async function unlessTaken(change: Promise<boolean>): Promise<boolean> {
  try {
    return await change;
  } catch (error) {
    if (isUniqueViolation(error)) return false;
    throw error;
  }
}

function keyOf(row: Omit<SigningKeyRow, 'seq'>): KeyRecord {
  return {
    kid: row.kid,
    succeeds: row.succeeds,
    alg: row.alg as KeyRecord['alg'], // written by rowOf alone
    publishedAt: row.published_at,
    activatesAt: row.activates_at,
    tookOverAt: row.took_over_at,
    revokedAt: row.revoked_at,
    tokensExpireAt: row.tokens_expire_at,
    publicJwk: JSON.parse(row.public_jwk) as JWK,
    sealedPrivateKey: row.sealed_private_key,
    destroyedAt: row.destroyed_at,
  };
}

function rowOf(key: KeyRecord): Omit<SigningKeyRow, 'seq'> {
  return {
    kid: key.kid,
    succeeds: key.succeeds,
    alg: key.alg,
    published_at: key.publishedAt,
    activates_at: key.activatesAt,
    took_over_at: key.tookOverAt,
    revoked_at: key.revokedAt,
    tokens_expire_at: key.tokensExpireAt,
    public_jwk: JSON.stringify(key.publicJwk),
    sealed_private_key: key.sealedPrivateKey,
    destroyed_at: key.destroyedAt,
  };
}
