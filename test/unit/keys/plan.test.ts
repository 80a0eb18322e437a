import fc, { cases } from '../../support/property.ts';
import { describe, expect, test } from 'vitest';
import { planKeys, planRotation, type KeyPlan } from '../../../src/keys/timeline/plan.ts';
import { placeKey } from '../../../src/keys/timeline/place-key.ts';
import { fakeKey, line, none, policy } from '../../support/keys/fake-keys.ts';

// With this policy an ended key may sign for 10 + 2 * 2 + 1 = 15 s more. Its private part is destroyed then, it stays in the set
// for another 15 s at least, and until 4 s after its last token has expired. A successor is made 24 + 1 + 15 = 40 s ahead.
const kids = (keys: KeyPlan['published']): string[] => keys.map(({ kid }) => kid);
const statesOf = (plan: KeyPlan): string[] => plan.states.map(({ state }) => state);

describe('the first keys', () => {
  test('the first key is to sign at once', () => {
    expect(planKeys([], 1_000, policy, none)).toMatchObject({
      signer: null,
      create: { succeeds: '', activatesAt: 1_000 },
      nextChangeAt: null,
    });
  });

  test('a standby follows at once, to sign when the first has had its turn', () => {
    expect(planKeys(line({ activatesAt: 1_000 }), 1_000, policy, none).create).toEqual({
      succeeds: 'k1',
      activatesAt: 1_100,
    });
  });

  test('nothing is due with a signer and a standby', () => {
    const plan = planKeys(line({ activatesAt: 1_000 }, { activatesAt: 1_100 }), 1_000, policy, none);
    expect(plan).toMatchObject({ create: null, destroyPrivate: [], remove: [], nextChangeAt: 1_060 });
    expect(statesOf(plan)).toEqual(['active', 'standby']);
    expect(plan.states.map(({ changesAt }) => changesAt)).toEqual([1_100, 1_100]);
  });

  test('a replica whose clock is behind signs with the first key before its moment', () => {
    const plan = planKeys(line({ activatesAt: 1_000 }, { activatesAt: 1_100 }), 998, policy, none);
    expect(plan.signer?.kid).toBe('k1');
    expect(kids(plan.standbys)).toEqual(['k2']);
  });
});

describe('a turn', () => {
  const keys = line({ activatesAt: 900 }, { activatesAt: 1_000 }, { activatesAt: 1_100 });

  test('passes to the standby at its moment, with its own successor already published', () => {
    expect(planKeys(keys.slice(0, 2), 959, policy, none).create).toBeNull();
    expect(planKeys(keys.slice(0, 2), 960, policy, none).create).toEqual({ succeeds: 'k2', activatesAt: 1_100 });
    expect(planKeys(keys, 999, policy, none).signer?.kid).toBe('k1');
    expect(planKeys(keys, 1_000, policy, none).signer?.kid).toBe('k2');
  });

  const ended = { activatesAt: 900, sealedPrivateKey: null, destroyedAt: 1_015 };

  test('leaves the key published until its last token has expired everywhere', () => {
    const line3 = line({ ...ended, tokensExpireAt: 1_050 }, { activatesAt: 1_000 }, { activatesAt: 1_100 });
    expect(planKeys(line3, 1_053, policy, none).states[0]).toMatchObject({ state: 'retiring', changesAt: 1_054 });
    expect(planKeys(line3, 1_054, policy, none).states[0]).toMatchObject({ state: 'retired', changesAt: null });
    expect(planKeys(line3, 1_054, policy, none).remove).toEqual(['k1']);
  });

  test('leaves a key that signed nothing published until every replica would have said otherwise', () => {
    const line3 = line(ended, { activatesAt: 1_000 }, { activatesAt: 1_100 });
    expect(planKeys(line3, 1_029, policy, none).states[0]).toMatchObject({ state: 'retiring', changesAt: 1_030 });
    expect(planKeys(line3, 1_030, policy, none).remove).toEqual(['k1']);
  });

  test('does not retire a key whose private part is still there, nor by facts that were read before its time', () => {
    const late = line({ ...ended, destroyedAt: null, sealedPrivateKey: 'sealed' }, { activatesAt: 1_000 });
    expect(planKeys(late, 5_000, policy, none)).toMatchObject({ destroyPrivate: ['k1'], remove: [] });
    const line3 = line(ended, { activatesAt: 1_000 }, { activatesAt: 1_100 });
    expect(planKeys(line3, 1_040, policy, none, 1_029).states[0]?.state).toBe('retiring');
    expect(planKeys(line3, 1_040, policy, none, 1_030).states[0]?.state).toBe('retired');
  });

  test('leaves the private part for as long as a replica may still sign with it', () => {
    expect(planKeys(keys, 1_014, policy, none).destroyPrivate).toEqual([]);
    expect(planKeys(keys, 1_015, policy, none).destroyPrivate).toEqual(['k1']);
  });

  test('counts the tokens that the key signed, not the lifetime configured now', () => {
    const line2 = line({ ...ended, tokensExpireAt: 9_000 }, { activatesAt: 1_000 });
    const plan = planKeys(line2, 5_000, { ...policy, tokenLifetime: 1 }, none);
    expect(plan.states[0]).toMatchObject({ state: 'retiring', changesAt: 9_004, endedAt: 1_000, retiresAt: 9_004 });
  });

  test('was missed: the step that comes late still gives verifiers time to fetch the next key', () => {
    expect(planKeys(keys, 9_000, policy, none).create).toEqual({ succeeds: 'k3', activatesAt: 9_025 });
  });
});

