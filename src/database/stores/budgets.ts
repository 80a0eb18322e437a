// By parts: the library's front door loads the limiters of every database that there is, which takes a tenth of the start.
import RateLimiterRes from 'rate-limiter-flexible/lib/RateLimiterRes.js';
import RateLimiterStoreAbstract from 'rate-limiter-flexible/lib/RateLimiterStoreAbstract.js';
import { LimitReached } from '../../throttling/limit-reached.ts';
import type { Policy } from '../../throttling/policies.ts';
import type { Budget, Taken, UsedUp } from '../../throttling/store.ts';
import { hashed } from './once.ts';
import type { Database } from '../schema.ts';

/** Of the budgets whose time is over, at most so many are removed with every so many-th take: more than are added. */
const removedAtOnce = 100;
const takesBetween = 16;

export type Budgets = {
  /**
   * Takes one try from every budget at `now` (epoch seconds). Throws `LimitReached` when one of them has none left. The last
   * step of a transaction, whatever else that does: who has the row of a budget waits for nothing any more.
   */
  take(trx: Database, budgets: readonly Budget[], now: number): Promise<readonly Taken[]>;
};

/** Budgets as rows that every replica counts on. What has been refused leaves no trace, so it cannot make anything grow. */
export function createBudgets(): Budgets {
  const limiters = new Map<string, Limiter>();
  let takes = 0;

  return {
    async take(trx, budgets, now) {
      if (budgets.length === 0) return [];
      const taken = await takeAll(trx, budgets, now);
      takes += 1;
      if (takes % takesBetween === 0) await removeExpired(trx, now);
      return taken;
    },
  };

  async function takeAll(trx: Database, budgets: readonly Budget[], now: number): Promise<Taken[]> {
    const wanted = budgets.map(({ policy, of }, nth) => ({ nth, limiter: limiterOf(policy), of: hashed(of) }));
    const outcomes: (Taken | UsedUp)[] = [];
    for (const { nth, limiter, of } of inOrder(wanted, (each) => each.limiter.getKey(each.of)))
      outcomes[nth] = await takeOne(limiter, of, { trx, now: now * 1000 });
    const usedUp = outcomes.filter((outcome) => 'policy' in outcome);
    if (usedUp.length > 0) throw new LimitReached(usedUp);
    return outcomes.filter((outcome) => 'key' in outcome);
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

/** Whoever changes several rows changes them in one order, so that no two ever wait for each other. */
export function inOrder<Each>(all: readonly Each[], keyOf: (each: Each) => string): Each[] {
  return all.toSorted((one, two) => (keyOf(one) < keyOf(two) ? -1 : 1));
}

async function takeOne(limiter: Limiter, of: string, moment: Moment): Promise<Taken | UsedUp> {
  try {
    const { msBeforeNext } = await limiter.consume(of, 1, moment);
    return { key: limiter.getKey(of), expiresAt: moment.now + msBeforeNext };
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error;
    return { policy: limiter.keyPrefix, retryAfter: Math.max(1, Math.ceil(error.msBeforeNext / 1000)) };
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

async function removeExpired(trx: Database, now: number): Promise<void> {
  await trx
    .deleteFrom('rate_limits')
    .where('key', 'in', (eb) =>
      eb
        .selectFrom('rate_limits')
        .select('key')
        .where('expires_at', '<=', now * 1000)
        .orderBy('expires_at')
        .limit(removedAtOnce)
        .forUpdate()
        .skipLocked(),
    )
    .execute();
}
