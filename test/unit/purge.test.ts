import { describe, expect, it, onTestFinished } from 'vitest';
import { startPurge } from '../../src/server/purge.ts';
import { Unavailable } from '../../src/unavailable.ts';

/** A store with so many rows left; `fault` is what the next look meets. */
function aStore(rows: number) {
  const looks: { now: number; most: number; at: number }[] = [];
  const store = {
    left: rows,
    fault: undefined as Error | undefined,
    looks,
    removeSome: async (now: number, most: number) => {
      looks.push({ now, most, at: performance.now() });
      const { fault } = store;
      store.fault = undefined;
      if (fault !== undefined) throw fault;
      const count = Math.min(store.left, most);
      store.left -= count;
      return count;
    },
  };
  return store;
}

function start(store: ReturnType<typeof aStore>, interval = 20) {
  const lines: { level: string; message: string }[] = [];
  const logTo = (level: string) => (_: object, message: string) => void lines.push({ level, message });
  const log = { debug: logTo('debug'), error: logTo('error') };
  const purge = startPurge({ store, clock: () => 1234, log, interval });
  onTestFinished(() => purge.stop());
  return { purge, lines };
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 2));
}

describe('startPurge', () => {
  it('removes what there is, a few rows at a time and with a rest after each', async () => {
    const store = aStore(250);
    start(store, 1);
    await until(() => store.left === 0 && store.looks.length >= 4);
    const [one, two, three] = store.looks;
    expect(one).toMatchObject({ now: 1234, most: 100 });
    // In milliseconds; timers may be a little early.
    expect((two?.at ?? 0) - (one?.at ?? 0)).toBeGreaterThan(18);
    expect((three?.at ?? 0) - (two?.at ?? 0)).toBeGreaterThan(18);
  });

  it('looks again and again, not at once when it begins', async () => {
    const store = aStore(0);
    const begin = performance.now();
    start(store, 60);
    await until(() => store.looks.length === 3);
    expect((store.looks[0]?.at ?? 0) - begin).toBeGreaterThan(28);
    store.left = 1;
    await until(() => store.left === 0);
  });

  it('goes on after a fault: one that passes is no news, any other is', async () => {
    const store = aStore(5);
    store.fault = new Unavailable('The database is unavailable.');
    const { lines } = start(store);
    await until(() => store.left === 0);
    expect(lines).toEqual([{ level: 'debug', message: 'expired rows stay until the database is there again' }]);
    store.fault = new Error('no such table');
    await until(() => lines.length === 2);
    expect(lines[1]).toEqual({ level: 'error', message: 'expired rows cannot be removed' });
    store.left = 5;
    await until(() => store.left === 0);
  });

  it('stops at once while it waits, and for good', async () => {
    const store = aStore(1_000_000);
    const { purge } = start(store);
    await until(() => store.looks.length > 1);
    const begin = performance.now();
    await purge.stop();
    expect(performance.now() - begin).toBeLessThan(10_000);
    const { length } = store.looks;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(store.looks).toHaveLength(length);
    // Far from the next look, too.
    const { purge: idle } = start(aStore(0), 3_600_000);
    await idle.stop();
    expect(performance.now() - begin).toBeLessThan(10_000);
  });

  it('does not return from stop while a look goes on', async () => {
    const store = aStore(10);
    let finish: (() => void) | undefined;
    let isStopped = false;
    const slow = {
      removeSome: () =>
        new Promise<number>((resolve) => {
          finish = () => {
            resolve(0);
          };
        }),
    };
    const log = { debug: () => undefined, error: () => undefined };
    const purge = startPurge({ store: slow, clock: () => store.left, log, interval: 1 });
    await until(() => finish !== undefined);
    const stopping = purge.stop().then(() => (isStopped = true));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(isStopped).toBe(false);
    finish?.();
    await stopping;
  });
});
