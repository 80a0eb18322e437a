import { describe, expect, it } from 'vitest';
import { Backoff, waitBeforeStart } from '../../../src/workers/backoff.ts';

describe('the time before a worker is replaced', () => {
  it('doubles from 100 ms to 10 s while workers keep on ending', () => {
    const backoff = new Backoff();
    const waits = Array.from({ length: 10 }, () => backoff.next(29_999));
    expect(waits).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000]);
  });

  it('is short again once one has served for 30 s', () => {
    const backoff = new Backoff();
    for (let n = 0; n < 9; n += 1) backoff.next(0);
    expect([backoff.next(30_000), backoff.next(0), backoff.next(0)]).toEqual([100, 200, 400]);
  });
});

describe('the wait of one worker, as things stand with all', () => {
  const ownWaits = [100, 400, 800, 10_000];
  const waits = (isAnyServing: boolean, failedStarts: number) =>
    ownWaits.map((own) => waitBeforeStart(own, { isAnyServing, failedStarts }));

  it('is its own while another serves', () => {
    for (const failedStarts of [0, 19, 20, 1000]) expect(waits(true, failedStarts)).toEqual(ownWaits);
  });

  it('is half a second at most while none serves, and 5 s once 20 starts in a row have not served', () => {
    for (const failedStarts of [0, 1, 19]) expect(waits(false, failedStarts)).toEqual([100, 400, 500, 500]);
    for (const failedStarts of [20, 21, 1000]) expect(waits(false, failedStarts)).toEqual([5000, 5000, 5000, 5000]);
  });
});
