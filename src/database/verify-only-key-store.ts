import type { VerifyOnlyKey, VerifyOnlyKeyStore } from '../keys/verify-only.ts';
import { recordEvents } from './audit-store.ts';
import type { Engine } from './engine.ts';
import { parseJwk } from './key-row.ts';
import type { VerifyOnlyKeyRow } from './schema.ts';
import { inTransaction } from './transaction.ts';
import { lockTurn } from './turns.ts';

export function verifyOnlyKeyStore({ db, announceKeys }: Pick<Engine, 'db' | 'announceKeys'>): VerifyOnlyKeyStore {
  return {
    async listVerifyOnlyKeys() {
      const rows = await db.selectFrom('verify_only_keys').selectAll().orderBy('published_at').orderBy('kid').execute();
      return rows.map(keyOf);
    },

    insertVerifyOnlyKey: (key, occasion) =>
      inTransaction(db, async (trx) => {
        await lockTurn(trx, 'keys');
        const taken = await trx.selectFrom('signing_keys').select('kid').where('kid', '=', key.kid).executeTakeFirst();
        if (taken !== undefined) return false;
        const inserted = await trx
          .insertInto('verify_only_keys')
          .values(rowOf(key))
          .onConflict((conflict) => conflict.column('kid').doNothing())
          .returning('kid')
          .execute();
        await recordEvents(trx, 'key.imported', kidsOf(inserted), occasion);
        if (inserted.length > 0) await announceKeys(trx);
        return inserted.length > 0;
      }),

    revokeVerifyOnlyKey: (kid, occasion) =>
      inTransaction(db, async (trx) => {
        const revoked = await trx
          .updateTable('verify_only_keys')
          .set({ revoked_at: occasion.at })
          .where('kid', '=', kid)
          .where('revoked_at', 'is', null)
          .returning('kid')
          .execute();
        await recordEvents(trx, 'key.revoked', kidsOf(revoked), occasion);
        if (revoked.length > 0) await announceKeys(trx);
        return revoked.length > 0;
      }),

    async removeVerifyOnlyKeys(kids, occasion) {
      if (kids.length === 0) return;
      await inTransaction(db, async (trx) => {
        const removed = await trx
          .deleteFrom('verify_only_keys')
          .where('kid', 'in', kids)
          .where('revoked_at', 'is', null)
          .returning('kid')
          .execute();
        await recordEvents(trx, 'key.retired', kidsOf(removed), occasion);
        if (removed.length > 0) await announceKeys(trx);
      });
    },
  };
}

function kidsOf(rows: readonly { kid: string }[]): string[] {
  return rows.map(({ kid }) => kid);
}

function keyOf(row: VerifyOnlyKeyRow): VerifyOnlyKey {
  return {
    kid: row.kid,
    alg: row.alg as VerifyOnlyKey['alg'], // written by rowOf alone
    publicJwk: parseJwk(row.public_jwk),
    publishedAt: row.published_at,
    publishedUntil: row.published_until,
    revokedAt: row.revoked_at,
    factsMac: row.facts_mac,
  };
}

function rowOf(key: VerifyOnlyKey): VerifyOnlyKeyRow {
  return {
    kid: key.kid,
    alg: key.alg,
    public_jwk: JSON.stringify(key.publicJwk),
    published_at: key.publishedAt,
    published_until: key.publishedUntil,
    revoked_at: key.revokedAt,
    facts_mac: key.factsMac,
  };
}
