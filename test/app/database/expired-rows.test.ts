import { setImmediate as others } from 'node:timers/promises';
import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  SqliteQueryCompiler,
} from 'kysely';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { expiredRows } from '../../../src/database/stores/expired-rows.ts';
import type { Tables } from '../../../src/database/schema.ts';
import { connectTo, newDatabase, newUrl } from '../../support/database.ts';
import { aClient, aSecret, aSession, aToken, aUse, aUser, noRepeatsYet, occasion } from '../../support/records.ts';
import { isPostgres } from '../../support/place.ts';
import { openEngine } from '../../support/database/versions.ts';

const day = 86_400;
const now = systemClock();

async function start() {
  const url = await newUrl();
  const database = await newDatabase(url);
  const { db } = await openEngine(url);
  await database.users.insertUser(aUser('ada'), occasion(now));
  await database.clients.insertClient(aClient('cli_1'), aSecret('sec_1'), occasion(now));
  const begin = async (id: string, tokensExpireAt: number, endedAt: number | null = null) => {
    const session = aSession(id, aUser('ada'), { tokensExpireAt, expiresAt: now + 90 * day, endedAt });
    expect(await database.sessions.startSession(session, null, aUser('ada').passwordHash, occasion(now))).toBe(true);
    return session;
  };
  const namesIn = async (table: keyof Tables, column: string) =>
    (await (await connectTo(url)).all(`select ${column} as name from ${table} order by 1`)).map(({ name }) => name);
  return { url, db, database, begin, namesIn, expired: database.expiredRows };
}

/** Removes until nothing is left to remove; returns how many rows went with each look. */
async function removeAll(expired: { removeSome(now: number, most: number): Promise<number> }, most = 100, at = now) {
  const counts: number[] = [];
  for (;;) {
    const count = await expired.removeSome(at, most);
    if (count === 0) return counts;
    counts.push(count);
    // SQLite answers before anything else has had its turn in this process.
    await others();
  }
}

describe('removeSome', () => {
  it('removes used refresh tokens a day after they expired, and no others, whatever became of their session', async () => {
    const { db, begin, namesIn, expired } = await start();
    const session = await begin('s', now + day);
    const ended = await begin('ended', now + day, now - 40 * day);
    const token = (hash: string, expiresAt: number, usedAt: number | null, of = session) => {
      const { issuedAt: issued_at, sessionId: session_id } = aToken(hash, of);
      return { hash, session_id, issued_at, expires_at: expiresAt, used_at: usedAt, sealed_successor: null };
    };
    await db
      .insertInto('refresh_tokens')
      .values([
        token('past', now - day, 1),
        token('past of an ended session', now - 2 * day, 1, ended),
        token('not a day past', now - day + 60, 1),
        token('good', now + 60, 1),
        token('unused', now - 2 * day, null),
      ])
      .execute();
    expect(await removeAll(expired)).toEqual([2]);
    expect(await namesIn('refresh_tokens', 'hash')).toEqual(['good', 'not a day past', 'unused']);
  });

  it('removes sessions 30 days after they could last be used, with what is left of their tokens', async () => {
    const { db, begin, namesIn, expired } = await start();
    await begin('past', now - 30 * day);
    await begin('known still', now - 30 * day + 60);
    await begin('open', now + 60);
    await begin('ended long ago, with tokens that would be good', now + 60, now - 90 * day);
    const last = { hash: 'last', session_id: 'past', issued_at: 1, expires_at: now - 30 * day };
    await db
      .insertInto('refresh_tokens')
      .values({ ...last, used_at: null, sealed_successor: null })
      .execute();
    expect(await removeAll(expired)).toEqual([1]);
    expect(await namesIn('sessions', 'id')).toEqual([
      'ended long ago, with tokens that would be good',
      'known still',
      'open',
    ]);
    expect(await namesIn('refresh_tokens', 'hash')).toEqual([]);
  });

  it('removes revoked tokens, used assertions and budgets a day after their time, and no event', async () => {
    const { db, database, namesIn, expired } = await start();
    for (const [name, expiresAt] of [
      ['past', now - day],
      ['kept', now - day + 60],
    ] as const) {
      await database.accessTokens.revokeAccessToken({ jti: name, expiresAt }, occasion(1));
      await db.insertInto('used_assertions').values({ client_id: 'cli_1', jti: name, expires_at: expiresAt }).execute();
      await db
        .insertInto('rate_limits')
        .values({ key: name, points: 1, expires_at: expiresAt * 1000 })
        .execute();
    }
    const events = await namesIn('audit_events', 'id');
    expect(await removeAll(expired)).toEqual([1, 1, 1]);
    expect(await namesIn('revoked_tokens', 'jti')).toEqual(['kept']);
    expect(await namesIn('used_assertions', 'jti')).toEqual(['kept']);
    expect(await namesIn('rate_limits', 'key')).toEqual(['kept']);
    expect(await namesIn('audit_events', 'id')).toEqual(events);
  });

  it('removes no more at once than it is told', async () => {
    const { db, expired } = await start();
    const rows = Array.from({ length: 25 }, (_, n) => ({ jti: `j${n}`, expires_at: 1 }));
    await db.insertInto('revoked_tokens').values(rows).execute();
    expect(await removeAll(expired, 10)).toEqual([10, 10, 5]);
  });

  it('is led to the rows by an index, and sorts nothing', async () => {
    const { url } = await start();
    const { upkeep } = await openEngine(url);
    const statements: { sql: string; parameters: readonly unknown[] }[] = [];
    const db = new Kysely<Tables>({
      dialect: {
        createAdapter: () => new PostgresAdapter(),
        createDriver: () => new DummyDriver(),
        createIntrospector: (each) => new PostgresIntrospector(each),
        createQueryCompiler: () => (isPostgres ? new PostgresQueryCompiler() : new SqliteQueryCompiler()),
      },
      log: ({ query }) => void statements.push(query),
    });
    await expiredRows({ db, upkeep: { ...upkeep, now: () => Promise.resolve(null) } }).removeSome(now, 10);
    expect(statements).toHaveLength(5);
    const other = await connectTo(url);
    if (isPostgres) await other.all('set enable_seqscan = off');
    for (const { sql, parameters } of statements) {
      const bare = sql.replaceAll(/\$\d+/g, () => '?');
      const plan = await other.all(`explain ${isPostgres ? '' : 'query plan '}${bare}`, ...parameters);
      const text = JSON.stringify(plan);
      expect(text).toMatch(/(_by_expiry|sessions_by_last_token)/);
      expect(text).not.toMatch(/Sort|TEMP B-TREE FOR ORDER/);
    }
  });
});