test('a retired key stays in the line while an earlier one is published: it says when that one ended', () => {
  const gone = { sealedPrivateKey: null, destroyedAt: 1_115 };
  const keys = line(
    { activatesAt: 900, ...gone, tokensExpireAt: 1_500 },
    { activatesAt: 1_000, ...gone },
    { activatesAt: 1_100 },
    { activatesAt: 1_200 },
  );
  const plan = planKeys(keys, 1_180, policy, none);
  expect(statesOf(plan)).toEqual(['retiring', 'retired', 'active', 'standby']);
  expect(plan.remove).toEqual([]);
});

test('a take-over by the schedule is to be put on record, once', () => {
  const keys = line({ activatesAt: 900, tookOverAt: 900 }, { activatesAt: 1_000 }, { activatesAt: 1_100 });
  expect(planKeys(keys, 999, policy, none).tookOver).toEqual([]);
  expect(planKeys(keys, 1_000, policy, none).tookOver).toEqual(['k2']);
  const recorded = keys.map((key) => (key.kid === 'k2' ? { ...key, tookOverAt: 1_000 } : key));
  expect(planKeys(recorded, 1_000, policy, none).tookOver).toEqual([]);
  // Signing early, for a clock that is behind, is not taking over.
  expect(planKeys(line({ activatesAt: 1_000 }), 990, policy, none).tookOver).toEqual([]);
});

describe('another algorithm', () => {
  const elliptic = { ...policy, algorithm: 'ES256' as const };
  const keys = line({ activatesAt: 900 }, { publishedAt: 900, activatesAt: 1_000 });

  test('gets a standby of its own at once, for the next turn', () => {
    expect(planKeys(keys, 910, policy, none).create).toBeNull();
    expect(planKeys(keys, 910, elliptic, none).create).toEqual({ succeeds: 'k2', activatesAt: 1_000 });
    // Not before every verifier knows it.
    expect(planKeys(keys, 990, elliptic, none).create).toEqual({ succeeds: 'k2', activatesAt: 1_015 });
  });

  const both = [...keys, ...line({}, {}, { alg: 'ES256', publishedAt: 910, activatesAt: 1_000 }).slice(2)];

  test('takes the turn from the standby that was there before, which then leaves unused', () => {
    const plan = planKeys(both, 1_000, elliptic, none);
    expect(plan.signer?.kid).toBe('k3');
    expect(statesOf(plan)).toEqual(['retiring', 'retiring', 'active']);
    expect(plan.states[0]?.endedAt).toBe(1_000);
    expect(planKeys(both, 1_015, elliptic, none).destroyPrivate).toEqual(['k1', 'k2']);
  });

  test('is what a rotation on request brings, and an emergency before it is known does without', () => {
    expect(planRotation(both, 950, elliptic, none)?.standby.kid).toBe('k3');
    expect(planRotation(both, 950, elliptic, none)?.safeAt).toBe(935);
    const revoked = both.map((key) => (key.kid === 'k1' ? { ...key, revokedAt: 911, sealedPrivateKey: null } : key));
    expect(planKeys(revoked, 911, elliptic, none).signer?.kid).toBe('k2');
  });

  test('that is taken back before its turn gets none: another standby takes that', () => {
    expect(planKeys(both, 911, elliptic, none).create).toBeNull();
    expect(planKeys(both, 911, policy, none).create).toEqual({ succeeds: 'k3', activatesAt: 1_000 });
    const back = [...both, ...line({}, {}, {}, { publishedAt: 911, activatesAt: 1_000 }).slice(3)];
    expect(planKeys(back, 911, policy, none).create).toBeNull();
    expect(planKeys(back, 1_000, policy, none).signer?.kid).toBe('k4');
  });

  test('that servers disagree about does not make keys without end', () => {
    let keys = both;
    for (let round = 0; round < 20; round += 1) {
      const asked = round % 2 === 0 ? policy : elliptic;
      const { create } = planKeys(keys, 911, asked, none);
      if (create !== null)
        keys = [...keys, placeKey(fakeKey(`k${keys.length + 1}`, asked.algorithm), { ...create, publishedAt: 911 })];
    }
    expect(keys).toHaveLength(5);
  });
});

