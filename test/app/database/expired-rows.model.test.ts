import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { hashSecret } from '../../../src/secret.ts';
import { type Sessions, sessionKeeper } from '../../../src/tokens/session.ts';
import { newDatabase } from '../../support/database.ts';
import { aUser, occasion } from '../../support/records.ts';
import fc, { cases } from '../../support/property.ts';

const day = 86_400;
const lifetimes = { session: 20 * day, refreshToken: 3 * day, accessToken: 900 };
const source = { address: '192.0.2.1', userAgent: null };
const client = {
  id: 'first-party',
  scope: 'profile:read',
  audiences: ['x'],
  grantTypes: ['refresh_token'],
  accessTokenLifetime: null,
};

type Step = { wait: number; of: number; back: number; purge: boolean; starts: boolean };

const aStep: fc.Arbitrary<Step> = fc.record({
  /** Hours. */
  wait: fc.constantFrom(0, 0, 1, 12, 30, 73, 100),
  of: fc.nat(3),
  /** How long before the newest token of its family the one that is presented was. */
  back: fc.constantFrom(0, 0, 0, 0, 1, 2, 4),
  purge: fc.boolean(),
  starts: fc.boolean(),
});

/** One installation, which somebody purges or nobody does, and the families of tokens that its users hold. */
async function installation(moment: { now: number }) {
  const database = await newDatabase();
  const user = aUser('ada');
  await database.users.insertUser(user, occasion(1));
  const deps = {
    store: database.sessions,
    clock: () => moment.now,
    audience: 'x',
    lifetimes,
    reuseGrace: 0,
    mostSessions: 200,
  };
  const sessions: Sessions = sessionKeeper(deps);
  const families: { token: string; expiresAt: number }[][] = [];
  return {
    expired: database.expiredRows,
    families,
    async start() {
      const begun = await sessions.start(
        user,
        { client: client as never, scope: 'profile:read', audience: 'x' },
        source,
      );
      families.push([{ token: begun?.refreshToken ?? '', expiresAt: moment.now + lifetimes.refreshToken }]);
    },
    /** What came of the token, and of the session that it belongs to. */
    async present(of: number, back: number) {
      const family = families[of % families.length] ?? [];
      const held = family.at(-1 - (back % family.length));
      if (held === undefined) throw new Error('there is no family');
      const request = { presented: held.token, client: client as never, resource: undefined, scope: undefined };
      const outcome = await sessions.refresh(request, source);
      if (outcome !== undefined && 'session' in outcome)
        family.push({ token: outcome.refreshToken ?? '', expiresAt: moment.now + lifetimes.refreshToken });
      const newest = family.at(-1)?.token ?? '';
      return { isGood: outcome !== undefined, isOpen: (await sessions.inspect(newest)) !== undefined, held };
    },
    has: async (token: string) => (await database.sessions.findRefreshToken(hashSecret(token))) !== undefined,
  };
}

describe('an installation from which expired rows are removed', () => {
  it(
    'answers as one from which nothing ever is, and sees every reuse of a token in its own time',
    { timeout: 180_000 },
    async () => {
      const begin = systemClock() - 400 * day;
      let removed = 0;
      let reused = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(aStep, { minLength: 20, maxLength: 40 }), async (steps) => {
          const moment = { now: begin };
          const [purged, kept] = [await installation(moment), await installation(moment)];
          await purged.start();
          await kept.start();
          for (const { wait, of, back, purge, starts } of steps) {
            moment.now += wait * 3600;
            if (purge) {
              for (let count = -1; count !== 0; removed += count)
                count = await purged.expired.removeSome(moment.now, 3);
            }
            if (starts && kept.families.length < 4) {
              await purged.start();
              await kept.start();
            }
            // Of a token that has long been past its time, whose reuse cannot be seen any more, nothing is asked.
            const family = kept.families[of % kept.families.length] ?? [];
            const expiresAt = family.at(-1 - (back % family.length))?.expiresAt ?? 0;
            if (expiresAt + day <= moment.now) continue;
            const [mine, theirs] = [await purged.present(of, back), await kept.present(of, back)];
            expect({ isGood: mine.isGood, isOpen: mine.isOpen }).toEqual({
              isGood: theirs.isGood,
              isOpen: theirs.isOpen,
            });
            if (!theirs.isGood && expiresAt > moment.now) reused += 1;
          }
        }),
        // Each try is two databases: to look for a shorter failure would take minutes.
        { numRuns: cases(12), endOnFailure: true },
      );
      // It was put to the test.
      expect(removed).toBeGreaterThan(0);
      expect(reused).toBeGreaterThan(0);
    },
  );
});
