import fc, { cases } from '../../support/property.ts';
import { describe, expect, test } from 'vitest';
import {
  compareSets,
  findOverdue,
  findRejected,
  findUnreadableParts,
  type ServedKey,
} from '../../../src/keys/keyring/check.ts';
import { importVerifyOnly } from '../../../src/keys/changes/import.ts';
import { planKeys } from '../../../src/keys/timeline/plan.ts';
import { publishKeys } from '../../../src/keys/keyring/published-set.ts';
import type { KeyRecord } from '../../../src/keys/store.ts';
import type { VerifyOnlyKey } from '../../../src/keys/verify-only.ts';
import { KeyTable } from '../../support/memory-key-store.ts';
import { line, none, policy } from '../../support/keys/fake-keys.ts';
import { publicRsa } from '../../support/keys/key-material.ts';
import { byScript, Replica } from './replica.ts';

// With the policy of fake-keys.ts, a server does within 29 s what is due (twice its refresh, its clock and ours, and some),
// and its set may be that of a moment 15 s before or after.
const patience = 29;
const leeway = 15;

type Stored = Parameters<typeof compareSets>[0];

const stored = (keys: readonly KeyRecord[], verifyOnly: readonly VerifyOnlyKey[] = []): Stored => ({
  keys,
  verifyOnly,
  unreadable: none,
  isJudged: true,
  waiting: [],
  unadopted: [],
});

/** What a server that sees the same serves at `now`. */
function served({ keys, verifyOnly, unreadable }: Stored, now: number): ServedKey[] {
  const { published } = planKeys(keys, now, policy, unreadable);
  return [...publishKeys(published, verifyOnly, now).body.keys];
}

/** As a server leaves it: the first signs from 0 on, the second follows at 100. */
const usual = line({ tookOverAt: 0 }, { activatesAt: 100 });

const foreign: VerifyOnlyKey = {
  kid: 'old',
  alg: 'RS256',
  publicJwk: { kty: 'RSA', n: 'old', e: 'AQAB' },
  publishedAt: 0,
  publishedUntil: 60,
  revokedAt: null,
  factsMac: null,
};

const aboutSet = (kid: string | null, detail: string) => ({ check: 'published_set', kid, detail });
const due = (kid: string | null, detail: string) => ({ check: 'due', kid, detail });

