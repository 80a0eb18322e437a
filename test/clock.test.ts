import { expect, it } from 'vitest';
import { systemClock, toRfc3339 } from '../src/clock.ts';

it('a moment is written in UTC and in whole seconds (RFC 3339)', () => {
  expect(toRfc3339(0)).toBe('1970-01-01T00:00:00Z');
  expect(toRfc3339(1_767_225_599)).toBe('2025-12-31T23:59:59Z');
});

it('the clock of the system tells whole seconds', () => {
  expect(Math.abs(systemClock() - Date.now() / 1000)).toBeLessThan(2);
  expect(Number.isInteger(systemClock())).toBe(true);
});
