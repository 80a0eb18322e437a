import { createHash } from 'node:crypto';
// By parts: the library's front door loads the limiters of every database that there is, which takes a tenth of the start.
import RateLimiterRes from 'rate-limiter-flexible/lib/RateLimiterRes.js';
import RateLimiterStoreAbstract from 'rate-limiter-flexible/lib/RateLimiterStoreAbstract.js';
import type { Policy } from '../throttling/policies.ts';
import type { Budget, Take, Taken, ThrottleStore } from '../throttling/store.ts';
import { findDevice } from './devices.ts';
import type { Database } from './schema.ts';

/** Of the budgets whose time is over, at most so many are removed with every so many-th take: more than are added. */
const removedAtOnce = 100;
const takesBetween = 16;

/** Budgets as rows that every replica counts on. What has been refused leaves no trace, so it cannot make anything grow. */
export function rateLimitStore(db: Database): ThrottleStore {
  const limiters = new Map<string, Limiter>();
  let takes = 0;

  return {
    take: (budgets, now) =>
      db
        .transaction()
        .execute(async (trx) => {
          const outcome = await takeAll(trx, budgets, now);
          takes += 1;
          if (takes % takesBetween === 0) await removeExpired(trx, now);
          return outcome;
        })
        .catch((error: unknown) => {
          if (error instanceof NoneLeft) return error.refusal;
          throw error;
        }),

    // The library's `reward` would leave a credit where the budget has begun anew.
    giveBack: (taken) =>
      db.transaction().execute(async (trx) => {
        for (const { key, expiresAt } of taken) {
          await trx
            .updateTable('rate_limits')
            .set((eb) => ({ points: eb('points', '-', 1) }))
            .where('key', '=', key)
            .where('expires_at', '=', expiresAt)
            .execute();
        }
      }),

    findDevice: (login) => findDevice(db, login),
  };

  /** Throws `NoneLeft`, so that the transaction comes to nothing. */
  async function takeAll(trx: Database, budgets: readonly Budget[], now: number): Promise<Take> {
    const taken: Taken[] = [];
    const refused: { policy: string; retryAfter: number }[] = [];
    for (const { policy, of } of budgets) {
      const limiter = limiterOf(policy);
      const key = hashed(of);
      try {
        const { msBeforeNext } = await limiter.consume(key, 1, { trx, now: now * 1000 });
        taken.push({ key: limiter.getKey(key), expiresAt: now * 1000 + msBeforeNext });
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error;
        refused.push({ policy: policy.name, retryAfter: Math.ceil(error.msBeforeNext / 1000) });
      }
    }
    if (refused.length > 0) throw new NoneLeft(refused);
    return { kind: 'taken', taken };
  }

  function limiterOf({ name, tries, within }: Policy): Limiter {
    let limiter = limiters.get(name);
    if (limiter === undefined) {
      limiter = new Limiter({ keyPrefix: name, points: tries, duration: within });
      limiters.set(name, limiter);
    }
    return limiter;
  }
}

class NoneLeft extends Error {
  readonly refusal: Take;

  constructor(refused: readonly { policy: string; retryAfter: number }[]) {
    super('no try is left');
    const retryAfter = Math.max(1, ...refused.map((each) => each.retryAfter));
    this.refusal = { kind: 'refused', retryAfter, policies: refused.map(({ policy }) => policy) };
  }
}

/** In milliseconds, as the library has it; the moment is the caller's, where the library would look at the system's clock. */
type Moment = { readonly trx: Database; readonly now: number };
type Stored = { readonly points: number; readonly expiresAt: number; readonly now: number };

/** As much of a limiter as `consume` needs. */
class Limiter extends RateLimiterStoreAbstract<Moment, Stored> {
  protected override async _upsert(
    key: string,
    points: number,
    duration: number,
    _isForced: boolean,
    { trx, now }: Moment,
  ): Promise<Stored> {
    const row = await trx
      .insertInto('rate_limits')
      .values({ key, points, expires_at: now + duration })
      .onConflict((conflict) =>
        conflict.column('key').doUpdateSet((eb) => {
          const isOver = eb('rate_limits.expires_at', '<=', now);
          const sum = eb('rate_limits.points', '+', eb.ref('excluded.points'));
          return {
            points: eb.case().when(isOver).then(eb.ref('excluded.points')).else(sum).end(),
            expires_at: eb
              .case()
              .when(isOver)
              .then(eb.ref('excluded.expires_at'))
              .else(eb.ref('rate_limits.expires_at'))
              .end(),
          };
        }),
      )
      .returning(['points', 'expires_at'])
      .executeTakeFirstOrThrow();
    return { points: row.points, expiresAt: row.expires_at, now };
  }

  protected override _getRateLimiterRes(_key: string, changed: number, { points, expiresAt, now }: Stored) {
    return new RateLimiterRes(Math.max(this.points - points, 0), expiresAt - now, points, points === changed);
  }
}

/** Rows are of one size, and hold nothing that somebody typed. */
function hashed(of: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(of)).digest('base64url');
}

async function removeExpired(trx: Database, now: number): Promise<void> {
  await trx
    .deleteFrom('rate_limits')
    .where('key', 'in', (eb) =>
      eb
        .selectFrom('rate_limits')
        .select('key')
        .where('expires_at', '<=', now * 1000)
        .orderBy('expires_at')
        .limit(removedAtOnce),
    )
    .execute();
}
