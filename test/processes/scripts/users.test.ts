import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { form } from '../../support/ask.ts';
import { runCommand } from '../../support/command.ts';
import { password } from '../../support/passwords.ts';
import { run } from '../../support/process.ts';
import { sharedServer } from '../../support/server-process.ts';

const server = sharedServer();

const users = (args: string[], input = '') => runCommand('users', args, server, input);
const usersInOwnProcess = (args: string[], input = '') => run('scripts/users.ts', args, server, input);
const creation = (username: string, args: string[] = []) => [
  'create',
  '--username',
  username,
  '--password-stdin',
  ...args,
];
const create = (username: string, args: string[] = [], input = password) => users(creation(username, args), input);

type Tokens = { scope: string; access_token: string };

/** What the server beside it says to a login. */
const login = (username: string, secret: string) =>
  form<Tokens>(`${server.url}/token`, { grant_type: 'password', username, password: secret });

describe('npm run users -- create', () => {
  it('makes an account that can sign in at the running server at once', async () => {
    const { code, stdout, stderr } = await usersInOwnProcess(creation('ada'), password);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Made ada \(usr_[\w-]{22}\)\.\n$/);
    expect(await login('ada', password)).toMatchObject({
      status: 200,
      body: { scope: 'profile:read profile:write' },
    });
  });

  it('with --json prints one document, with the names of the contract', async () => {
    const { stdout } = await create('json', ['--name', 'J. Son', '--json']);
    const made = JSON.parse(stdout) as object;
    const id = expect.stringMatching(/^usr_[\w-]{22}$/) as string;
    expect(made).toEqual({ id, username: 'json', roles: [] });

    const { body: tokens } = await login('json', password);
    const me = await fetch(`${server.url}/users/me`, { headers: { Authorization: `Bearer ${tokens.access_token}` } });
    expect(await me.json()).toMatchObject({ ...made, name: 'J. Son' });
  });

  it('with --admin makes an administrator, who may inspect tokens', async () => {
    const { stdout } = await create('root', ['--admin', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ roles: ['admin'] });
    const { body: tokens } = await login('root', password);
    expect(tokens.scope.split(' ')).toContain('tokens:introspect');
  });

  it('takes the password as it comes on standard input, but for one line end', async () => {
    const inputs: Record<string, string> = {
      [`${password}\r\n`]: password,
      [` ${password} \n`]: ` ${password} `,
      '\'"$(x)\\ pässwörd 🔑 日本語': '\'"$(x)\\ pässwörd 🔑 日本語',
    };
    await Promise.all(
      Object.entries(inputs).map(async ([input, meant], at) => {
        expect((await create(`stdin${at}`, [], input)).code).toBe(0);
        expect((await login(`stdin${at}`, meant)).status).toBe(200);
        if (meant.trim() !== meant) expect((await login(`stdin${at}`, meant.trim())).status).toBe(400);
      }),
    );
  });

  it('without a terminal to ask at makes a password, and shows it once', async () => {
    const [people, programs] = await Promise.all([
      usersInOwnProcess(['create', '--username', 'made1']),
      users(['create', '--username', 'made2', '--json']),
    ]);
    const shown = /^Password, shown this once: (\S+)$/m.exec(people.stdout)?.[1] ?? '';
    const { password: given } = JSON.parse(programs.stdout) as { password: string };
    expect((await login('made1', shown)).status).toBe(200);
    expect((await login('made2', given)).status).toBe(200);
    expect(shown).not.toBe(given);
  });

  it('refuses with exit code 3 and a line that says why', async () => {
    await create('taken');
    const refusals: [username: string, input: string, saying: RegExp, ...args: string[]][] = [
      ['TAKEN', password, /^The username TAKEN is taken\.$/],
      ['weak', '', /fewer than 8 characters/],
      ['weak', `${password}\n\n`, /control character/],
      ['two words', password, /username/],
      ['nameless', password, /^A name has 1 to 200 characters/, '--name', ''],
      ['longwinded', password, /^A name has 1 to 200 characters/, '--name', 'x'.repeat(5000)],
    ];
    await Promise.all(
      refusals.map(async ([username, input, saying, ...args]) => {
        const { code, stdout, stderr } = await create(username, ['--json', ...args], input);
        expect({ username, code, stdout }).toEqual({ username, code: 3, stdout: '' });
        expect(stderr.trim()).toMatch(saying);
        expect(stderr.trim()).toMatch(/^[A-Z][^\n]*[^.]\.$/);
        expect(stderr).not.toMatch(/The \w+ The|\.\./);
      }),
    );
  });

  it('lets one win where two want the same name at the same moment', async () => {
    const ends = await Promise.all(['Rival', 'rival'].map((name) => usersInOwnProcess(creation(name), password)));
    expect(ends.map(({ code }) => code).toSorted()).toEqual([0, 3]);
  });

  it('stores nothing that was said in clear', async () => {
    await create('secretive', [], 'a very particular secret');
    const folder = join(server.folder, 'data');
    for (const file of await readdir(folder)) {
      const bytes = await readFile(join(folder, file));
      expect(bytes.includes('a very particular secret')).toBe(false);
    }
    const stored = Buffer.concat(
      await Promise.all((await readdir(folder)).map((file) => readFile(join(folder, file)))),
    );
    expect(stored.includes('secretive')).toBe(true);
    expect(stored.includes('$argon2id$v=19$m=19456,t=2,p=1$')).toBe(true);
  });
});

describe('wrong usage of npm run users', () => {
  const wrong: [args: string[], saying: RegExp][] = [
    [[], /a command is missing: create, list, show, disable, enable, set-roles, sessions, end-sessions, delete/],
    [['creat'], /unknown command 'creat' \(Did you mean create\?\)/],
    [['create'], /'--username <username>' not specified/],
    [['create', '--username'], /'--username <username>' argument missing/],
    [['create', '--username', 'x', '--password', 'x'], /unknown option '--password'/],
    [['create', '--username', 'x', 'y'], /too many arguments/],
  ];

  it('is one clear line on standard error, and exit code 2', async () => {
    await Promise.all(
      wrong.map(async ([args, saying]) => {
        const { code, stdout, stderr } = await (args.length === 0 ? usersInOwnProcess(args) : users(args));
        expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: '' });
        expect(stderr).toMatch(saying);
        expect(stderr.trim().split('\n')).toHaveLength(1);
      }),
    );
  });

  it('can be avoided: --help explains options and exit codes', async () => {
    const { code, stdout, stderr } = await users(['create', '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Usage: npm run users -- create/);
    for (const option of ['--username <username>', '--name <name>', '--admin', '--password-stdin', '--json']) {
      expect(stdout).toContain(`  ${option} `);
    }
    expect(stdout).toMatch(/Exit codes:\n {2}0 {2}done/);
  });
});
