/** Processes whose environment cannot be used. What is wrong with one is in test/unit. */
import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';
import { newInstallation } from '../support/installation.ts';
import { run } from '../support/process.ts';

describe('the server and the command lines', () => {
  it('say what is wrong with the environment, and end with exit code 1 and nothing made', async () => {
    const installation = await newInstallation({ PORT: 'x', ISSUER: 'y', JWKS_MAX_AGE: '0s' });
    const ends = {
      'the server': run('src/main.ts', [], installation),
      keys: runCommand('keys', ['list'], installation),
      users: runCommand('users', ['create', '--username', 'ada'], installation),
      clients: runCommand('clients', ['create', '--name', 'x', '--scope', 'x'], installation),
    };
    await Promise.all(
      Object.entries(ends).map(async ([who, end]) => {
        const { code, stdout, stderr } = await end;
        expect({ who, code, stdout }).toEqual({ who, code: 1, stdout: '' });
        const lines = stderr.trim().split('\n');
        expect(lines[0]).toBe('The environment cannot be used:');
        expect(lines.slice(1).map((line) => line.trim().split(':')[0])).toEqual([
          '- PORT',
          '- ISSUER',
          '- JWKS_MAX_AGE',
        ]);
      }),
    );
    expect(await readdir(installation.folder)).toEqual([]);
  });
});

describe('a server in production', () => {
  it('does not start as it would on a developer’s machine: it says what is missing, and makes nothing', async () => {
    const installation = await newInstallation({ NODE_ENV: 'production' });
    const { code, stderr } = await run('src/main.ts', [], installation);
    expect(code).toBe(1);
    expect(stderr.split('\n  - ').map((line) => line.split(':')[0])).toEqual([
      'The environment cannot be used',
      'ISSUER',
      'RATE_LIMITS',
      'KEYS_DIR',
    ]);
    const apart = {
      NODE_ENV: 'production',
      ISSUER: 'https://tokens.example.com',
      RATE_LIMITS: 'on',
      KEYS_DIR: `${installation.folder}/secrets/deep`,
    };
    const environment = { ...installation.environment, ...apart };
    const listed = await runCommand('keys', ['list', '--json'], { ...installation, environment });
    expect(listed).toMatchObject({ code: 0 });
  });
});
