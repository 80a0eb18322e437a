import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { readConfig } from '../../../src/config/config.ts';
import { openDatabase } from '../../../src/database/open.ts';
import { planKeys } from '../../../src/keys/timeline/plan.ts';
import { fetchKeys, isActive, kidOf, kidsIn, requestToken, verify } from '../../support/jwks.ts';
import { addClient, damage, query } from '../../support/installed-data.ts';
import { runCommand } from '../../support/command.ts';
import { type Installation, newInstallation } from '../../support/installation.ts';
import { run } from '../../support/process.ts';
import { launchServer } from '../../support/server-process.ts';
import { usedInstallation } from '../../support/used-installation.ts';
import { waitFor } from '../../support/wait.ts';

const inOwnProcess = (installation: Installation, ...args: string[]) => run('scripts/keys.ts', args, installation);

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

const moment = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string;

/** Seconds; the server beside looks at the keys more often by far. */
const soon = 20;

describe('npm run keys -- list', () => {
  it('shows each key, what it is for and when that changes, for people and for programs', async () => {
    const installation = await usedInstallation();
    const document = await inOwnProcess(installation, 'list', '--json');
    const { keys: listed } = JSON.parse(document.stdout) as { keys: Record<string, string | null>[] };
    const shape = {
      kid: expect.any(String) as string,
      alg: 'RS256',
      published_at: moment,
      activates_at: moment,
      ended_at: null,
      retires_at: null,
      revoked_at: null,
      tokens_expire_at: null,
      changes_at: moment,
      changes_in: expect.any(Number) as number,
      unreadable: false,
    };
    expect(listed).toEqual([
      { ...shape, state: 'active' },
      { ...shape, state: 'standby' },
    ]);
    expect(listed[0]?.['changes_at']).toBe(listed[1]?.['activates_at']);
    expect(listed.map(({ kid, state }) => [kid, state])).toEqual(await statesOf(installation));

    const { code, stdout, stderr } = await runCommand('keys', ['list'], installation);
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
    const document = await runCommand('keys', ['list', '--json'], installation);
    expect(document).toMatchObject({ code: 0, stderr: '' });
    const { keys: listed } = JSON.parse(document.stdout) as { keys: Record<string, unknown>[] };
    const alone = { state: 'active', changes_at: null, changes_in: null, unreadable: false };
    expect(listed[0]).toMatchObject({ kid: first?.kid, ...alone });
    expect(listed[1]).toMatchObject({ kid: second?.kid, state: 'retiring', unreadable: true });

    const lines = (await runCommand('keys', ['list'], installation)).stdout.trim().split('\n');
    expect(lines.map((line) => line.endsWith('  unreadable'))).toEqual([false, true]);
  });

  it('works without the key-encryption key, or with another, and says in a line what it could not check', async () => {
    const whole = await usedInstallation();
    // The seconds until something changes become fewer from one look to the next.
    const shown = async (of: Installation) => {
      const { code, stdout, stderr } = await runCommand('keys', ['list', '--json'], of);
      return { code, stdout: stdout.replaceAll(/"changes_in": \d+/g, ''), stderr };
    };
    const { stdout: expected } = await shown(whole);
    const file = join(whole.folder, 'keys', 'key-encryption-key');
    await rm(file);
    const missing = await shown(whole);
    expect(missing).toMatchObject({ code: 0, stdout: expected });
    expect(missing.stderr).toMatch(
      /^Not every private part could be checked\. The key-encryption key is missing: .*\n$/,
    );
    await expect(stat(file)).rejects.toThrow('ENOENT');

    const KEY_ENCRYPTION_KEY = Buffer.alloc(32, 7).toString('base64');
    const other = { ...whole, environment: { ...whole.environment, KEY_ENCRYPTION_KEY } };
    const wrong = await shown(other);
    expect(wrong).toMatchObject({ code: 0, stdout: expected });
    expect(wrong.stderr).toMatch(/^Not every private part could be checked\. .* is sealed under .*\n$/);
  });

  it('shows an empty table where no server has run yet, and makes no key', async () => {
    const installation = await newInstallation();
    const { code, stdout, stderr } = await runCommand('keys', ['list', '--json'], installation);
    expect({ code, stdout: JSON.parse(stdout) as object, stderr }).toEqual({
      code: 0,
      stdout: { keys: [], waiting: [] },
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

    const { code, stdout, stderr } = await runCommand('keys', ['rotate', '--json'], installation);
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toEqual({ state: 'refused', kid, safe_at: safeAt });
    expect(stderr).toMatch(new RegExp(`^Too soon: .*${kid}.* safe at ${safeAt}; --force rotates now\\.\\n$`));
    expect(await list(installation)).toEqual(before);
  });

  it('with --force lets the standby sign, keeps the old key published, and makes a new standby', async () => {
    const installation = await usedInstallation();
    const [first, second] = await list(installation);
    const { code, stdout, stderr } = await runCommand('keys', ['rotate', '--force', '--json'], installation);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      state: 'rotated',
      kid: second?.kid,
      previous_kid: first?.kid,
      previous_retires_by: moment,
    });
    const after = await statesOf(installation);
    expect(after.slice(0, 2)).toEqual([
      [first?.kid, 'retiring'],
      [second?.kid, 'active'],
    ]);
    expect(after.slice(2)).toEqual([[expect.any(String), 'standby']]);
  });

  it('ends with 5 where somebody puts the standby off again at once [HOSTILE/key-row]', async () => {
    const installation = await usedInstallation();
    const [first] = await list(installation);
    query(
      installation,
      `create trigger put_off after update of activates_at on signing_keys when new.activates_at < old.activates_at begin
         update signing_keys set activates_at = old.activates_at, took_over_at = null where kid = new.kid;
       end`,
    );
    const { code, stdout, stderr } = await runCommand('keys', ['rotate', '--force', '--json'], installation);
    expect({ code, stdout }).toEqual({ code: 5, stdout: '' });
    expect(stderr).toMatch(
      /^Another process changed the keys at the same moment, or the new signer was revoked or changed at once/,
    );
    expect((await statesOf(installation))[0]).toEqual([first?.kid, 'active']);
  });

  it('twice at the same moment leaves one line of succession, and no key is skipped', async () => {
    const installation = await usedInstallation();
    const ends = await Promise.all([1, 2].map(() => inOwnProcess(installation, 'rotate', '--force')));
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
    const { code, stdout } = await runCommand('keys', ['revoke', kid, '--json'], installation);
    expect(code).toBe(0);
    const signer = second?.kid;
    const { rows, ...view } = JSON.parse(stdout) as Record<string, unknown>;
    expect(rows).toEqual(['signing_keys']);
    expect(view).toEqual({
      state: 'revoked',
      kid,
      revoked_at: moment,
      signer,
      signer_known_at: moment,
      verifiers_may_cache_until: moment,
      rows_left: [],
    });
    const after = await list(installation);
    expect(after.map((key) => key.state)).toEqual(['revoked', 'active', 'standby']);
    expect(after[0]).toMatchObject({ kid, revokedAt: expect.any(Number) as number });

    const again = await runCommand('keys', ['revoke', kid, '--json'], installation);
    expect({ ...again, stdout: JSON.parse(again.stdout) as object }).toEqual({
      code: 0,
      stdout: { ...view, rows: [] },
      stderr: '',
    });
    const said = await runCommand('keys', ['revoke', kid], installation);
    const sentence = `${kid} has been revoked before, at ${String(view['revoked_at'])}.\n`;
    expect(said).toEqual({ code: 0, stdout: sentence, stderr: '' });
    expect(await list(installation)).toEqual(after);
  });

  it('of the standby leaves the signer alone', async () => {
    const installation = await usedInstallation();
    const [first, second] = await list(installation);
    const { stdout } = await runCommand('keys', ['revoke', second?.kid ?? ''], installation);
    expect(stdout).toContain(
      `${second?.kid ?? ''} is revoked. ${first?.kid ?? ''} signs. Every verifier is sure to know it by `,
    );
    expect((await list(installation)).map(({ state }) => state)).toEqual(['active', 'revoked', 'standby']);
  });

  describe('where somebody takes the revocation back at once', () => {
    const undoIn = (installation: Installation, table: string) =>
      query(
        installation,
        `create trigger undo_in_${table} after update of revoked_at on ${table} when new.revoked_at is not null begin
           update ${table} set revoked_at = null where kid = new.kid;
         end`,
      );
    const keepOut = 'Somebody else writes to the database: keep them out, and run this again.\n';

    it('ends with 5, and says what it saw [HOSTILE/key-row]', async () => {
      const installation = await usedInstallation();
      const kid = (await list(installation))[0]?.kid ?? '';
      undoIn(installation, 'signing_keys');
      const saw = `The row of ${kid} in signing_keys was revoked, but was gone or no longer revoked when read again. `;
      const ended = await runCommand('keys', ['revoke', kid], installation);
      expect(ended).toEqual({ code: 5, stdout: '', stderr: `${saw}${keepOut}` });
      const { code, stdout, stderr } = await runCommand('keys', ['revoke', kid, '--json'], installation);
      expect({ code, stderr }).toEqual({ code: 5, stderr: `${saw}${keepOut}` });
      expect(JSON.parse(stdout)).toEqual({
        state: 'undone',
        kid,
        rows: [],
        rows_undone: ['signing_keys'],
        rows_left: [],
      });

      query(installation, 'drop trigger undo_in_signing_keys');
      expect(await runCommand('keys', ['revoke', kid], installation)).toMatchObject({ code: 0, stderr: '' });
    });

    it('of one of two rows ends with 5, and says which of them is revoked [HOSTILE/key-row]', async () => {
      const installation = await usedInstallation();
      const kid = (await list(installation))[0]?.kid ?? '';
      query(
        installation,
        `insert into verify_only_keys (kid, alg, public_jwk, published_at, published_until)
         select kid, alg, public_jwk, published_at, published_at + 9999 from signing_keys where kid = ?`,
        kid,
      );
      undoIn(installation, 'verify_only_keys');
      const only = ['revoke', '--row', 'verify_only_keys', kid, '--json'];
      const one = await runCommand('keys', only, installation);
      const left = { rows: [], rows_undone: ['verify_only_keys'], rows_left: ['signing_keys'] };
      expect(JSON.parse(one.stdout)).toEqual({ state: 'undone', kid, ...left });
      expect(one.stderr).toContain(` Its row in signing_keys stays as it is. ${keepOut}`);
      const saw = `The row of ${kid} in verify_only_keys was revoked, but was gone or no longer revoked when read again. `;
      const { code, stdout, stderr } = await runCommand('keys', ['revoke', kid, '--json'], installation);
      expect(code).toBe(5);
      // Before that, the log tells of the row that no server wrote.
      expect(stderr.endsWith(`\n${saw}Its row in signing_keys is revoked. ${keepOut}`)).toBe(true);
      const rows = { rows: ['signing_keys'], rows_undone: ['verify_only_keys'], rows_left: [] };
      expect(JSON.parse(stdout)).toEqual({ state: 'undone', kid, ...rows });
    });
  });

  it('takes a kid that looks like an option behind --', async () => {
    const installation = await usedInstallation();
    const before = await list(installation);
    const ended = await runCommand('keys', ['revoke', '--json', '--', '-r'], installation);
    expect(ended).toEqual({ code: 4, stdout: '', stderr: 'There is no key -r.\n' });
    expect(await list(installation)).toEqual(before);
  });

  it('ends with 4 where there is no such key', async () => {
    const installation = await usedInstallation();
    const before = await list(installation);
    const { code, stdout, stderr } = await runCommand('keys', ['revoke', 'nobody', '--json'], installation);
    expect({ code, stdout, stderr }).toEqual({ code: 4, stdout: '', stderr: 'There is no key nobody.\n' });
    expect(await list(installation)).toEqual(before);
  });
});

