import { sql } from 'kysely';
import type { Engine } from '../engine.ts';
import type { Tables } from '../schema.ts';

/**
 * Rows that nobody can use any more. Any number of processes may remove them at once: PostgreSQL gives each row to one of
 * them, SQLite lets one write at a time. Events of the audit trail are not among them: they stay.
 */
export type ExpiredRows = {
  /** Removes at most `most` rows of one kind; returns how many. 0 says that none is left. `now` is in epoch seconds. */
  removeSome(now: number, most: number): Promise<number>;
};

const day = 86_400;

/**
 * Seconds for which a row is kept when it has had its time: far more than the clocks of replicas differ by, since what one
 * with its clock ahead removes must be of no use to the others either.
 */
const margin = day;

/**
 * Seconds for which a device is known (`devices.ts`), after its session could last be used, by where it was or by the last
 * refresh token it had. That one has not been used, and goes with its session; those before it go by their own time.
 */
const knownDevice = 30 * day;

type Kind = {
  readonly table: keyof Tables;
  readonly key: readonly string[];
  /** When a row has had its time, in seconds, or in as many parts of one as it says. */
  readonly moment: string;
  readonly perSecond: number;
  readonly keepFor: number;
  readonly only: string;
};

const usually = { key: ['jti'], moment: 'expires_at', perSecond: 1, keepFor: margin, only: 'true' };

/** An index leads to the rows of each. */
const kinds: readonly Kind[] = [
  { ...usually, table: 'refresh_tokens', key: ['hash'], only: 'used_at is not null' },
  { ...usually, table: 'sessions', key: ['id'], moment: 'tokens_expire_at', keepFor: knownDevice },
  { ...usually, table: 'revoked_tokens' },
  { ...usually, table: 'used_assertions', key: ['client_id', 'jti'] },
  { ...usually, table: 'rate_limits', key: ['key'], perSecond: 1000 },
];

export function expiredRows({ db, upkeep }: Pick<Engine, 'db' | 'upkeep'>): ExpiredRows {
  return {
    async removeSome(now, most) {
      // A replica whose clock is far ahead would remove what is still good.
      const moment = Math.min(now, (await upkeep.now(db)) ?? now);
      for (const kind of kinds) {
        const { numAffectedRows } = await removal(kind, moment, most).execute(db);
        if (numAffectedRows !== undefined && numAffectedRows > 0n) return Number(numAffectedRows);
      }
      return 0;
    },
  };

  /** Materialized, or PostgreSQL may look for the rows again for each that it removes, and remove more of them. */
  function removal({ table, key, moment, perSecond, keepFor, only }: Kind, now: number, most: number) {
    const columns = sql.join(key.map((name) => sql.ref(name)));
    const until = (now - keepFor) * perSecond;
    // SQLite takes rows without a key, which are never found again, and would be the first of each batch.
    const isNamed = sql.join(
      key.map((name) => sql`${sql.ref(name)} is not null`),
      sql` and `,
    );
    return sql`with expired as materialized (
      select ${columns} from ${sql.table(table)} where ${sql.ref(moment)} <= ${until} and ${sql.raw(only)} and ${isNamed}
      order by ${sql.ref(moment)} limit ${sql.lit(most)} ${sql.raw(upkeep.skipLocked)}
    ) delete from ${sql.table(table)} where (${columns}) in (select ${columns} from expired)`;
  }
}
