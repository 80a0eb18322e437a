import { describe, expect, it } from 'vitest';
import { Backoff } from '../../../src/workers/backoff.ts';

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