describe('beside a running server', () => {
  it('a rotation and a revocation are taken up within seconds, with no restart', async () => {
    const installation = await usedInstallation();
    const { url } = installation;
    const client = await addClient(installation, 'tokens:introspect');
    const { ready, printed } = launchServer(installation);
    await ready;
    const [first = '', second = ''] = kidsIn(await fetchKeys(url));
    const old = await requestToken(url, client);
    expect(kidOf(old)).toBe(first);

    await runCommand('keys', ['rotate', '--force'], installation);
    // Verifiers come to see it though nobody asks for a token meanwhile.
    await waitFor(async () => {
      expect(kidsIn(await fetchKeys(url))).toHaveLength(3);
    }, soon);
    const fresh = await waitFor(async () => {
      const token = await requestToken(url, client);
      expect(kidOf(token)).toBe(second);
      return token;
    }, soon);
    const rotated = await fetchKeys(url);
    expect(kidsIn(rotated)).toEqual([first, second, expect.any(String)]);
    await verify(old, rotated);
    await verify(fresh, rotated);
    expect(await isActive(url, client, old)).toBe(true);

    await runCommand('keys', ['revoke', first], installation);
    await waitFor(async () => {
      expect(kidsIn(await fetchKeys(url))).not.toContain(first);
      expect(await isActive(url, client, old)).toBe(false);
    }, soon);
    await expect(verify(old, await fetchKeys(url))).rejects.toThrow();
    expect(await isActive(url, client, fresh)).toBe(true);
    expect(printed.stderr).toBe('');
  });
});
