import { userInfo } from 'node:os';
import { beforeAll, describe, expect, it } from 'vitest';
import { ask, form } from '../../support/ask.ts';
import { query } from '../../support/installed-data.ts';
import { runCommand } from '../../support/command.ts';
import { password } from '../../support/passwords.ts';
import type { Finished } from '../../support/process.ts';
import { sharedServer } from '../../support/server-process.ts';

const server = sharedServer();

type Account = { id: string; username: string; roles: string[]; disabled: boolean };

const users = (...args: string[]) => runCommand('users', args, server);

/** What a command that succeeds prints with `--json`. */
async function json<T>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await users(...args, '--json');
  expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
  return JSON.parse(stdout) as T;
}

async function create(username: string, ...args: string[]): Promise<Account> {
  const all = ['create', '--username', username, '--password-stdin', '--json', ...args];
  const { stdout } = await runCommand('users', all, server, password);
  return JSON.parse(stdout) as Account;
}

/** What the server beside it says to a login, and then to the access token. */
async function login(username: string) {
  const login = { grant_type: 'password', username, password };
  const { status, body } = await form<{ access_token?: string; scope?: string }>(`${server.url}/token`, login);
  const { access_token: token = '', scope } = body;
  return { status, scope, ask: async () => (await ask(`${server.url}/users/me`, { token })).status };
}

function expectEnd({ code, stdout, stderr }: Finished, exitCode: number, saying: RegExp): void {
  expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' });
  expect(stderr).toMatch(saying);
  expect(stderr.trim().split('\n')).toHaveLength(1);
}

/** What is on record of an account, the oldest first. */
function eventsOf(id: string) {
  return query(
    server,
    'select type, actor, reason, detail, address from audit_events where subject = ? order by seq',
    id,
  );
}

const me = JSON.stringify({ kind: 'script', name: userInfo().username });
const byMe = { actor: me, address: null };

beforeAll(async () => {
  await create('root', '--admin');
});

describe('npm run users -- create', () => {
  it('gives roles, and puts on record who made the account', async () => {
    const { id, roles } = await create('helper', '--role', 'support', '--role', 'auditor', '--role', 'support');
    expect(roles).toEqual(['support', 'auditor']);
    const detail = 'roles: support, auditor';
    expect(eventsOf(id)).toEqual([{ type: 'user.registered', ...byMe, reason: null, detail }]);
    expectEnd(await users('create', '--username', 'x', '--role', 'root'), 2, /The roles are admin, operator, auditor/);
  });
});

describe('npm run users -- list and show', () => {
  it('show accounts in the order in which they were made, by the names of the contract', async () => {
    const ids: string[] = [];
    for (const name of ['list-a', 'list-b', 'list-c']) ids.push((await create(name)).id);
    const { users: found } = await json<{ users: Account[] }>('list', '--search', 'LIST-');
    expect(found.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
    const moment = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}Z$/) as string;
    const [first] = found;
    expect(first).toEqual({
      id: first?.id,
      username: first?.username,
      name: null,
      roles: [],
      disabled: false,
      disabled_at: null,
      created_at: moment,
      updated_at: moment,
    });
    expect(await json('show', first?.id ?? '')).toEqual(first);
    expect(await json('show', first?.username.toUpperCase() ?? '')).toEqual(first);

    const page = await json<{ users: Account[]; next_cursor: string }>('list', '--search', 'list-', '--limit', '2');
    expect(page.users).toEqual(found.slice(0, 2));
    const rest = await json('list', '--search', 'list-', '--limit', '2', '--cursor', page.next_cursor);
    expect(rest).toEqual({ users: found.slice(2) });
    expect(await json('list', '--search', 'list-', '--limit', '1', '--all')).toEqual({ users: found });
    expect(await json('list', '--search', '%')).toEqual({ users: [] });
  });

  it('have a line for each account, and say on standard error that there are more', async () => {
    for (const name of ['line-a', 'line-b']) await create(name, '--name', 'Some Body', '--role', 'operator');
    const { stdout, stderr } = await users('list', '--search', 'line-', '--limit', '1');
    expect(stdout).toMatch(/^usr_[\w-]{22} {2}line-[ab] {2}\(Some Body\) {2}operator\n$/);
    expect(stderr).toMatch(/^There are more: --cursor [\w-]{50}, or --all\.\n$/);
    const shown = await users('show', 'line-a');
    expect(shown.stdout).toMatch(/^username {5}line-a$/m);
    expect(shown.stdout).not.toMatch(/argon2|password/);
  });
});