describe('a revoked key', () => {
  test('is gone at once, kept for good, and still ended the turn before it', () => {
    const keys = line({ activatesAt: 900 }, { activatesAt: 1_000, revokedAt: 1_010 }, { activatesAt: 1_010 });
    const plan = planKeys(keys, 1_010, policy, none);
    expect(kids(plan.published)).toEqual(['k1', 'k3']);
    expect(plan.states[0]).toMatchObject({ state: 'retiring', endedAt: 1_000 });
    expect(planKeys(keys, 99_000, policy, none).remove).toEqual([]);
  });

  test('may be forgotten some time after its last token has expired and every verifier has forgotten it', () => {
    const revokedAt = 1_010;
    // 15 s of signing, a token of 20 s, 10 s that are put on record ahead, 2 * 2 s of clocks; and 500 s.
    const at = revokedAt + 15 + 20 + 10 + 4 + 500;
    const keys = line({ activatesAt: 900, revokedAt, sealedPrivateKey: null }, { activatesAt: 1_010 });
    expect(planKeys(keys, at - 1, policy, none).forget).toEqual([]);
    expect(planKeys(keys, at, policy, none).forget).toEqual(['k1']);
    const longer = line({ activatesAt: 900, revokedAt, sealedPrivateKey: null, tokensExpireAt: 2_000 }, {});
    expect(planKeys(longer, 2_503, policy, none).forget).toEqual([]);
    expect(planKeys(longer, 2_504, policy, none).forget).toEqual(['k1']);
    const cache = { ...policy, verifierCache: 1_000 };
    expect(planKeys(keys, revokedAt + 1_021 + 499, cache, none).forget).toEqual([]);
    expect(planKeys(keys, revokedAt + 1_021 + 500, cache, none).forget).toEqual(['k1']);
  });

  test('is not forgotten on the strength of facts that were read before, nor while an older key is in use', () => {
    const keys = line({ activatesAt: 900, revokedAt: 1_010, sealedPrivateKey: null }, { activatesAt: 1_010 });
    expect(planKeys(keys, 99_000, policy, none, 1_500).forget).toEqual([]);
    const behind = line({ activatesAt: 900 }, { activatesAt: 1_000, revokedAt: 990, sealedPrivateKey: null });
    expect(planKeys(behind, 99_000, policy, none).forget).toEqual([]);
  });

  test('never became active when it was revoked before its moment', () => {
    const keys = line({ activatesAt: 900 }, { activatesAt: 1_000, revokedAt: 990 }, { activatesAt: 1_100 });
    expect(planKeys(keys, 1_050, policy, none).signer?.kid).toBe('k1');
  });

  test('can be the last of the line: its successor follows it', () => {
    const keys = line({ activatesAt: 900 }, { activatesAt: 1_000, revokedAt: 990 });
    expect(planKeys(keys, 990, policy, none).create).toEqual({ succeeds: 'k2', activatesAt: 1_015 });
  });
});

describe('a corrupt private part', () => {
  const keys = line({ activatesAt: 900 }, { activatesAt: 1_000 }, { activatesAt: 1_100 });

  test('of the standby: the signer goes on past its turn and another standby is made', () => {
    const plan = planKeys(keys.slice(0, 2), 1_050, policy, new Set(['k2']));
    expect(plan.signer?.kid).toBe('k1');
    expect(kids(plan.published)).toEqual(['k1', 'k2']);
    expect(plan.create).toEqual({ succeeds: 'k2', activatesAt: 1_075 });
  });

  test('of the signer: the standby signs early and another is made', () => {
    const destroyed = keys.map((key) => (key.kid === 'k1' ? { ...key, sealedPrivateKey: null } : key));
    const plan = planKeys(destroyed, 1_050, policy, new Set(['k2']));
    expect(plan.signer?.kid).toBe('k3');
    expect(plan.create).toEqual({ succeeds: 'k3', activatesAt: 1_200 });
  });
});

