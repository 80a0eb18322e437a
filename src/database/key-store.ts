import type { JWK } from 'jose';
import { FIRST, type KeyRecord, type KeyStore } from '../keys/store.ts';
import { isUniqueViolation } from './faults.ts';
import type { Database, SigningKeyRow } from './schema.ts';

/** `overwrite` is called when a private part has been destroyed, to see that no trace of it stays in the files. */
export function keyStore(db: Database, overwrite: () => Promise<void>): KeyStore {
  return {
    async listKeys() {
      const rows = await db.selectFrom('signing_keys').selectAll().orderBy('seq').execute();
      return rows.map(keyOf);
    },

    insertKey: (key) =>
      unlessTaken(
        db.transaction().execute(async (trx) => {
          if (!(await isPlaceFree(trx, key.succeeds))) return false;
          await trx.insertInto('signing_keys').values(rowOf(key)).execute();
          return true;
        }),
      ),

    async promoteKey(kid, at) {
      const result = await db
        .updateTable('signing_keys')
        .set({ activates_at: at })
        .where('kid', '=', kid)
        .where('revoked_at', 'is', null)
        .where('activates_at', '>', at)
        .executeTakeFirst();
      return result.numUpdatedRows === 1n;
    },

    async revokeKey(kid, { revokedAt, promote, spare }) {
      const revoked = await unlessTaken(
        db.transaction().execute(async (trx) => {
          if (promote !== null && !(await isUnrevoked(trx, promote))) return false;
          if (spare !== null && !(await isPlaceFree(trx, spare.succeeds))) return false;
          // First among the writes, so that nothing has to be undone where another process was faster.
          const updated = await trx
            .updateTable('signing_keys')
            .set({ revoked_at: revokedAt, sealed_private_key: null })
            .where('kid', '=', kid)
            .where('revoked_at', 'is', null)
            .executeTakeFirst();
          if (updated.numUpdatedRows === 0n) return false;
          if (promote !== null) {
            await trx
              .updateTable('signing_keys')
              .set({ activates_at: revokedAt })
              .where('kid', '=', promote)
              .where('revoked_at', 'is', null)
              .where('activates_at', '>', revokedAt)
              .execute();
          }
          if (spare !== null) await trx.insertInto('signing_keys').values(rowOf(spare)).execute();
          return true;
        }),
      );
      if (revoked) await overwrite();
      return revoked;
    },

    async settleKeys({ destroyPrivate, remove, extend, tokensLiveFor }) {
      await db.transaction().execute(async (trx) => {
        if (destroyPrivate.length > 0) {
          await trx
            .updateTable('signing_keys')
            .set({ sealed_private_key: null })
            .where('kid', 'in', destroyPrivate)
            .execute();
        }
        if (extend.length > 0) {
          await trx
            .updateTable('signing_keys')
            .set({ tokens_live_for: tokensLiveFor })
            .where('kid', 'in', extend)
            .where('tokens_live_for', '<', tokensLiveFor)
            .execute();
        }
        if (remove.length > 0) {
          await trx.deleteFrom('signing_keys').where('kid', 'in', remove).where('revoked_at', 'is', null).execute();
        }
      });
      if (destroyPrivate.length + remove.length > 0) await overwrite();
    },
  };
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
    revokedAt: row.revoked_at,
    tokensLiveFor: row.tokens_live_for,
    publicJwk: JSON.parse(row.public_jwk) as JWK,
    sealedPrivateKey: row.sealed_private_key,
  };
}

function rowOf(key: KeyRecord): Omit<SigningKeyRow, 'seq'> {
  return {
    kid: key.kid,
    succeeds: key.succeeds,
    alg: key.alg,
    published_at: key.publishedAt,
    activates_at: key.activatesAt,
    revoked_at: key.revokedAt,
    tokens_live_for: key.tokensLiveFor,
    public_jwk: JSON.stringify(key.publicJwk),
    sealed_private_key: key.sealedPrivateKey,
  };
}