describe('the served set', () => {
  test('is well when it is what the store says', () => {
    for (const keys of [stored(usual), stored(usual, [foreign])])
      for (const now of [0, 30, 50, 70]) expect(compareSets(keys, served(keys, now), now, policy)).toEqual([]);
  });

  test('may be that of a clock that is a little behind or ahead, as keys come to leave it', () => {
    const rotated = line(
      { tookOverAt: 0, sealedPrivateKey: null, destroyedAt: 60, tokensExpireAt: 80 },
      { activatesAt: 40, tookOverAt: 40 },
      { activatesAt: 140 },
    );
    const keys = stored(rotated, [foreign]);
    for (let now = 0; now < 120; now += 1)
      for (const off of [-leeway, 0, leeway])
        expect([now, off, compareSets(keys, served(keys, now + off), now, policy)]).toEqual([now, off, []]);
  });

  test('is told from one that is stuck', () => {
    const keys = stored(usual, [foreign]);
    const now = foreign.publishedUntil;
    const stuck = served(keys, now - 1);
    expect(compareSets(keys, stuck, now + leeway - 1, policy)).toEqual([]);
    expect(compareSets(keys, stuck, now + leeway, policy)).toEqual([aboutSet('old', 'is served, and should not be')]);
  });

  test('is not well when a key is missing, or when there is one too many', () => {
    const keys = stored(usual);
    const set = served(keys, 30);
    expect(compareSets(keys, set.slice(1), 30, policy)).toEqual([aboutSet('k1', 'is missing from the served set')]);
    expect(compareSets(keys, [], 30, policy)).toHaveLength(2);
    const more = [...set, { ...set[0], kid: 'stranger' }];
    expect(compareSets(keys, more, 30, policy)).toEqual([aboutSet('stranger', 'is served, and should not be')]);
  });

  test('is not well when a revoked key is in it', () => {
    const keys = stored(line({ revokedAt: 20, sealedPrivateKey: null }, { activatesAt: 20 }, { activatesAt: 120 }));
    const problem = aboutSet('k1', 'is served, and should not be');
    expect(compareSets(keys, served(stored(usual), 19), 30, policy)).toContainEqual(problem);
  });

  test.each(['n', 'e', 'kty', 'alg', 'use'])('is not well when a key in it has another %s', (member) => {
    const keys = stored(usual);
    const changed = served(keys, 30).map((key, at) => (at === 1 ? { ...key, [member]: 'other' } : key));
    expect(compareSets(keys, changed, 30, policy)).toEqual([aboutSet('k2', 'is served as another key than is stored')]);
  });

  test('is not well when a key in it has one member more, or comes a second time as another', () => {
    const keys = stored(usual);
    const set = served(keys, 30);
    const problems = [aboutSet('k1', 'is served as another key than is stored')];
    const [first, second] = set;
    expect(compareSets(keys, [{ ...first, d: 'private' }, { ...second }], 30, policy)).toEqual(problems);
    expect(compareSets(keys, [...set, { ...first, n: 'other' }], 30, policy)).toEqual(problems);
  });

  test('may be anything at all, which is said of it', () => {
    const keys = stored(usual);
    const strange = [{}, { kid: 5 }, { kid: 'k1' }] as const;
    expect(compareSets(keys, strange, 30, policy)).toEqual([
      aboutSet('k1', 'is served as another key than is stored'),
      aboutSet('k2', 'is missing from the served set'),
      aboutSet(null, 'a key is served that has no kid, or one that no key here can have'),
      aboutSet(null, 'a key is served that has no kid, or one that no key here can have'),
    ]);
  });
});

test('a private part that is corrupt is named', () => {
  const unreadable = new Set(['k2']);
  expect(findUnreadableParts({ keys: usual, unreadable })).toEqual([
    { check: 'private_parts', kid: 'k2', detail: 'its sealed private part is corrupt' },
  ]);
  expect(findUnreadableParts(stored(usual))).toEqual([]);
});

describe('what is due', () => {
  const overdue = (keys: readonly KeyRecord[], now: number, verifyOnly: readonly VerifyOnlyKey[] = []) =>
    findOverdue(stored(keys, verifyOnly), now, policy);

  /** It is no problem one second before the patience is over that begins at `dueAt`, and it is from then on. */
  function expectOverdueAfter(dueAt: number, keys: readonly KeyRecord[], problem: object, others?: VerifyOnlyKey[]) {
    expect(overdue(keys, dueAt + patience - 1, others)).not.toContainEqual(problem);
    expect(overdue(keys, dueAt + patience, others)).toContainEqual(problem);
  }

  test('is nothing while a server does it in time', () => {
    for (const now of [0, 10, 50]) expect(overdue(usual, now, [foreign])).toEqual([]);
  });

  test('is a server at all, where there are no keys', () => {
    expect(overdue([], 0)).toEqual([due(null, 'there are no keys: no server has run yet')]);
  });

  test('is a standby behind the standby, in time before that one signs', () => {
    // k2 signs at 100, and its own standby must be published 24 s, the grain, and 15 s before that.
    expectOverdueAfter(60, usual, due(null, 'a new standby is due'));
  });

  test('is a standby, where there is none; but not right behind a key that came just now', () => {
    expectOverdueAfter(0, line({ tookOverAt: 0 }), due(null, 'a new standby is due'));
    expect(overdue(line({ publishedAt: 500, activatesAt: 500, tookOverAt: 500 }), 510)).toEqual([]);
  });

  test('is a note that a key has begun to sign', () => {
    const keys = line({ tookOverAt: 0 }, { activatesAt: 100 }, { activatesAt: 200 });
    expectOverdueAfter(100, keys, due('k2', 'has begun to sign, and no server has noticed'));
  });

  test('is the end of a private part whose turn is over', () => {
    const keys = line({ tookOverAt: 0 }, { activatesAt: 100, tookOverAt: 100 }, { activatesAt: 200 });
    expectOverdueAfter(115, keys, due('k1', 'its private part is due to be destroyed'));
  });

  test('is the removal of a key that has left the set', () => {
    const destroyed = { sealedPrivateKey: null, destroyedAt: 115, tokensExpireAt: 130 };
    const keys = line({ tookOverAt: 0, ...destroyed }, { activatesAt: 100, tookOverAt: 100 }, { activatesAt: 200 });
    expectOverdueAfter(134, keys, due('k1', 'has retired, and is due to be removed'));
    const revoked = { ...foreign, kid: 'revoked', revokedAt: 10 };
    const problem = due('old', 'has retired, and is due to be removed');
    expectOverdueAfter(60, usual, problem, [foreign, revoked]);
    expect(overdue(usual, 1_000, [revoked]).map(({ kid }) => kid)).not.toContain('revoked');
  });

  test('is nothing right after a rotation or a revocation', () => {
    const rotated = line({ tookOverAt: 0 }, { activatesAt: 50, tookOverAt: 50 }, { publishedAt: 50, activatesAt: 150 });
    for (const now of [50, 51, 60]) expect(overdue(rotated, now)).toEqual([]);
    const revoked = line(
      { tookOverAt: 0, revokedAt: 50, sealedPrivateKey: null },
      { activatesAt: 50, tookOverAt: 50 },
      { publishedAt: 50, activatesAt: 150 },
    );
    for (const now of [50, 51, 60]) expect(overdue(revoked, now)).toEqual([]);
  });
});

