import fc from '../support/property.ts';
import { expect, it } from 'vitest';
import { fromRfc3339, systemClock, toRfc3339 } from '../../src/clock.ts';

it('a moment is written in UTC and in whole seconds (RFC 3339)', () => {
  expect(toRfc3339(0)).toBe('1970-01-01T00:00:00Z');
  expect(toRfc3339(1_767_225_599)).toBe('2025-12-31T23:59:59Z');
});

it('the clock of the system tells whole seconds', () => {
  expect(Math.abs(systemClock() - Date.now() / 1000)).toBeLessThan(2);
  expect(Number.isInteger(systemClock())).toBe(true);
});

it.for([
  ['1970-01-01T00:00:00Z', 0],
  ['2025-12-31T23:59:59Z', 1_767_225_599],
  ['2026-01-01T00:59:59+01:00', 1_767_225_599],
  ['2025-12-31t18:29:59-05:30', 1_767_225_599],
  ['2025-12-31 23:59:59z', 1_767_225_599],
  ['2025-12-31T23:59:59.25Z', 1_767_225_599.25],
  ['2025-12-31T23:59:60Z', 1_767_225_600],
  ['2024-02-29T00:00:00-00:00', 1_709_164_800],
  ['0001-01-01T00:00:00Z', -62_135_596_800],
] as const)('the moment %s is read in any offset (RFC 3339, 5.6)', ([text, moment]) => {
  expect(fromRfc3339(text)).toBe(moment);
});

it.for([
  '',
  'yesterday',
  '2025-12-31',
  '2025-12-31T23:59:59',
  '2025-12-31T23:59Z',
  '2025-02-29T00:00:00Z',
  '2025-13-01T00:00:00Z',
  '2025-00-01T00:00:00Z',
  '2025-12-31T24:00:00Z',
  '2025-12-31T23:60:00Z',
  '2025-12-31T23:59:61Z',
  '2025-12-31T23:59:59+24:00',
  '2025-12-31T23:59:59+01:60',
  '2025-12-31T23:59:59+0100',
  '+2025-12-31T23:59:59Z',
  '2025-12-31T23:59:59Z\n',
])('%j is no moment', (text) => {
  expect(fromRfc3339(text)).toBeNull();
});

it('a moment that was written is read as the same', () => {
  const year9999 = 253_402_300_799;
  fc.assert(fc.property(fc.integer({ min: 0, max: year9999 }), (at) => fromRfc3339(toRfc3339(at)) === at));
});
