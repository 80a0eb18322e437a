import { cp } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { runCommand } from '../../support/command.ts';
import { type Installation, newInstallation } from '../../support/installation.ts';
import { query } from '../../support/installed-data.ts';
import { run } from '../../support/process.ts';

/** A title for the window, a colour, a new line, C1, directions, and breaks of the line. */
const evil = '\u001B]0;pwn\u0007\u001B[31m\u009B2J\u202E\u2028X\n\r\tend';
const shown = String.raw`\u001b]0;pwn\u0007\u001b[31m\u009b2J\u202e\u2028X\u000a\u000d\u0009end`;
const controls = /[\0-\u0009\u000B-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/;

/** Somebody who can write to the database has put it where the name and the moment of a migration are. */
async function spoiltInstallation(): Promise<Installation> {
  const installation = await newInstallation();
  await runCommand('migrate', [], installation);
  query(installation, 'insert into kysely_migration (name, timestamp) values (?, ?)', `999-${evil}`, evil);
  return installation;
}

describe('what the database has in it that is meant for the terminal', () => {
  it('is shown by migrate, backup and every other command, which break no line for it', async () => {
    const installation = await spoiltInstallation();
    const { folder } = installation;
    for (const [name, args, code, lines] of [
      ['migrate', ['--dry-run'], 3, 1],
      ['migrate', [], 1, 1],
      ['migrate', ['--to', `sqlite:${folder}/other.db`], 3, 1],
      ['backup', [`${folder}/backup.db`], 0, 1],
      ['keys', ['list'], 1, 1],
    ] as const) {
      const end = await runCommand(name, args, installation);
      expect(end.code).toBe(code);
      expect(end.stdout + end.stderr).not.toMatch(controls);
      expect(end.stderr.split('\n')).toHaveLength(lines + 1);
      if (args[0] !== '--dry-run') expect(end.stderr).toContain(`999-${shown}`);
      else expect(end.stdout.trimEnd().split('\n').at(-1)).toBe(`${shown}  999-${shown}`);
    }
    const json = await runCommand('migrate', ['--dry-run', '--json'], installation);
    expect(json.stdout).not.toMatch(controls);
    expect(JSON.parse(json.stdout)).toMatchObject({ unknown: [`999-${evil}`] });
  });

  it('is shown by a server that cannot start, alone or with workers', async () => {
    const installation = await spoiltInstallation();
    const crowd = { environment: { ...installation.environment, WORKERS: '1' } };
    const ends = [await run('src/main.ts', [], installation), await run('src/main.ts', [], crowd)];
    for (const { code, stdout, stderr } of ends) {
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).not.toMatch(controls);
      expect(stderr).toMatch(/^Tessera cannot start: [^\n]*\n$/);
      expect(stderr).toContain(`999-${shown}`);
    }
  });

  it('is shown where it stands in the name of a file', async () => {
    const installation = await spoiltInstallation();
    const file = `${installation.folder}/\u001B[31m\u202E.db`;
    await cp(`${installation.folder}/data/tessera.db`, file);
    const { code, stdout, stderr } = await runCommand('backup', [file], installation);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toContain(String.raw`\u001b[31m\u202e.db already`);
    expect(await runCommand('backup', ['a', '\u001B[31m'], installation)).toMatchObject({
      stderr: expect.not.stringMatching(controls) as string,
    });
  });
});
