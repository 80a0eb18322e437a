import { readdir } from 'node:fs/promises';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { commandLine } from '../../../scripts/command-line.ts';
import { runCommand } from '../../support/command.ts';
import { newInstallation } from '../../support/installation.ts';
import { run } from '../../support/process.ts';

const folder = new URL('../../../scripts/keys/', import.meta.url);

/** With every command that there is a file for, whether or not `scripts/keys.ts` knows it. */
async function programOfFolder(): Promise<Command> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.ts'));
  const modules = await Promise.all(
    files.map((name) => import(new URL(name, folder).href) as Promise<Record<string, (program: Command) => void>>),
  );
  const program = commandLine('keys', 'Look after the signing keys.');
  for (const [name, add] of modules.flatMap((found) => Object.entries(found)))
    if (/^add.*Command$/.test(name)) add(program);
  return program;
}

const { commands } = await programOfFolder();

/** What becomes of these arguments before any work begins: there is nothing to work on. */
const parse = (...args: string[]) => runCommand('keys', args, { environment: { DATABASE_URL: 'nowhere' } });

const options: Record<string, string[]> = {
  list: [],
  rotate: ['--force', '--dry-run', '--signer <kid>', '--reason <text>'],
  'revoke <kid>': ['--row <table>', '--reason <text>'],
  'import <file>': ['--verify-only', '--for <duration>', '--kid <kid>', '--alg <alg>', '--reason <text>'],
  'export [kid]': ['--public', '--pem'],
  rewrap: ['--discard-old', '--reason <text>'],
  check: ['--url <url>', '--offline'],
  'log [kid]': ['--limit <n>'],
};

describe('the help of npm run keys', () => {
  it('lists every command', async () => {
    const { code, stdout, stderr } = await run('scripts/keys.ts', ['--help'], await newInstallation());
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Usage: npm run keys -- \[options\] \[command\]\n[^]*Exit codes:\n {2}0 {2}done\n/);
    expect(commands.length).toBeGreaterThanOrEqual(Object.keys(options).length);
    for (const command of commands) {
      expect(stdout).toMatch(new RegExp(`^ {2}${command.name()} `, 'm'));
      expect(stdout.replaceAll(/\s+/g, ' ')).toContain(command.description());
    }
  });

  it.each(Object.keys(options))('explains the options and exit codes of %s', async (command) => {
    const [name = '', argument] = command.split(' ');
    const { code, stdout, stderr } = await parse(name, '--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const usage = ['Usage: npm run keys --', name, '[options]', argument].filter(Boolean).join(' ');
    expect(stdout.split('\n')[0]).toBe(usage);
    const listed = [...stdout.matchAll(/^ {2}(--[a-z-]+(?: <[a-z]+>)?) {2,}\S/gm)].map(([, option]) => option);
    expect(listed).toEqual(expect.arrayContaining([...(options[command] ?? []), '--json']));
    expect(listed).toHaveLength((options[command]?.length ?? 0) + 1);
    expect(stdout).toMatch(/\nExit codes:\n {2}0 {2}done\n[^]* {2}6 {2}unhealthy: .*\n/);
  });
});

describe('wrong usage of npm run keys', () => {
  const cases: [args: string[], saying: RegExp][] = [
    [['rotat'], /unknown command 'rotat' \(Did you mean rotate\?\)/],
    [['rotate', '--forced'], /unknown option '--forced'/],
    ...commands.map((command): [string[], RegExp] => [
      [command.name(), '--nonsense', ...(command.name() === 'export' ? ['--public'] : [])],
      /unknown option '--nonsense'/,
    ]),
    [['list', 'a'], /too many arguments for 'list'/],
    [['revoke'], /missing required argument 'kid'/],
    [['rotate', '--signer'], /option '--signer <kid>' argument missing/],
    [['rotate', '--reason', ''], /It is 1 to 500 characters, no control characters\./],
    [['revoke', 'a', '--reason', 'a\tb'], /It is 1 to 500 characters, no control characters\./],
    [['rewrap', '--reason', 'a'.repeat(501)], /It is 1 to 500 characters, no control characters\./],
    [['import'], /missing required argument 'file'/],
    [['import', 'a.pem', '--for', '5'], /'5' is invalid\. It is written 90s, 15m, 12h or 30d\./],
    [['import', 'a.pem', '--for', '0s'], /'0s' is invalid/],
    [['import', 'a.pem', '--for', '3651d'], /'3651d' is invalid/],
    [
      ['import', 'a.pem', '--alg', 'HS256'],
      /'HS256' is invalid\. Allowed choices are RS256, PS256, ES256, EdDSA, Ed25519\./,
    ],
    [['export'], /required option '--public' not specified/],
    [['export', '--public', '--pem', '--json'], /option '--pem' cannot be used with option '--json'/],
    [['check', '--url', 'tokens.example.com'], /'tokens\.example\.com' is invalid\. It is written https:/],
    [['check', '--url', 'file:///etc'], /is invalid/],
    [['log', '--limit', '0'], /'0' is invalid\. It is a whole number from 1 on\./],
    [['log', '--limit', '-1'], /'-1' is invalid|argument missing/],
    [['log', '--limit', '1e3'], /'1e3' is invalid/],
  ];

  it.each(cases)('is one clear line, and exit code 2: %j', async (args, saying) => {
    const { code, stdout, stderr } = await parse(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(saying);
    expect(stderr).toMatch(/^error: .*\n$/);
  });

  it('is a command line without a command, which is told what there is', async () => {
    const { code, stdout, stderr } = await run('scripts/keys.ts', [], await newInstallation());
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^error: a command is missing: list, .* \(--help explains\)\n$/);
    for (const command of Object.keys(options)) expect(stderr).toContain(command.split(' ')[0]);
  });
});
