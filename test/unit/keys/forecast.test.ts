import { describe, expect, test } from 'vitest';
import { forecastKeys, type Forecast } from '../../../src/keys/timeline/forecast.ts';
import type { KeyPolicy } from '../../../src/keys/timeline/policy.ts';
import type { KeyRecord } from '../../../src/keys/store.ts';
import { line, none, policy as short } from '../../support/keys/fake-keys.ts';

const policy: KeyPolicy = {
  ...short,
  rotateEvery: 30 * 86_400,
  publishBefore: 3_600,
  jwksMaxAge: 300,
  verifierCache: 600,
  replicaRefresh: 5,
  clockSkew: 30,
  tokenLifetime: 900,
};

const changesOf = ({ changes, now }: Forecast, kid: string): [number, string][] =>
  changes.filter((change) => change.kid === kid).map(({ at, change }) => [at - now, change]);

describe('a forecast', () => {
  const now = 1_000_000_000;
  const month = policy.rotateEvery;
  const forecast = (keys: readonly KeyRecord[], rotations = 1) =>
    forecastKeys({ keys, now, policy, unreadable: none, rotations });

  test('of no keys begins with two that are not made yet', () => {
    const { lives, changes } = forecast([]);
    expect(changes.slice(0, 2)).toEqual([
      { at: now, kid: 'next-1', change: 'active' },
      { at: now, kid: 'next-2', change: 'standby' },
    ]);
    expect(lives.every(({ isPlanned }) => isPlanned)).toBe(true);
  });

  test('names every change of a whole rotation, and goes until the replaced key has left', () => {
    const keys = line(
      { publishedAt: now - 10, activatesAt: now - 10, tookOverAt: now - 10 },
      { publishedAt: now - 9, activatesAt: now - 10 + month },
    );
    const found = forecast(keys);
    // By the policy: replicas sign for 5 + 2 * 30 + 1 s more, note tokens 5 s ahead, and clocks may be off by 2 * 30 s.
    const lastTokens = 66 + 900 + 5 + 60;
    expect(changesOf(found, 'k1')).toEqual([
      [month - 10, 'retiring'],
      [month - 10 + 66, 'destroyed'],
      [month - 10 + lastTokens, 'retired'],
    ]);
    expect(changesOf(found, 'k2')).toEqual([[month - 10, 'active']]);
    expect(changesOf(found, 'next-1')).toEqual([[month - 10 - 3_601 - 66, 'standby']]);
    expect(found.until).toBe(now + month - 10 + lastTokens);
  });

  test('goes by the record for a key that no replica signs with any more', () => {
    const destroyed = { sealedPrivateKey: null, destroyedAt: now - 20, tokensExpireAt: now + 100 };
    const found = forecast(line({ ...destroyed, tookOverAt: 5 }, { activatesAt: now - 90, tookOverAt: now - 90 }));
    expect(changesOf(found, 'k1')).toEqual([[160, 'retired']]);
  });

  test('counts on nothing that a standby signs which never takes its turn', () => {
    const keys = line(
      { activatesAt: now - 10, tookOverAt: now - 10, alg: 'ES256' },
      { activatesAt: now + month, alg: 'ES256' },
    );
    const found = forecast(keys);
    expect(changesOf(found, 'next-1')).toEqual([
      [0, 'standby'],
      [month, 'active'],
    ]);
    const [stops, , leaves] = changesOf(found, 'k2');
    expect([stops, leaves]).toEqual([
      [month, 'retiring'],
      [month + 2 * 66, 'retired'],
    ]);
  });

  test('does at once what is overdue', () => {
    const found = forecast(line({ tookOverAt: 1 }, { activatesAt: now - month - 999 }));
    expect(changesOf(found, 'k1')[0]).toEqual([0, 'destroyed']);
    expect(changesOf(found, 'next-1')).toEqual([
      [0, 'standby'],
      [3_601, 'active'],
    ]);
  });

  test('gives no planned key the name of one that exists', () => {
    const [first, second] = line({ activatesAt: now - 5 }, { activatesAt: now + 5 });
    if (!first || !second) throw new Error('two keys');
    const { lives } = forecast([first, { ...second, kid: 'next-2' }], 2);
    expect(lives.map(({ kid, isPlanned }) => [kid, isPlanned]).slice(0, 4)).toEqual([
      ['k1', false],
      ['next-2', false],
      ['next-1', true],
      ['next-3', true],
    ]);
  });

  test('tells the past: of a key whose predecessor has left, and of one that was revoked', () => {
    const [, ...rest] = line(
      {},
      {
        publishedAt: now - 900,
        activatesAt: now - 800,
        tookOverAt: now - 800,
        revokedAt: now - 100,
        sealedPrivateKey: null,
      },
      { publishedAt: now - 700, activatesAt: now - 100, tookOverAt: now - 100 },
    );
    const { lives } = forecast(rest);
    expect(lives[0]?.spans).toEqual([
      { state: 'standby', from: now - 900, until: now - 800 },
      { state: 'active', from: now - 800, until: now - 100 },
      { state: 'revoked', from: now - 100, until: null },
    ]);
    expect(lives[1]?.spans.slice(0, 2)).toEqual([
      { state: 'standby', from: now - 700, until: now - 100 },
      { state: 'active', from: now - 100, until: now - 100 + month },
    ]);
  });

  test('tells the past of a key that has left, and is kept in the line for one that has not', () => {
    const destroyed = { sealedPrivateKey: null, tokensExpireAt: now - 500 };
    const keys = line(
      { ...destroyed, tookOverAt: 1, destroyedAt: now - 1_934, tokensExpireAt: now + 500 },
      { ...destroyed, activatesAt: now - 2_000, tookOverAt: now - 2_000, destroyedAt: now - 1_834 },
      { activatesAt: now - 1_900, tookOverAt: now - 1_900 },
    );
    expect(forecast(keys).lives[1]?.spans).toEqual([
      { state: 'standby', from: 0, until: now - 2_000 },
      { state: 'active', from: now - 2_000, until: now - 1_900 },
      { state: 'retiring', from: now - 1_900, until: now - 440 },
    ]);
  });

  test('ends, though tokens outlive a great many rotations', () => {
    const hasty = { ...short, tokenLifetime: 10 * 365 * 86_400 };
    const found = forecastKeys({ keys: [], now, policy: hasty, unreadable: none, rotations: 100 });
    expect(found.changes.filter(({ change }) => change === 'active').length).toBeGreaterThan(100);
    expect(found.changes.filter(({ change }) => change === 'retired')).toEqual([]);
  });
});
