/** Clients and thieves over months, against the pure rules: `tokens.refresh.repeats` does some of it by HTTP. */
import fc, { cases } from '../../support/property.ts';
import { describe, expect, it } from 'vitest';
import { type Outcome, SimulatedSession } from '../../support/simulated-session.ts';

const day = 86_400;
const start = 1_790_000_000;

/** What the client comes from, and what the thief does: of no two of them is the network the same. */
const homes = ['192.0.2.1', '192.0.3.1', '2001:db8:0:1::1', '2001:db8:0:2::1'];
const hideouts = ['198.51.100.1', '203.0.113.1', '2001:db8:ffff::1'];

const pick = <T>(all: readonly T[], at: number): T => all[at % all.length] as T;

function tokenOf(outcome: Outcome): string {
  if (!('token' in outcome)) throw new Error(`The session is ${outcome.kind}.`);
  return outcome.token;
}

/** Seconds between two refreshes: as an access token lives, or as somebody uses an app. */
const intervals = fc.oneof(
  fc.constant(840),
  fc.integer({ min: 20, max: day }),
  fc.integer({ min: day, max: 29 * day }),
);

describe('a thief in another network', () => {
  /** What the thief does about one rotation. */
  const crimes = fc.record({
    isFirst: fc.boolean(),
    times: fc.integer({ min: 1, max: 5 }),
    after: fc.integer({ min: 0, max: 2 }),
    hideout: fc.nat(),
    /** Where the client is by then, and how often its reply is lost. */
    home: fc.nat(),
    losses: fc.nat({ max: 1 }),
    interval: intervals,
  });

  it('who repeats each rotation, before the client or after it, is out within five [RFC9700-4.14.2/reuse]', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(crimes, { minLength: 5, maxLength: 5 }), fc.nat({ max: 12 }), async (all, quiet) => {
        const session = new SimulatedSession({ at: start, from: pick(homes, 0) });
        let now = start;
        let held = session.newest;
        for (let n = 0; n < quiet; n += 1)
          held = tokenOf(await session.present({ token: held, from: pick(homes, 0), at: (now += 840) }));
        const quietRotations = session.rotations;
        for (const { isFirst, times, after, hideout, home, losses, interval } of all) {
          if (session.isOver) break;
          now += interval;
          const [from, there] = [pick(homes, home), pick(hideouts, hideout)];
          const steal = async () => {
            for (let n = 0; n < times; n += 1)
              await session.present({ token: held, from: there, at: (now += after % 2) });
          };
          if (isFirst) await steal();
          let reply = await session.present({ token: held, from, at: now });
          for (let n = 0; n < losses; n += 1) reply = await session.present({ token: held, from, at: (now += 1) });
          if (!isFirst) await steal();
          held = 'token' in reply ? reply.token : held;
        }
        expect(session.isOver).toBe(true);
        expect(session.rotations - quietRotations).toBeLessThanOrEqual(3);
      }),
    );
  });

  it('who comes once a month is out at the third time, though the tokens of the first are long removed', async () => {
    const session = new SimulatedSession({ at: start, from: pick(homes, 0) });
    let now = start;
    let held = session.newest;
    const outcomes: string[] = [];
    while (!session.isOver && outcomes.length < 9) {
      now += 29 * day;
      const stolen = held;
      held = tokenOf(await session.present({ token: held, from: pick(homes, 0), at: now }));
      outcomes.push((await session.present({ token: stolen, from: pick(hideouts, 0), at: now + 5 })).kind);
    }
    expect(outcomes).toEqual(['forgiven', 'forgiven', 'ended']);
  });

  it('who stays away for one rotation gets nothing any more', async () => {
    const session = new SimulatedSession({ at: start, from: pick(homes, 0) });
    const stolen = session.newest;
    const second = tokenOf(await session.present({ token: stolen, from: pick(homes, 0), at: start + 840 }));
    await session.present({ token: second, from: pick(homes, 0), at: start + 842 });
    expect(await session.present({ token: stolen, from: pick(hideouts, 0), at: start + 843 })).toEqual({
      kind: 'ended',
    });
  });
});