test('beside a server that runs there is no false alarm, whatever an operator does and however far clocks are off', async () => {
  const skew = fc.integer({ min: -policy.clockSkew, max: policy.clockSkew });
  const doing = fc.option(fc.constantFrom('rotate', 'revoke', 'import', 'sign'), { freq: 4, nil: 'nothing' });
  const steps = fc.array(fc.record({ doing, wait: fc.integer({ min: 1, max: 40 }) }), { maxLength: 25 });
  await fc.assert(
    fc.asyncProperty(skew, skew, steps, async (serverSkew, ourSkew, doings) => {
      const [table, time] = [new KeyTable(), { now: 1_000 }];
      const server = new Replica(table, time, { skew: serverSkew });
      await server.keyring.refresh();
      for (const [at, step] of doings.entries()) {
        const signer = await server.signerKid();
        if (step.doing === 'rotate') await server.rotate(true);
        if (step.doing === 'revoke') await server.revoke(signer);
        if (step.doing === 'sign') await server.keyring.signerUntil(time.now + policy.tokenLifetime);
        const other = { ...foreign, kid: `old-${at}`, publicJwk: publicRsa(2048), privateKey: null };
        if (step.doing === 'import') await importVerifyOnly(server.office, other, 50, byScript);
        for (let left = step.wait; left > 0; left -= 1) {
          time.now += 1;
          await server.keyring.tick();
          const found = stored(table.list(), table.listVerifyOnly());
          const now = time.now + ourSkew;
          expect(findOverdue(found, now, policy)).toEqual([]);
          expect(compareSets(found, server.keyring.jwks.body.keys, now, policy)).toEqual([]);
        }
      }
    }),
    { numRuns: cases(40) },
  );
});

test('a row beside that of a key is told with the command that revokes it alone, also where the kid is meant for a shell', () => {
  const told = (kid: string, of: 'signing' | 'verify-only') =>
    findRejected([{ of, kid, reason: 'why' }], { keys: line({ kid }), verifyOnly: [] })[0]?.detail;
  const command = 'why (in verify_only_keys): npm run keys -- revoke --row verify_only_keys';
  expect(told('k1', 'verify-only')).toBe(`${command} k1`);
  expect(told('-k1', 'verify-only')).toBe(`${command} -- '-k1'`);
  expect(told("a';reboot'", 'verify-only')).toBe(`${command} -- 'a'\\'';reboot'\\'''`);
  expect(told('k1', 'signing')).toBe('why (in signing_keys)');
});
