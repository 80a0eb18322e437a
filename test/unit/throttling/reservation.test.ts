import { describe, expect, it } from 'vitest';
import { type Reservation, attempt } from '../../../src/throttling/reservation.ts';
import { Throttled } from '../../../src/throttling/throttled.ts';
import { Unavailable } from '../../../src/unavailable.ts';

/** A reservation that cannot be given back. */
function failsWith(fault: Error): Reservation {
  return { giveBack: () => Promise.reject(fault) };
}

const isAway = failsWith(new Unavailable('The database is away.'));
const isBroken = failsWith(new TypeError('not foreseen'));
const throttled = new Throttled(1, ['another']);

describe('an attempt whose try cannot be given back, since the database has gone away', () => {
  it('has the outcome that it had', async () => {
    const made = attempt(
      isAway,
      async () => 'done',
      () => false,
    );
    await expect(made).resolves.toBe('done');
  });

  it('is refused by the limit that refused it', async () => {
    const refused = attempt(
      isAway,
      () => Promise.reject(throttled),
      () => false,
    );
    await expect(refused).rejects.toBe(throttled);
  });
});

it('an attempt hides no fault that nobody has foreseen', async () => {
  const made = attempt(
    isBroken,
    async () => 'done',
    () => false,
  );
  await expect(made).rejects.toThrow('not foreseen');
});