describe('two processes that remove at once', () => {
  it(
    'remove each of 20,000 rows once, and none is in the way of the other or of logins',
    { timeout: 180_000 },
    async () => {
      const { url, db, database, begin, namesIn, expired } = await start();
      const session = await begin('s', now + day);
      const rest = { session_id: session.id, issued_at: 1, used_at: 2, sealed_successor: null };
      for (let from = 0; from < 20_000; from += 2000) {
        const rows = Array.from({ length: 2000 }, (_, n) => ({ hash: `h${from + n}`, expires_at: 1 + n, ...rest }));
        await db.insertInto('refresh_tokens').values(rows).execute();
      }
      const other = await newDatabase(url);
      let isOver = false as boolean;
      const work = (async () => {
        let rounds = 0;
        while (!isOver) {
          const made = aSession(`w${rounds}`, aUser('ada'), { expiresAt: now + day, tokensExpireAt: now + day });
          const token = aToken(`t${rounds}`, made, { issuedAt: now, expiresAt: now + day });
          expect(await database.sessions.startSession(made, token, aUser('ada').passwordHash, occasion(now))).toBe(
            true,
          );
          const successor = aToken(`t${rounds}-2`, made, { issuedAt: now, expiresAt: now + day });
          const use = aUse(now, { tokensExpireAt: now + day });
          const rotation = { successor, sealedSuccessor: 'x', use, repeats: noRepeatsYet };
          expect(await database.sessions.rotateRefreshToken(token.hash, rotation)).toBe(true);
          rounds += 1;
          await others();
        }
        return rounds;
      })();
      onTestFinished(() => void (isOver = true));
      const counts = await Promise.all([removeAll(expired, 500), removeAll(other.expiredRows, 500)]);
      isOver = true;
      const rounds = await work;
      const sums = counts.map((each) => each.reduce((sum, count) => sum + count, 0));
      expect(sums.reduce((sum, count) => sum + count, 0)).toBe(20_000);
      // Each had its share, and so had those who only wanted to sign in.
      expect(Math.min(...sums)).toBeGreaterThan(0);
      expect(rounds).toBeGreaterThan(0);
      expect(await namesIn('refresh_tokens', 'hash')).toHaveLength(2 * rounds);
    },
  );
});