describe('an honest client', () => {
  it('of two tabs that refresh at the same moment for a year is never out, and told of once an hour at most', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 3 }), { minLength: 7, maxLength: 7 }), async (moves) => {
        const session = new SimulatedSession({ at: start, from: pick(homes, 0) });
        let held = session.newest;
        let refreshes = 0;
        for (let now = start; now < start + 365 * day; now += 840) {
          refreshes += 1;
          // Somebody who goes elsewhere does so with both tabs.
          const from = pick(homes, pick(moves, Math.floor(refreshes / 30)));
          const both = [
            await session.present({ token: held, from, at: now }),
            await session.present({ token: held, from, at: now + (refreshes % 2) }),
          ];
          if (both.some((reply) => !('token' in reply))) break;
          held = session.newest;
        }
        expect(session.isOver).toBe(false);
        expect(session.rotations).toBe(refreshes);
        const pauses = session.told.map((at, n) => at - (session.told[n - 1] ?? -Infinity));
        expect(Math.min(...pauses)).toBeGreaterThanOrEqual(3600);
        expect(session.told.length).toBeGreaterThan(7000);
      }),
      { numRuns: cases(5) },
    );
  });

  /**
   * A client that loses the reply to each 20th refresh, or to two in a row, and so many replies in a row each time; it comes
   * again from where it was, or from elsewhere.
   */
  const misfortunes = fc.record({
    refreshesInARow: fc.integer({ min: 1, max: 2 }),
    repliesInARow: fc.integer({ min: 1, max: 3 }),
    moves: fc.boolean(),
    interval: intervals,
    after: fc.integer({ min: 0, max: 3 }),
  });
  type Misfortune = typeof misfortunes extends fc.Arbitrary<infer T> ? T : never;

  /** What becomes of a session in 400 refreshes, or in two years. */
  async function endure(misfortune: Misfortune, isOld: (isRepeat: boolean) => boolean): Promise<string> {
    const { refreshesInARow, repliesInARow, moves, interval, after } = misfortune;
    const session = new SimulatedSession({ at: start, from: pick(homes, 0) });
    let [held, now, place] = [session.newest, start, 0];
    for (let refreshes = 0; refreshes < 400 && now < start + 2 * 365 * day; refreshes += 1) {
      now += interval;
      let reply = await session.present({ token: held, from: pick(homes, place), at: now, isOld: isOld(false) });
      const losses = refreshes % 20 < refreshesInARow ? repliesInARow : 0;
      for (let lost = 0; lost < losses; lost += 1) {
        if (moves) place += 1;
        now += after;
        reply = await session.present({ token: held, from: pick(homes, place), at: now, isOld: isOld(true) });
      }
      if (!('token' in reply)) return reply.kind;
      held = reply.token;
    }
    return 'going on';
  }

  it('that loses each 20th reply, moves at each loss, or loses several in a row, is never out', async () => {
    await fc.assert(
      fc.asyncProperty(misfortunes, async (misfortune) => {
        expect(await endure(misfortune, () => false)).toBe('going on');
      }),
    );
  });

  it('is never out either while servers of the version before take some of its requests, or most of them', async () => {
    const chances = fc.infiniteStream(fc.nat({ max: 99 }));
    await fc.assert(
      fc.asyncProperty(misfortunes, chances, fc.nat({ max: 100 }), async (misfortune, chance, share) => {
        // What those rotate is counted by its tokens, which stay for a month: longer than any deployment.
        fc.pre(misfortune.interval <= day);
        // The unlucky case: every repeat comes to a server that remembers it.
        const isOld = (isRepeat: boolean) => !isRepeat && (chance.next().value ?? 0) < share;
        expect(await endure(misfortune, isOld)).toBe('going on');
      }),
    );
  });
});

describe('servers of the version before', () => {
  it('do not make anybody forget: a thief is out within five once they are gone', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 30 }), fc.nat({ max: 2 }), async (olds, offset) => {
        const session = new SimulatedSession({ at: start, from: pick(homes, 0) });
        let [held, now, rotations] = [session.newest, start, 0];
        for (const isOld of [...olds, false, false, false, false, false]) {
          if (session.isOver) break;
          now += 840;
          const stolen = held;
          // Its clock is a little behind or ahead.
          const at = now + (isOld ? offset - 1 : 0);
          const reply = await session.present({ token: held, from: pick(homes, 0), at, isOld });
          await session.present({ token: stolen, from: pick(hideouts, 0), at: at + 3, isOld });
          held = 'token' in reply ? reply.token : held;
          rotations += 1;
        }
        expect(session.isOver).toBe(true);
        // Three that the new ones saw among the last ten are enough, whoever made those between.
        const seen = olds.map((isOld, n) => (isOld ? -1 : n)).filter((n) => n >= 0);
        const third = seen.findIndex((n, at) => at >= 2 && n - (seen[at - 2] ?? 0) < 10);
        if (third >= 0) expect(rotations).toBe((seen[third] ?? 0) + 1);
      }),
    );
  });

  it('are not held against a client whose repeats from elsewhere are ten rotations apart', async () => {
    const session = new SimulatedSession({ at: start, from: pick(homes, 0) });
    let [held, now] = [session.newest, start];
    for (let n = 0; n < 50; n += 1) {
      const token = held;
      const place = Math.floor(n / 10);
      held = tokenOf(await session.present({ token, from: pick(homes, place), at: (now += 840), isOld: n % 10 !== 0 }));
      if (n % 10 === 0) await session.present({ token, from: pick(homes, place + 1), at: now + 1 });
    }
    expect(session.isOver).toBe(false);
  });
});
