import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { newDatabase } from '../../../support/database.ts';

const policy = { name: 'many', tries: 2000, within: 60 };

it('transactions that come at once leave the event loop turns in between, so that sockets and timers go on', async () => {
  const { rateLimits: store } = await newDatabase();
  const takesAre = { done: false };
  let turns = 0;
  const takes = Array.from({ length: 1000 }, (_, n) => store.take([{ policy, of: [String(n)] }], 1000));
  const all = Promise.all(takes).finally(() => {
    takesAre.done = true;
  });
  while (!takesAre.done) {
    await turn();
    turns += 1;
  }
  await all;
  // One, where all are done in it.
  expect(turns).toBeGreaterThan(1);
});
