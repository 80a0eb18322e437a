import { beforeEach, describe, expect, test } from 'vitest';
import { PacedLooks } from '../../../src/keys/keyring/paced-looks.ts';

let looks: { readonly begunAt: number; end(fault?: Error): void }[];
let paced: PacedLooks;

beforeEach(() => {
  looks = [];
  paced = new PacedLooks(
    () =>
      new Promise((resolve, reject) => {
        const end = (fault?: Error) => {
          if (fault === undefined) resolve();
          else reject(fault);
        };
        looks.push({ begunAt: performance.now(), end });
      }),
  );
});

/** Waits until a look has begun, and gives it. */
async function look(number: number): Promise<(typeof looks)[number]> {
  return expect
    .poll(() => looks[number], { interval: 5 })
    .toBeDefined()
    .then(() => looks[number] as (typeof looks)[number]);
}

async function isOver(work: Promise<unknown>): Promise<boolean> {
  const pending = Symbol('pending');
  const first = await Promise.race([work, new Promise((resolve) => setTimeout(resolve, 20, pending))]);
  return first !== pending;
}

describe('a look', () => {
  test('begins at once', async () => {
    const done = paced.run();
    await Promise.resolve();
    (await look(0)).end();
    await done;
  });

  test('that runs already is not enough: it may have passed by what has changed since', async () => {
    const first = paced.run();
    const running = await look(0);
    const second = paced.run();
    running.end();
    await first;
    expect(await isOver(second)).toBe(false);
    (await look(1)).end();
    await second;
  });

  test('that is still to begin is shared', async () => {
    const first = paced.run();
    const running = await look(0);
    const others = Array.from({ length: 100 }, () => paced.run());
    running.end();
    (await look(1)).end();
    await Promise.all([first, ...others]);
    expect(looks).toHaveLength(2);
  });

  test('begins a quarter of a second after the one before, whether that failed or not', async () => {
    for (const fault of [undefined, new Error('away'), undefined]) {
      const done = paced.run();
      (await look(looks.length)).end(fault);
      await done.catch(() => undefined);
    }
    const gaps = looks.slice(1).map(({ begunAt }, place) => begunAt - (looks[place]?.begunAt ?? 0));
    for (const gap of gaps) expect(gap).toBeGreaterThan(245);
  });

  test('that fails fails for all who wait for it, and for nobody else', async () => {
    const first = paced.run();
    (await look(0)).end(new Error('away'));
    await expect(first).rejects.toThrow('away');
    const [one, two] = [paced.run(), paced.run()];
    (await look(1)).end(new Error('still away'));
    await expect(one).rejects.toThrow('still away');
    await expect(two).rejects.toThrow('still away');
    const third = paced.run();
    (await look(2)).end();
    await third;
  });
});

describe('who can do without', () => {
  test('waits half a second for a store that says nothing, and then not at all until it has answered', async () => {
    const begunAt = performance.now();
    await paced.tryRun();
    expect(performance.now() - begunAt).toBeGreaterThan(450);
    expect(performance.now() - begunAt).toBeLessThan(10_000);
    expect(await isOver(paced.tryRun())).toBe(true);
    const answered = paced.run();
    looks[0]?.end();
    (await look(1)).end();
    await answered;
    const fresh = paced.tryRun();
    expect(await isOver(fresh)).toBe(false);
    (await look(2)).end();
    await fresh;
  });

  test('does not hear of a failure, and does not wait for the next one', async () => {
    const first = paced.tryRun();
    (await look(0)).end(new Error('away'));
    await first;
    expect(await isOver(paced.tryRun())).toBe(true);
    (await look(1)).end();
  });
});