describe('a clock that was set back by an hour', () => {
  test('signs with the key before while its private part is there', () => {
    const keys = line({ activatesAt: 0 }, { activatesAt: 7_200 }, { activatesAt: 9_000 });
    expect(planKeys(keys, 3_600, policy, none).signer?.kid).toBe('k1');
  });

  test('signs with the first key that it can once that is gone', () => {
    const keys = line({ activatesAt: 0, sealedPrivateKey: null }, { activatesAt: 7_200 }, { activatesAt: 9_000 });
    const plan = planKeys(keys, 3_600, policy, none);
    expect(plan.signer?.kid).toBe('k2');
    expect(plan.create).toBeNull();
  });
});

describe('a rotation on request', () => {
  const keys = line({ activatesAt: 900 }, { publishedAt: 950, activatesAt: 1_000 }, { activatesAt: 1_100 });

  test('promotes the standby, safely once every verifier knows it', () => {
    const rotation = planRotation(keys, 960, policy, none);
    expect([rotation?.signer.kid, rotation?.standby.kid, rotation?.safeAt]).toEqual(['k1', 'k2', 975]);
    expect(planRotation(keys, 1_001, policy, none)?.standby.kid).toBe('k3');
  });

  test('needs a standby', () => {
    expect(planRotation(keys.slice(0, 1), 960, policy, none)).toBeNull();
  });
});

describe('whatever the facts are', () => {
  const moment = fc.integer({ min: 0, max: 200 });
  const facts = fc.record({
    publishedAt: moment,
    activatesAt: moment,
    revokedAt: fc.option(moment),
    tookOverAt: fc.option(moment),
    tokensExpireAt: fc.option(fc.integer({ min: 0, max: 260 })),
    destroyedAt: fc.option(moment),
    alg: fc.constantFrom('RS256' as const, 'ES256' as const),
    sealedPrivateKey: fc.constantFrom('sealed', 'sealed', null),
  });
  const lines = fc.array(facts, { maxLength: 6 }).map((each) => line(...each));
  const corrupt = fc.subarray(['k1', 'k2', 'k3', 'k4', 'k5', 'k6'], { maxLength: 2 }).map((some) => new Set(some));
  /** All of a plan but the moment that it is for, and that of a key to be made. */
  const gist = ({ create, ...plan }: KeyPlan): unknown => ({ ...plan, plannedAt: 0, create: create?.succeeds });

  test('nothing changes before the plan says so', () => {
    fc.assert(
      fc.property(lines, moment, corrupt, fc.nat(100), (keys, now, unreadable, later) => {
        const plan = planKeys(keys, now, policy, unreadable);
        const until = Math.min(now + later, (plan.nextChangeAt ?? Infinity) - 1);
        expect(gist(planKeys(keys, until, policy, unreadable))).toEqual(gist(plan));
      }),
      { numRuns: cases(2_000) },
    );
  });

  test('what signs or will sign is published, and is not to be destroyed, removed, or doubted', () => {
    fc.assert(
      fc.property(lines, moment, corrupt, (keys, now, unreadable) => {
        const plan = planKeys(keys, now, policy, unreadable);
        const signing = plan.signer === null ? [] : [plan.signer, ...plan.standbys];
        for (const key of signing) {
          expect(plan.published).toContain(key);
          expect([...plan.destroyPrivate, ...plan.remove, ...unreadable]).not.toContain(key.kid);
          expect([key.revokedAt, key.sealedPrivateKey]).toEqual([null, 'sealed']);
        }
        expect(plan.signer !== null || plan.create !== null).toBe(true);
        for (const kid of [...plan.remove, keys.at(-1)?.kid])
          expect(plan.remove.includes(kid ?? '')).toBe(kid !== keys.at(-1)?.kid);
        expect(plan.published.every(({ kid, revokedAt }) => revokedAt === null && !plan.remove.includes(kid))).toBe(
          true,
        );
      }),
      { numRuns: cases(2_000) },
    );
  });
});
