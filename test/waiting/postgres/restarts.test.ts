/** The short form of `npm run soak -- --replicas`, without a proxy. */
import { expect, it } from 'vitest';
import { soakReplicas } from '../../support/crashes/replicas.ts';

it(
  'two servers keep all that they have acknowledged while one is killed and PostgreSQL is restarted and crashes',
  { timeout: 240_000 },
  async () => {
    const outcome = await soakReplicas({
      minutes: 0.4,
      replicas: 2,
      people: 6,
      pause: 600,
      isProxied: false,
      strikeNames: ['a server is killed', 'PostgreSQL is restarted', 'PostgreSQL crashes'],
      say: () => undefined,
    });
    expect(outcome.failures).toEqual([]);

    // It was seen at work, and its database was away.
    const { acknowledged, counts, verifications } = outcome;
    for (const what of ['registrations', 'logins', 'refreshes', 'rotations'])
      expect(acknowledged.get(what), what).toBeGreaterThan(0);
    expect(counts.replies).toBeGreaterThan(100);
    expect(counts.unavailable).toBeGreaterThan(0);
    expect(verifications).toBeGreaterThan(20);
  },
);
