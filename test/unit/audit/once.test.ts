import { expect, it } from 'vitest';
import { createOnceRecorder } from '../../../src/audit/once.ts';
import { fakeClock } from '../../support/clock.ts';

/** What the database is asked for, and what it costs to say; it fails while `isAway`. */
function start() {
  const clock = fakeClock();
  const seen = { asked: [] as string[], said: 0, isAway: false };
  const audit = {
    recordOnce: async (type: string, subject: string | null) => {
      if (seen.isAway) throw new Error('away');
      seen.asked.push(`${type} ${subject}`);
    },
  };
  const recordOnce = createOnceRecorder({ audit, clock });
  const record = (of: string, window = 60) =>
    recordOnce('access.denied', { of: [of], until: clock() + window }, async () => {
      seen.said += 1;
      return { actor: { kind: 'anonymous' }, reason: null, subject: of, detail: 'x' };
    });
  return { clock, seen, record };
}

it('what this process knows to be on record costs no look at the database, until its time is over', async () => {
  const { clock, seen, record } = start();
  for (let n = 0; n < 100; n += 1) await record('a');
  await record('b', 10);
  expect(seen.asked).toEqual(['access.denied a', 'access.denied b']);
  clock.advance(10);
  for (const of of ['a', 'b', 'a']) await record(of);
  expect(seen.asked).toEqual(['access.denied a', 'access.denied b', 'access.denied b']);
  expect(seen.said).toBe(3);
});

it('what could not be put on record is tried again', async () => {
  const { seen, record } = start();
  seen.isAway = true;
  await expect(record('a')).rejects.toThrow('away');
  seen.isAway = false;
  await record('a');
  await record('a');
  expect(seen.asked).toEqual(['access.denied a']);
});

it('whoever repeats it under ever new names fills no memory: the database knows what this process has forgotten', async () => {
  const { seen, record } = start();
  await record('the first');
  for (let n = 0; n < 10_000; n += 1) await record(`name ${n}`);
  await record('name 9999');
  expect(seen.asked).toHaveLength(10_001);
  await record('the first');
  expect(seen.asked).toHaveLength(10_002);
});
