import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Budget, Taken, ThrottleStore } from '../../../src/throttling/store.ts';
import { Unavailable } from '../../../src/unavailable.ts';
import { connectTo, holdUp, newDatabase, newUrl, openStores, rowsOf } from '../../support/database.ts';

const now = 1_790_000_000;
const three = { name: 'three', tries: 3, within: 60 };
const five = { name: 'five', tries: 5, within: 600 };

function budget(policy: Budget['policy'], ...of: string[]): Budget {
  return { policy, of };
}

async function takeOne(store: ThrottleStore, budgets: Budget[], at = now): Promise<readonly Taken[]> {
  const outcome = await store.take(budgets, at);
  if (outcome.kind === 'refused') throw new Error(`refused by ${JSON.stringify(outcome.usedUp)}`);
  return outcome.taken;
}

/** How many tries there are left, which this takes. */
async function exhaust(store: ThrottleStore, budgets: Budget[], at = now): Promise<number> {
  for (let taken = 0; ; taken += 1) if ((await store.take(budgets, at)).kind === 'refused') return taken;
}

describe('a budget', () => {
  it('has the tries of its policy, then says when there are some again', async () => {
    const { rateLimits: store } = await newDatabase();
    await takeOne(store, [budget(three, 'ada')]);
    expect(await exhaust(store, [budget(three, 'ada')], now + 10)).toBe(2);
    const refused = (retryAfter: number) => ({ kind: 'refused', usedUp: [{ policy: 'three', retryAfter }] });
    expect(await store.take([budget(three, 'ada')], now + 10)).toEqual(refused(50));
    expect(await store.take([budget(three, 'ada')], now + 59)).toEqual(refused(1));
    expect(await exhaust(store, [budget(three, 'ada')], now + 60)).toBe(3);
    expect(await store.take([budget(three, 'ada')], now + 60)).toEqual(refused(60));
  });

  it('is one for each policy and each of whom it is, however their names are cut', async () => {
    const { rateLimits: store } = await newDatabase();
    expect(await exhaust(store, [budget(three, 'a', 'b')])).toBe(3);
    for (const of of [['a'], ['b', 'a'], ['ab'], ['a,b'], ['a","b'], ['a b'], ['a', 'b', '']])
      expect(await exhaust(store, [budget(three, ...of)])).toBe(3);
    expect(await exhaust(store, [budget(five, 'a', 'b')])).toBe(5);
  });

  it('gives a try only together with the others that are asked for', async () => {
    const { rateLimits: store } = await newDatabase();
    const both = [budget(three, 'ada'), budget(five, 'here')];
    expect(await exhaust(store, both)).toBe(3);
    expect(await exhaust(store, [budget(five, 'here')])).toBe(2);
    expect(await store.take(both.toReversed(), now)).toEqual({
      kind: 'refused',
      usedUp: [
        { policy: 'five', retryAfter: 600 },
        { policy: 'three', retryAfter: 60 },
      ],
    });
  });

  it('takes back what was taken, and no more', async () => {
    const { rateLimits: store } = await newDatabase();
    const both = [budget(three, 'ada'), budget(five, 'here')];
    const taken = await takeOne(store, both);
    await exhaust(store, both);
    await store.giveBack(taken);
    expect(await exhaust(store, both)).toBe(1);
  });

  it('takes nothing back into a time that is not the one it was taken in', async () => {
    const { rateLimits: store } = await newDatabase();
    const taken = await takeOne(store, [budget(three, 'ada')]);
    await takeOne(store, [budget(three, 'ada')], now + 60);
    await store.giveBack(taken);
    expect(await exhaust(store, [budget(three, 'ada')], now + 60)).toBe(2);
    await store.giveBack([{ key: 'nobody', expiresAt: now * 1000 }]);
  });

  it('is never overdrawn by many at once', async () => {
    const { rateLimits: store } = await newDatabase();
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => store.take([budget(five, 'ada')], now)));
    expect(outcomes.filter(({ kind }) => kind === 'taken')).toHaveLength(5);
  });

  it('is the same for two processes at one database, and after a restart', async () => {
    const url = await newUrl();
    const [one, other] = [await newDatabase(url), await newDatabase(url)];
    const takes = Array.from({ length: 20 }, (_, n) =>
      (n % 2 === 0 ? one : other).rateLimits.take([budget(five)], now),
    );
    expect((await Promise.all(takes)).filter(({ kind }) => kind === 'taken')).toHaveLength(5);
    const later = await newDatabase(url);
    expect(await exhaust(later.rateLimits, [budget(five)])).toBe(0);
  });
});

describe('the table of budgets', () => {
  type Row = { key: string; points: number; expires_at: number };

  async function tableAt() {
    const url = await newUrl();
    const { rateLimits: store } = await newDatabase(url);
    const rows = () => rowsOf(url, 'rate_limits') as Promise<Row[]>;
    return { store, rows, url };
  }

  it('has rows of one size, with nothing in them that somebody typed', async () => {
    const { store, rows } = await tableAt();
    const typed = 'my password, in the wrong field '.repeat(500);
    await takeOne(store, [budget(three, typed), budget(three, '')]);
    expect((await rows()).map(({ key }) => key)).toEqual([
      expect.stringMatching(/^three:[\w-]{43}$/),
      expect.stringMatching(/^three:[\w-]{43}$/),
    ]);
    expect((await rows())[0]).toMatchObject({ points: 1, expires_at: (now + 60) * 1000 });
  });

  it('does not change by what is refused', async () => {
    const { store, rows } = await tableAt();
    await exhaust(store, [budget(three, 'ada'), budget(five, 'here')]);
    const before = await rows();
    for (let n = 0; n < 40; n += 1) await store.take([budget(five, 'elsewhere', String(n)), budget(three, 'ada')], now);
    expect(await rows()).toEqual(before);
  });

  it('loses what is over in small batches, faster than it grows, and nothing else', async () => {
    const { store, url } = await tableAt();
    const other = await connectTo(url);
    const values = Array.from({ length: 1000 }, (_, n) => `('old ${n}', 1, ${now * 1000 - n})`);
    await other.all(`insert into rate_limits values ${values.join()}`);
    const rows = () => other.all('select key from rate_limits') as Promise<Row[]>;
    const sizes: number[] = [];
    for (let n = 0; n < 400; n += 1) {
      await takeOne(store, [budget(three, 'account', String(n)), budget(five, 'network', String(n))]);
      sizes.push((await rows()).length);
    }
    const removals = sizes.map((size, n) => (sizes[n - 1] ?? 1000) + 2 - size);
    expect(Math.max(...removals)).toBe(100);
    expect((await rows()).filter(({ key }) => key.startsWith('old'))).toEqual([]);
    expect(await rows()).toHaveLength(800);
  });

  it('that cannot be written lets nobody through', async () => {
    const { url } = await tableAt();
    const store = openStores(url).rateLimits;
    const taken = await takeOne(store, [budget(three, 'ada')]);
    const letGo = await holdUp(url);
    await expect(store.take([budget(three, 'ada')], now)).rejects.toThrow(Unavailable);
    await expect(store.giveBack(taken)).rejects.toThrow(Unavailable);
    await letGo();
    await store.giveBack(taken);
    expect(await exhaust(store, [budget(three, 'ada')])).toBe(3);
  });

  it('waits for another process without holding up this one', async () => {
    const { store, url } = await tableAt();
    const letGo = await holdUp(url);
    const take = takeOne(store, [budget(three, 'ada')]);
    await sleep(50);
    await letGo();
    expect(await take).toHaveLength(1);
  });
});
