import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatDistance, formatDuration } from '../../../src/keys/drawing/duration.ts';
import { openDatabase } from '../../../src/database/open.ts';
import { addMac } from '../../../src/keys/sealing/facts-mac.ts';
import { runCommand } from '../../support/command.ts';
import { byTest, changeKeys } from '../../support/installed-data.ts';
import { type Installation, newInstallation } from '../../support/installation.ts';
import { usedInstallation } from '../../support/used-installation.ts';

const plan = (installation: Installation, ...args: string[]) => runCommand('keys', ['plan', ...args], installation);

type Change = { at: string; in: number; kid: string; change: string };
type Plan = { now: string; until: string; changes: Change[] };

async function planOf(installation: Installation, ...args: string[]): Promise<Plan> {
  const { code, stdout, stderr } = await plan(installation, '--json', ...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as Plan;
}

async function storedKeys({ environment }: Installation) {
  const database = await openDatabase(environment['DATABASE_URL'] ?? '');
  const keys = await database.keys.listKeys();
  await database.close();
  return keys;
}

const momentOf = (text: string): number => Date.parse(text) / 1000;

describe('npm run keys -- plan', () => {
  it('says what will happen to each key and when, to programs', async () => {
    const installation = await usedInstallation();
    const before = await storedKeys(installation);
    const [first, second] = before;
    const { now, until, changes } = await planOf(installation, '--rotations', '1');
    expect(changes.map(({ kid, change }) => [kid, change])).toEqual([
      ['next-1', 'standby'],
      [first?.kid, 'retiring'],
      [second?.kid, 'active'],
      [first?.kid, 'destroyed'],
      [first?.kid, 'retired'],
    ]);
    expect(momentOf(changes[2]?.at ?? '')).toBe(second?.activatesAt);
    for (const { at, in: seconds } of changes) expect(seconds).toBe(momentOf(at) - momentOf(now));
    expect(until).toBe(changes.at(-1)?.at);
    expect(await storedKeys(installation)).toEqual(before);
  });

  it('says so to people, each change in a line', async () => {
    const installation = await usedInstallation();
    const { code, stdout, stderr } = await plan(installation);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.trimEnd().split('\n');
    for (const line of lines) expect(line).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ {2}in \d+d( \d+h)? +\S+ [a-z]/);
    expect(lines.filter((line) => line.endsWith(' signs'))).toHaveLength(3);
    expect(lines[0]).toContain('next-1 is published, next to sign');
  });

  it('looks as many rotations ahead as it is told to', async () => {
    const installation = await usedInstallation();
    const takeOvers = async (rotations: string): Promise<number> => {
      const { changes } = await planOf(installation, '--rotations', rotations);
      return changes.filter(({ change }) => change === 'active').length;
    };
    expect([await takeOvers('2'), await takeOvers('100')]).toEqual([2, 100]);
  });

  it('ends with 2 for a number of rotations that it cannot look ahead', async () => {
    const installation = await usedInstallation();
    const ends = await Promise.all(['0', '101', '1.5', ''].map((text) => plan(installation, '--rotations', text)));
    for (const { code, stdout, stderr } of ends) {
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(/^error: .*1 to 100\.\n$/);
    }
  });

  it('begins with the first two keys where no server has run yet, and makes none', async () => {
    const installation = await newInstallation();
    const { now, changes } = await planOf(installation);
    expect(changes.slice(0, 2)).toEqual([
      { at: now, in: 0, kid: 'next-1', change: 'active' },
      { at: now, in: 0, kid: 'next-2', change: 'standby' },
    ]);
    expect(await storedKeys(installation)).toEqual([]);
    await expect(stat(join(installation.folder, 'keys'))).rejects.toThrow('ENOENT');
  });

  it('says when a key of another issuer leaves the set', async () => {
    const installation = await usedInstallation();
    const now = Math.floor(Date.now() / 1000);
    await changeKeys(installation, async ({ keyring, verifyOnly, macs }) => {
      const publicJwk = keyring.keys[0]?.publicJwk ?? {};
      const moments = { publishedAt: now, publishedUntil: now + 5000, revokedAt: null };
      const key = await addMac({ kid: 'legacy', alg: 'RS256', publicJwk, ...moments, factsMac: null } as const, macs);
      await verifyOnly.insertVerifyOnlyKey(key, { ...byTest, at: now });
    });
    const { changes } = await planOf(installation);
    expect(changes[0]).toMatchObject({ kid: 'legacy', change: 'retired' });
    expect(momentOf(changes[0]?.at ?? '')).toBe(now + 5000);
  });

  it('explains in its help what it calls keys that are not made yet', async () => {
    const { code, stdout } = await plan(await usedInstallation(), '--help');
    expect(code).toBe(0);
    expect(stdout).toContain('next-1');
  });
});

describe('a duration', () => {
  it('is given in a unit and the next smaller one, and no part of it is made up', () => {
    const shown = [0, 1, 59, 60, 61, 3_600, 3_659, 3_660, 86_399, 86_400, 2_588_399, 315_360_000].map(formatDuration);
    expect(shown).toEqual(['0s', '1s', '59s', '1m', '1m 1s', '1h', '1h', '1h 1m', '23h 59m', '1d', '29d 22h', '3650d']);
  });

  it('tells the future from the past', () => {
    expect([formatDistance(90, 30), formatDistance(30, 30), formatDistance(30, 90)]).toEqual([
      'in 1m',
      'now',
      '1m ago',
    ]);
  });
});
