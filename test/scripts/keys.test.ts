import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { openDatabase } from '../../src/database/open.ts';
import { planKeys } from '../../src/keys/plan.ts';
import { fetchKeys, isActive, kidOf, kidsIn, requestToken, verify } from '../support/jwks.ts';
import { type Installation, newInstallation, run } from '../support/process.ts';
import { launchServer } from '../support/server-process.ts';
import { usedInstallations } from '../support/used-installation.ts';

const usedInstallation = usedInstallations();

const keys = (installation: Installation, ...args: string[]) => run('scripts/keys.ts', args, installation);

type Listed = { kid: string; state: string; publishedAt: number; revokedAt: number | null };

/** What `list` would show, without a process for it. */
async function list({ environment }: Installation): Promise<Listed[]> {
  const config = readConfig(environment);
  const database = await openDatabase(config.databaseUrl);
  const { states } = planKeys(await database.keys.listKeys(), systemClock(), config.keyPolicy, new Set());
  await database.close();
  return states.map(({ key, state }) => ({
    kid: key.kid,
    state,
    publishedAt: key.publishedAt,
    revokedAt: key.revokedAt,
  }));
}

async function statesOf(installation: Installation): Promise<[kid: string, state: string][]> {
  return (await list(installation)).map(({ kid, state }) => [kid, state]);
}

function damage({ folder }: Installation, kid: string): void {
  const database = new DatabaseSync(join(folder, 'data', 'tessera.db'));
  database.prepare("update signing_keys set sealed_private_key = 'v1.damaged' where kid = ?").run(kid);
  database.close();
}

const moment = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string;

/** Seconds pass until the server beside has looked, but not many. */
const soon = { timeout: 8_000, interval: 50 };

describe('npm run keys -- list', () => {
  it('shows each key, what it is for and when that changes, for people and for programs', async () => {
    const installation = await usedInstallation();
    const document = await keys(installation, 'list', '--json');
    const { keys: listed } = JSON.parse(document.stdout) as { keys: Record<string, string | null>[] };
    const shape = { kid: expect.any(String) as string, alg: 'RS256', published_at: moment, activates_at: moment };
    expect(listed).toEqual([
      { ...shape, state: 'active', revoked_at: null, changes_at: moment },
      { ...shape, state: 'standby', revoked_at: null, changes_at: moment },
    ]);
    expect(listed[0]?.['changes_at']).toBe(listed[1]?.['activates_at']);
    expect(listed.map(({ kid, state }) => [kid, state])).toEqual(await statesOf(installation));

    const { code, stdout, stderr } = await keys(installation, 'list');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.trim().split('\n');
    for (const [at, { kid, state }] of listed.entries())
      expect(lines[at]).toMatch(new RegExp(`^${kid ?? ''} +${state ?? ''} `));
    expect(stdout).not.toContain('unreadable');
  });

  it('marks a key whose private part is corrupt, and counts on it no more', async () => {
    const installation = await usedInstallation();
    const [first, second] = await list(installation);
    damage(installation, second?.kid ?? '');
    const document = await keys(installation, 'list', '--json');
    expect(document).toMatchObject({ code: 0, stderr: '' });
    const { keys: listed } = JSON.parse(document.stdout) as { keys: Record<string, unknown>[] };
    expect(listed[0]).toMatchObject({ kid: first?.kid, state: 'active', changes_at: null });
    expect(listed[0]).not.toHaveProperty('unreadable');
    expect(listed[1]).toMatchObject({ kid: second?.kid, state: 'retiring', unreadable: true });

    const lines = (await keys(installation, 'list')).stdout.trim().split('\n');
    expect(lines.map((line) => line.endsWith('  unreadable'))).toEqual([false, true]);
  });

  it('works without the key-encryption key, or with another, and says in a line what it could not check', async () => {
    const whole = await usedInstallation();
    const expected = (await keys(whole, 'list', '--json')).stdout;
    const file = join(whole.folder, 'keys', 'key-encryption-key');
    await rm(file);
    const missing = await keys(whole, 'list', '--json');
    expect(missing).toMatchObject({ code: 0, stdout: expected });
    expect(missing.stderr).toMatch(
      /^Not every private part could be checked\. The key-encryption key is missing: .*\n$/,
    );
    await expect(stat(file)).rejects.toThrow('ENOENT');

    const KEY_ENCRYPTION_KEY = Buffer.alloc(32, 7).toString('base64');
    const other = { ...whole, environment: { ...whole.environment, KEY_ENCRYPTION_KEY } };
    const wrong = await keys(other, 'list', '--json');
    expect(wrong).toMatchObject({ code: 0, stdout: expected });
    expect(wrong.stderr).toMatch(/^Not every private part could be checked\. .* is sealed under .*\n$/);
  });

  it('shows an empty table where no server has run yet, and makes no key', async () => {
    const installation = await newInstallation();
    const { code, stdout, stderr } = await keys(installation, 'list', '--json');
    expect({ code, stdout: JSON.parse(stdout) as object, stderr }).toEqual({
      code: 0,
      stdout: { keys: [] },
      stderr: '',
    });
    await expect(stat(join(installation.folder, 'keys'))).rejects.toThrow('ENOENT');
  });
});

