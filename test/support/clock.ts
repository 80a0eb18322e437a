import type { Clock } from '../../src/clock.ts';

export type FakeClock = Clock & { advance(seconds: number): void; set(epochSeconds: number): void };

/** A clock that stands still until the test moves it. */
export function fakeClock(start = 1_790_000_000): FakeClock {
  let now = start;
  return Object.assign(() => now, {
    advance: (seconds: number) => {
      now += seconds;
    },
    set: (epochSeconds: number) => {
      now = epochSeconds;
    },
  });
}
