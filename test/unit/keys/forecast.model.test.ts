import fc, { cases } from '../../support/property.ts';
import { describe, expect, test } from 'vitest';
import { forecastKeys, type Forecast } from '../../../src/keys/timeline/forecast.ts';
import type { KeyPolicy } from '../../../src/keys/timeline/policy.ts';
import type { KeyRecord } from '../../../src/keys/store.ts';
import { none } from '../../support/keys/fake-keys.ts';
import { validPolicies } from './scenarios.ts';
import { Work, type States } from './work.ts';

/** What the forecast says that each key is for at `at`; nothing of keys that are not there. */
function statesAt({ lives }: Forecast, at: number): States {
  const found = lives.map(({ kid, spans }): [string, string | undefined] => [
    kid,
    spans.find(({ from, until }) => from <= at && at < (until ?? Infinity))?.state,
  ]);
  return new Map(found.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** An installation with a past: what is in its store at `now`, and what its keys were for at each second until then. */
type Installation = { policy: KeyPolicy; keys: readonly KeyRecord[]; now: number; past: ReadonlyMap<number, States> };

const BEGIN = 1_000;

const installations: fc.Arbitrary<Installation> = fc
  .record({
    policy: validPolicies,
    age: fc.nat(300),
    hastes: fc.array(fc.nat(60), { minLength: 1, maxLength: 3 }),
    events: fc.array(fc.record({ at: fc.nat(300), kind: fc.constantFrom('rotate', 'revoke'), place: fc.nat(2) }), {
      maxLength: 4,
    }),
  })
  .map(({ policy, age, hastes, events }) => {
    // Some keys sign for less long than others, and then leave before one whose turn was earlier.
    const haste = (kid: string) => hastes[Number(kid.slice(4)) % hastes.length] ?? 0;
    const work = new Work([], policy, { prefix: 'old', haste });
    const past = new Map<number, States>();
    const now = BEGIN + age;
    for (let at = BEGIN; at < now; at += 1) {
      for (const event of events.filter((each) => BEGIN + each.at === at)) {
        if (event.kind === 'rotate') work.rotate(at);
        else work.revoke(event.place, at);
      }
      past.set(at, work.second(at));
    }
    return { policy, keys: work.line, now, past };
  });

/** Some of the keys that have a private part have a corrupt one. */
const damaged = fc.tuple(installations, fc.nat(3)).map(([installation, place]) => ({
  ...installation,
  unreadable: new Set(installation.keys.slice(place, place + 1).map(({ kid }) => kid)),
}));

describe('whatever the policy and the past are', () => {
  test('the states are those that replicas come to, second by second', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          installations.map((each) => ({ ...each, unreadable: none })),
          damaged,
        ),
        fc.integer({ min: 1, max: 3 }),
        (installation, rotations) => {
          const { policy, keys, now, unreadable } = installation;
          const forecast = forecastKeys({ keys, now, policy, unreadable, rotations });
          const work = new Work(keys, policy, { unreadable });
          for (let at = now; at <= forecast.until; at += 1)
            expect([at, statesAt(forecast, at)]).toEqual([at, work.second(at)]);
        },
      ),
      { numRuns: cases(200) },
    );
  });

  test('a key leaves no later than foretold when replicas sign with it for less long; all else comes at the same moment', () => {
    fc.assert(
      fc.property(installations, fc.nat(60), ({ policy, keys, now }, haste) => {
        const forecast = forecastKeys({ keys, now, policy, unreadable: none, rotations: 2 });
        const work = new Work(keys, policy, { haste: (kid) => (haste * kid.length) % 17 });
        for (let at = now; at <= forecast.until; at += 1) {
          const states = work.second(at);
          const foretold = statesAt(forecast, at);
          const hasLeftEarly = ([kid, state]: [string, string]) => state === 'retiring' && !states.has(kid);
          const expected = [...foretold].filter((entry) => !hasLeftEarly(entry));
          expect([at, new Map(expected)]).toEqual([at, states]);
        }
      }),
      { numRuns: cases(200) },
    );
  });

  test('the past is what it was, for every key that has not been revoked', () => {
    fc.assert(
      fc.property(installations, ({ policy, keys, now, past }) => {
        const forecast = forecastKeys({ keys, now, policy, unreadable: none, rotations: 1 });
        for (const [at, states] of past) {
          const foretold = statesAt(forecast, at);
          for (const { kid, revokedAt } of keys)
            if (revokedAt === null) expect([at, kid, foretold.get(kid)]).toEqual([at, kid, states.get(kid)]);
        }
      }),
      { numRuns: cases(200) },
    );
  });

  test('one key signs and another stands by at any moment, and changes come in order', () => {
    fc.assert(
      fc.property(damaged, fc.integer({ min: 1, max: 8 }), ({ policy, keys, now, unreadable }, rotations) => {
        const { changes, lives, until } = forecastKeys({ keys, now, policy, unreadable, rotations });
        const moments = changes.map(({ at }) => at);
        expect(moments).toEqual(moments.toSorted((a, b) => a - b));
        expect(moments.every((at) => at >= now && at <= until)).toBe(true);
        for (const at of [now, ...moments]) {
          const states = [...statesAt({ changes, lives, until, now }, at).values()];
          expect(states.filter((state) => state === 'active')).toHaveLength(1);
          expect(states).toContain('standby');
        }
        expect(changes.filter(({ at, change }) => change === 'active' && at > now).length).toBeGreaterThanOrEqual(
          rotations,
        );
        for (const { spans } of lives)
          for (const [place, { until: end }] of spans.entries())
            if (place < spans.length - 1) expect(spans[place + 1]?.from).toBe(end);
      }),
      { numRuns: cases(300) },
    );
  });
});