describe('npm run keys -- rotate', () => {
  it('is refused with 3 while some verifier may not know the standby, and says when it is safe', async () => {
    const installation = await usedInstallation();
    const before = await list(installation);
    const { kid = '', publishedAt = 0 } = before[1] ?? {};
    const safeAt = new Date((publishedAt + 3_601) * 1000).toISOString().replace('.000Z', 'Z');

    const { code, stdout, stderr } = await keys(installation, 'rotate', '--json');
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toEqual({ state: 'refused', kid, safe_at: safeAt });
    expect(stderr).toMatch(new RegExp(`^Too soon: .*${kid}.* safe at ${safeAt}; --force rotates now\\.\\n$`));
    expect(await list(installation)).toEqual(before);
  });

  it('with --force lets the standby sign, keeps the old key published, and makes a new standby', async () => {
    const installation = await usedInstallation();
    const [first, second] = await list(installation);
    const { code, stdout, stderr } = await keys(installation, 'rotate', '--force', '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      state: 'rotated',
      kid: second?.kid,
      previous_kid: first?.kid,
      previous_published_until: moment,
    });
    const after = await statesOf(installation);
    expect(after.slice(0, 2)).toEqual([
      [first?.kid, 'retiring'],
      [second?.kid, 'active'],
    ]);
    expect(after.slice(2)).toEqual([[expect.any(String), 'standby']]);
  });

  it('twice at the same moment leaves one line of succession, and no key is skipped', async () => {
    const installation = await usedInstallation();
    const ends = await Promise.all([1, 2].map(() => keys(installation, 'rotate', '--force')));
    const done = ends.filter(({ code }) => code === 0).length;
    expect(done).toBeGreaterThanOrEqual(1);
    for (const { code } of ends) expect([0, 5]).toContain(code);
    const states = (await statesOf(installation)).map(([, state]) => state);
    expect(states).toEqual([...Array.from({ length: done }, () => 'retiring'), 'active', 'standby']);
  });
});

