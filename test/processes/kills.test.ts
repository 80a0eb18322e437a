/** The short form of `npm run soak -- --kills 100`. */
import { describe, expect, it } from 'vitest';
import { soakKills } from '../support/crashes/kills.ts';

describe('over SQLite, under load, killed at any moment,', () => {
  it.each([
    { workers: 1, kills: 5 },
    { workers: 2, kills: 3 },
  ])('a server with $workers processes loses nothing that it has acknowledged', { timeout: 240_000 }, async (given) => {
    const outcome = await soakKills({ ...given, people: 6, say: () => undefined });
    expect(outcome.failures).toEqual([]);

    // It was seen at work.
    const { acknowledged } = outcome;
    for (const what of ['registrations', 'logins', 'refreshes', 'rotations'])
      expect(acknowledged.get(what), what).toBeGreaterThan(0);
    expect(acknowledged.get('backups restored')).toBe(1);
  });
});