describe('npm run users -- disable and enable', () => {
  it('stop an account at the running server at once, for good as to its sessions', async () => {
    const { id } = await create('stopped');
    const before = await login('stopped');
    expect(await before.ask()).toBe(200);
    expect(await json('disable', 'stopped', '--reason', 'lost a laptop')).toMatchObject({ id, disabled: true });
    expect(await before.ask()).toBe(401);
    expect((await login('stopped')).status).toBe(400);
    expect(await json('enable', id)).toMatchObject({ id, disabled: false, disabled_at: null });
    expect(await before.ask()).toBe(401);
    expect(await (await login('stopped')).ask()).toBe(200);
    expect(eventsOf(id)).toMatchObject([
      { type: 'user.registered' },
      { type: 'user.disabled', ...byMe, reason: 'lost a laptop' },
      { type: 'session.refused' },
      { type: 'user.enabled', ...byMe, reason: null },
    ]);
  });
});

describe('npm run users -- set-roles', () => {
  it('gives the roles that are named and takes all others', async () => {
    const { id } = await create('worker', '--role', 'support');
    expect(await json('set-roles', 'worker', 'operator', 'auditor')).toMatchObject({ roles: ['operator', 'auditor'] });
    expect((await login('worker')).scope?.split(' ')).toContain('keys:manage');
    expect((await users('set-roles', 'worker')).stdout).toBe(`worker (${id}) has no roles.\n`);
    expect(await json('show', 'worker')).toMatchObject({ roles: [] });
    expectEnd(await users('set-roles', 'worker', 'root'), 2, /The roles are admin/);
  });
});

describe('npm run users -- sessions and end-sessions', () => {
  it('show where a user is signed in, and sign the user out everywhere [ASVS-7.4.5]', async () => {
    await create('roamer');
    const [one, two] = [await login('roamer'), await login('roamer')];
    const { sessions } = await json<{ sessions: object[] }>('sessions', 'roamer');
    const session = { client_id: 'first-party', current: false, address: '127.0.0.0/24', user_agent: 'node' };
    expect(sessions).toMatchObject([session, session]);
    const { stdout } = await users('sessions', 'roamer');
    expect(stdout).toMatch(
      /^([0-9a-f-]{36} {2}through first-party {2}since \S+Z {2}used \S+Z {2}127\.0\.0\.0\/24.*\n){2}$/,
    );
    expect(await json('end-sessions', 'roamer', '--reason', 'asked to')).toEqual({ sessions: [] });
    expect([await one.ask(), await two.ask()]).toEqual([401, 401]);
    expect(await json('sessions', 'roamer')).toEqual({ sessions: [] });
    const detail: unknown = expect.stringMatching(/^ended by an administrator, of usr_[A-Za-z0-9_-]{22}$/);
    expect(eventsOf((sessions[0] as { id: string }).id)).toMatchObject([
      { type: 'session.started' },
      { type: 'session.ended', ...byMe, reason: 'asked to', detail },
    ]);
  });
});

describe('npm run users -- delete', () => {
  it('removes an account, and stops its tokens at once', async () => {
    const { id } = await create('leaver');
    const session = await login('leaver');
    expect(await json('delete', 'leaver', '--reason', 'left')).toEqual({ id, username: 'leaver' });
    expect(await session.ask()).toBe(401);
    expect(eventsOf(id).at(-1)).toMatchObject({ type: 'user.deleted', ...byMe, reason: 'left' });
    expectEnd(await users('delete', 'leaver'), 4, /^There is no account "leaver"\.\n$/);
  });
});

describe('npm run users refuses', () => {
  it('with exit code 4 where there is no such account', async () => {
    const commands = [['show'], ['disable'], ['enable'], ['set-roles'], ['sessions'], ['end-sessions'], ['delete']];
    await Promise.all(
      commands.map(async ([command = '']) => {
        for (const named of ['nobody', 'usr_AAAAAAAAAAAAAAAAAAAAAA'])
          expectEnd(await users(command, named, '--json'), 4, new RegExp(`^There is no account "${named}"\\.\n$`));
      }),
    );
  });

  it('with exit code 3 to remove the last administrator', async () => {
    const before = await json('show', 'root');
    const saying = /^root is the last administrator\. Make another one first\.\n$/;
    for (const args of [
      ['disable', 'root'],
      ['set-roles', 'root', 'auditor'],
      ['delete', 'ROOT'],
    ])
      expectEnd(await users(...args), 3, saying);
    expect(await json('show', 'root')).toEqual(before);
    await json('set-roles', 'root', 'admin', 'auditor');
  });

  it('with exit code 2 and one line where it is used wrongly', async () => {
    for (const args of [
      ['show'],
      ['disable'],
      ['delete'],
      ['list', '--limit', '0'],
      ['list', '--cursor', 'usr_AAAAAAAAAAAAAAAAAAAAAA'],
      ['list', 'x'],
      ['disable', 'a', 'b'],
    ])
      expectEnd(await users(...args), 2, /^error: /);
  });
});
