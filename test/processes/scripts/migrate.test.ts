import { stat } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { runCommand } from '../../support/command.ts';
import { newInstallation } from '../../support/installation.ts';
import { run } from '../../support/process.ts';
import { buildVersion } from '../../support/database/versions.ts';

const all = [
  '001-accounts-tokens-keys',
  '002-what-keys-signed-and-audit',
  '003-sessions-clients-limits',
  '004-replicas',
  '005-generations',
  '006-live-sessions',
  '007-repeats',
  '008-audit-by-moment',
  '009-keys',
  '010-session-credentials',
  '011-first-rows',
];

describe('npm run migrate', () => {
  it('brings the schema up to date, and says by what', async () => {
    const installation = await newInstallation();
    const first = await run('scripts/migrate.ts', [], installation);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toBe(
      [
        ...all.map((name) => `Migrated: ${name}`),
        `The schema of ${installation.folder}/data/tessera.db is up to date.\n`,
      ].join('\n'),
    );
    const second = await runCommand('migrate', ['--json'], installation);
    expect(JSON.parse(second.stdout)).toEqual({ database: `${installation.folder}/data/tessera.db`, taken: [] });
  });

  it('only says what it would do when it is asked to', async () => {
    const installation = await newInstallation({});
    const url = `sqlite:${installation.folder}/tessera.db`;
    installation.environment['DATABASE_URL'] = url;
    await buildVersion(url, all[2] ?? '');
    const { stdout, code } = await runCommand('migrate', ['--dry-run'], installation);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^2026-01-01T00:00:00\.000Z {2}001-accounts-tokens-keys\n/);
    expect(
      stdout.endsWith(
        all
          .slice(3)
          .map((name) => `\npending${' '.repeat(19)}${name}`)
          .join('') + '\n',
      ),
    ).toBe(true);
    const json = await runCommand('migrate', ['--dry-run', '--json'], installation);
    expect(JSON.parse(json.stdout)).toMatchObject({ pending: all.slice(3), unknown: [] });
  });

  it('is what a server, and any other command, asks for where it is left to it', async () => {
    const installation = await newInstallation({ MIGRATIONS: 'command' });
    for (const { code, stderr } of [
      await run('src/main.ts', [], installation),
      await runCommand('users', ['list'], installation),
      await runCommand('keys', ['list'], installation),
    ]) {
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /it is behind this version, and lacks 001-[^\n]*: npm run migrate brings it up to date\n$/,
      );
    }
    expect((await runCommand('migrate', [], installation)).code).toBe(0);
    expect(await runCommand('users', ['list'], installation)).toMatchObject({ code: 0 });
  });

  it('moves everything to another database, or out of one, and says how much', async () => {
    const installation = await newInstallation();
    await runCommand('users', ['create', '--username', 'ada'], installation);
    const to = `sqlite:${installation.folder}/other.db`;
    const moved = await runCommand('migrate', ['--to', to], installation);
    expect(moved).toMatchObject({ code: 0 });
    expect(moved.stdout).toMatch(
      /^Moved 3 rows of 13 tables from \S+tessera\.db to \S+other\.db, and compared each\.\n$/,
    );
    // A line for each table where there is no terminal.
    expect(moved.stderr).toMatch(/^users: 1\nclients: 0\n[^]*\naudit_events: 2\n$/);
    const again = await runCommand('migrate', ['--to', to], installation);
    expect(again).toMatchObject({ code: 3, stdout: '' });
    expect(again.stderr).toMatch(/other\.db is not empty: it has rows in users, 1 of them\.\n$/);
    const back = {
      ...installation,
      environment: { ...installation.environment, DATABASE_URL: `sqlite:${installation.folder}/third.db` },
    };
    const json = await runCommand('migrate', ['--from', to, '--json'], back);
    const told = JSON.parse(json.stdout) as { tables: unknown[] };
    expect(told).toMatchObject({
      to: `${installation.folder}/third.db`,
      rows: 4,
      source_in_use: false,
      not_recorded: null,
    });
    expect(told.tables[0]).toEqual({ name: 'users', rows: 1, digest: expect.stringMatching(/^[\w-]{43}$/) as string });
    expect((await runCommand('users', ['list'], back)).stdout).toMatch(/ada/);
  });

  it('makes no file for a source that is not there', async () => {
    const installation = await newInstallation();
    const { folder } = installation;
    const args = ['--from', `sqlite:${folder}/none.db`, '--to', `sqlite:${folder}/new.db`];
    const end = await runCommand('migrate', args, installation);
    expect(end).toMatchObject({ code: 1, stdout: '' });
    expect(end.stderr).toBe(`The database ${folder}/none.db cannot be used: unable to open database file\n`);
    await expect(stat(`${folder}/none.db`)).rejects.toThrow('ENOENT');
    await expect(stat(`${folder}/new.db`)).rejects.toThrow('ENOENT');
  });

  it.each([
    [['--from', 'sqlite:a.db', '--dry-run'], /^error: --dry-run is about the schema, not about a move\n$/],
    [['--reason', 'moving'], /^error: --reason is that of a move: --from or --to is missing\n$/],
    [['--dry-run', '--reason', 'moving'], /^error: --reason is that of a move: --from or --to is missing\n$/],
    [['postgres://u:secret@h/d'], /^error: too many arguments.*…@h\/d\.\n$/],
    [['--form', 'postgres://u:secret@h/d'], /^error: unknown option '--form' \(Did you mean --from\?\)\n$/],
    [['--to'], /^error: option '--to <url>' argument missing\n$/],
  ])('answers wrong usage with one line that tells no password, and exit code 2: %j', async (args, saying) => {
    const { code, stdout, stderr } = await runCommand('migrate', args, await newInstallation());
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(saying);
    expect(stderr).not.toContain('secret');
  });

  it.each([
    'postgres://u:secret@127.0.0.1:1/d',
    'postgres://u:secret@127.0.0.1:1/d?sslmode=nonsense',
    'postgres://u:secret@',
    'postgres:/u:secret@h',
    'mysql://u:secret@h/d',
  ])('does not tell the password of a URL that leads nowhere: %s', async (to) => {
    const installation = await newInstallation();
    await runCommand('migrate', [], installation);
    const { code, stdout, stderr } = await runCommand('migrate', ['--to', to], installation);
    expect(code).toBe(1);
    expect(stdout + stderr).not.toContain('secret');
    expect(stderr).toMatch(/cannot be used: .*\n$/);
  });
});