describe('npm run keys -- revoke', () => {
  it('takes a key out for good; the standby signs at once, and there is a standby again', async () => {
    const installation = await usedInstallation();
    const [first, second] = await list(installation);
    const kid = first?.kid ?? '';
    const { code, stdout } = await keys(installation, 'revoke', kid, '--json');
    expect(code).toBe(0);
    const signer = second?.kid;
    expect(JSON.parse(stdout)).toEqual({
      state: 'revoked',
      kid,
      signer,
      signer_known_at: moment,
      verifiers_may_cache_until: moment,
    });
    const after = await list(installation);
    expect(after.map((key) => key.state)).toEqual(['revoked', 'active', 'standby']);
    expect(after[0]).toMatchObject({ kid, revokedAt: expect.any(Number) as number });

    const again = await keys(installation, 'revoke', kid);
    expect(again).toEqual({ code: 0, stdout: `${kid} has been revoked before.\n`, stderr: '' });
    expect(await list(installation)).toEqual(after);
  });

  it('of the standby leaves the signer alone', async () => {
    const installation = await usedInstallation();
    const [first, second] = await list(installation);
    const { stdout } = await keys(installation, 'revoke', second?.kid ?? '');
    expect(stdout).toContain(
      `${second?.kid ?? ''} is revoked. ${first?.kid ?? ''} signs. Every verifier is sure to know it by `,
    );
    expect((await list(installation)).map(({ state }) => state)).toEqual(['active', 'revoked', 'standby']);
  });

  it('ends with 4 where there is no such key', async () => {
    const installation = await usedInstallation();
    const before = await list(installation);
    const { code, stdout, stderr } = await keys(installation, 'revoke', 'nobody', '--json');
    expect({ code, stdout, stderr }).toEqual({ code: 4, stdout: '', stderr: 'There is no key nobody.\n' });
    expect(await list(installation)).toEqual(before);
  });
});

describe('beside a running server', () => {
  it('a rotation and a revocation are taken up within seconds, with no restart', async () => {
    const installation = await usedInstallation();
    const { url } = installation;
    const args = ['create', '--name', 'a', '--scope', 'tokens:introspect', '--json'];
    const { stdout } = await run('scripts/clients.ts', args, installation);
    const client = JSON.parse(stdout) as { client_id: string; client_secret: string };
    const { ready, printed } = launchServer(installation);
    await ready;
    const [first = '', second = ''] = kidsIn(await fetchKeys(url));
    const old = await requestToken(url, client);
    expect(kidOf(old)).toBe(first);

    await keys(installation, 'rotate', '--force');
    // Verifiers come to see it though nobody asks for a token meanwhile.
    await vi.waitFor(async () => {
      expect(kidsIn(await fetchKeys(url))).toHaveLength(3);
    }, soon);
    const fresh = await vi.waitFor(async () => {
      const token = await requestToken(url, client);
      expect(kidOf(token)).toBe(second);
      return token;
    }, soon);
    const rotated = await fetchKeys(url);
    expect(kidsIn(rotated)).toEqual([first, second, expect.any(String)]);
    await verify(old, rotated);
    await verify(fresh, rotated);
    expect(await isActive(url, client, old)).toBe(true);

    await keys(installation, 'revoke', first);
    await vi.waitFor(async () => {
      expect(kidsIn(await fetchKeys(url))).not.toContain(first);
      expect(await isActive(url, client, old)).toBe(false);
    }, soon);
    await expect(verify(old, await fetchKeys(url))).rejects.toThrow();
    expect(await isActive(url, client, fresh)).toBe(true);
    expect(printed.stderr).toBe('');
  });
});

describe('wrong usage of npm run keys', () => {
  it('is one clear line on standard error, and exit code 2', async () => {
    const installation = await usedInstallation();
    const wrong: [args: string[], saying: RegExp][] = [
      [[], /a command is missing: list, rotate, revoke/],
      [['rotat'], /unknown command 'rotat' \(Did you mean rotate\?\)/],
      [['rotate', '--forced'], /unknown option '--forced'/],
      [['revoke'], /missing required argument 'kid'/],
    ];
    await Promise.all(
      wrong.map(async ([args, saying]) => {
        const { code, stdout, stderr } = await keys(installation, ...args);
        expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: '' });
        expect(stderr).toMatch(saying);
        expect(stderr.trim().split('\n')).toHaveLength(1);
      }),
    );
  });

  it('can be avoided: --help explains commands, options and exit codes', async () => {
    const installation = await usedInstallation();
    const helps = await Promise.all([keys(installation, '--help'), keys(installation, 'rotate', '--help')]);
    for (const { code, stdout, stderr } of helps) {
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(/^Usage: npm run keys -- [^]*Exit codes:\n {2}0 {2}done/);
    }
    expect(helps[0].stdout).toMatch(/list [^]*rotate [^]*revoke /);
    expect(helps[1].stdout).toMatch(/--force [^]*/);
  });
});
