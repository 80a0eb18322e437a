import { sql } from 'kysely';
import type { KeyRecord, KeyStore } from '../../keys/store.ts';
import { isPlaceFree } from '../../keys/timeline/succession.ts';
import { recordEvents } from './audit-store.ts';
import type { Engine } from '../engine.ts';
import { writeFactsMacs } from './facts-macs.ts';
import { isUniqueViolation } from '../faults.ts';
import { isNotRevoked, rowOf, signingKeyColumns, signingKeyOf, textOf } from './key-row.ts';
import type { Database } from '../schema.ts';
import { findForgotten, forgetKeys } from './revoked-keys.ts';
import { inTransaction } from '../transaction.ts';
import { lockTurn } from '../turns.ts';

/** Traces are removed when a private part has been destroyed, so that no trace of it stays in the files. */
export function keyStore({ db, traces, announceKeys }: Pick<Engine, 'db' | 'traces' | 'announceKeys'>): KeyStore {
  return {
    async listKeys() {
      await traces.removeIfOwed();
      const rows = await db.selectFrom('signing_keys').select(signingKeyColumns).orderBy('place').execute();
      return rows.map(signingKeyOf);
    },

    insertKey: (key, event, occasion) =>
      unlessTaken(
        inTransaction(db, async (trx) => {
          await lockTurn(trx, 'keys');
          if (!(await mayInsert(trx, key))) return false;
          await trx.insertInto('signing_keys').values(rowOf(key)).execute();
          await recordEvents(trx, event, [key.kid], occasion);
          await announceKeys(trx);
          return true;
        }),
      ),

    promoteKey: (kid, { from, to }, occasion) =>
      inTransaction(db, async (trx) => {
        const promoted = await promote(trx, kid, to).where('activates_at', '=', from).execute();
        await recordEvents(trx, 'key.activated', kidsOf(promoted), occasion);
        if (promoted.length > 0) await announceKeys(trx);
        return promoted.length > 0;
      }),

    async revokeKey(kid, { promote: heir, spare }, occasion) {
      const revoked = await unlessTaken(
        inTransaction(db, async (trx) => {
          await lockTurn(trx, 'keys');
          if (heir !== null && !(await isUnrevoked(trx, heir))) return false;
          if (spare !== null && !(await mayInsert(trx, spare))) return false;
          // First among the writes, so that nothing has to be undone where another process was faster.
          const updated = await trx
            .updateTable('signing_keys')
            .set({ revoked_at: occasion.at, sealed_private_key: null })
            .where('kid', '=', kid)
            .where(isNotRevoked())
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
          await announceKeys(trx);
          return true;
        }),
      );
      if (revoked) await traces.remove();
      return revoked;
    },

    async noteTokens(kid, expireAt) {
      const result = await db
        .updateTable('signing_keys')
        .set({
          tokens_expire_at: sql<number>`case when tokens_expire_at > ${expireAt} then tokens_expire_at else ${expireAt} end`,
        })
        .where('kid', '=', kid)
        .where('revoked_at', 'is', null)
        .executeTakeFirst();
      return result.numUpdatedRows === 1n;
    },

    async settleKeys({ tookOver, destroyPrivate, remove, forget = [] }, occasion) {
      await inTransaction(db, async (trx) => {
        await lockTurn(trx, 'keys');
        const changed: string[] = [];
        if (tookOver.length > 0) {
          const rows = await trx
            .updateTable('signing_keys')
            .set({ took_over_at: occasion.at })
            .where('kid', 'in', tookOver)
            .where('took_over_at', 'is', null)
            .where('revoked_at', 'is', null)
            .returning('kid')
            .execute();
          await recordEvents(trx, 'key.activated', kidsOf(rows), occasion);
          changed.push(...kidsOf(rows));
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
          changed.push(...kidsOf(rows));
        }
        if (remove.length > 0) {
          const rows = await trx
            .deleteFrom('signing_keys')
            .where('kid', 'in', remove)
            .where('revoked_at', 'is', null)
            .returning('kid')
            .execute();
          await recordEvents(trx, 'key.retired', kidsOf(rows), occasion);
          changed.push(...kidsOf(rows));
        }
        changed.push(...(await forgetKeys(trx, forget)));
        if (changed.length > 0) await announceKeys(trx);
      });
      if (destroyPrivate.length + remove.length > 0) await traces.remove();
    },

    findForgotten: (key) => findForgotten(db, key),

    async resealKey(kid, { from, to }, occasion) {
      const resealed = await inTransaction(db, async (trx) => {
        const rows = await trx
          .updateTable('signing_keys')
          .set({ sealed_private_key: to })
          .where('kid', '=', kid)
          .where('sealed_private_key', '=', from)
          .returning('kid')
          .execute();
        await recordEvents(trx, 'key.resealed', kidsOf(rows), occasion);
        if (rows.length > 0) await announceKeys(trx);
        return rows.length > 0;
      });
      if (resealed) await traces.remove();
      return resealed;
    },

    async writeMacs(changes) {
      const written = await writeFactsMacs({ db, announceKeys }, changes);
      if (written && changes.some(({ resealed }) => resealed !== null)) await traces.remove();
      return written;
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
    .where('took_over_at', 'is', null)
    .where('activates_at', '>', at)
    .returning('kid');
}

function kidsOf(rows: readonly { kid: string }[]): string[] {
  return rows.map(({ kid }) => kid);
}

async function mayInsert(db: Database, { kid, succeeds }: KeyRecord): Promise<boolean> {
  const rows = await db.selectFrom('signing_keys').select(['kid', 'succeeds']).orderBy('place').execute();
  const stored = rows.map((row) => ({ kid: textOf(row.kid), succeeds: textOf(row.succeeds) }));
  if (!isPlaceFree(stored, succeeds) || (await isVerifyOnly(db, kid))) return false;
  return (await findForgotten(db, { kid, thumbprint: null })) === null;
}

async function isVerifyOnly(db: Database, kid: string): Promise<boolean> {
  const query = db.selectFrom('verify_only_keys').select('kid').where('kid', '=', kid);
  return (await query.executeTakeFirst()) !== undefined;
}

async function isUnrevoked(db: Database, kid: string): Promise<boolean> {
  const query = db.selectFrom('signing_keys').select('kid').where('kid', '=', kid).where('revoked_at', 'is', null);
  return (await query.executeTakeFirst()) !== undefined;
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
