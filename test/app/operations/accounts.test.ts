import { describe, expect } from 'vitest';
import {
  expectAlive,
  expectDead,
  expectOAuthError,
  expectProblem,
  introspect,
  matching,
  refresh,
  signIn,
} from '../../support/oauth.ts';
import { type Tessera, it, password, startTessera } from '../../support/tessera.ts';

type Account = { id: string; username: string; roles: string[]; disabled: boolean };
type Page = { users: Account[]; next_cursor?: string };

async function tokenOfAdmin(tessera: Tessera): Promise<string> {
  return (await signIn(tessera, { roles: ['admin'] })).tokens.access_token;
}

function moment(tessera: Tessera): string {
  return new Date(tessera.clock() * 1000).toISOString().replace('.000Z', 'Z');
}

describe('GET /users', () => {
  async function start() {
    const tessera = await startTessera();
    const { id, tokens } = await signIn(tessera, { roles: ['support'] });
    const list = async (query: Record<string, string>) => {
      const reply = await tessera.bearer('get', `/users?${new URLSearchParams(query).toString()}`, tokens.access_token);
      expect(reply.status).toBe(200);
      return reply.body as Page;
    };
    const names = async (search: string) => (await list({ search })).users.map(({ username }) => username);
    return { tessera, id, token: tokens.access_token, list, names };
  }

  it('walks through all accounts in the order in which they were made, whatever the size of a page', async () => {
    const { tessera, id, list } = await start();
    const made = [id];
    for (let more = 0; more < 6; more += 1) {
      // Some are of the same second: then their ids decide.
      if (more % 3 === 0) tessera.clock.advance(10);
      made.push(await tessera.addUser(`user-${more}`));
    }
    const { users: all, next_cursor } = await list({});
    expect(next_cursor).toBeUndefined();
    expect(all.map((account) => account.id).toSorted()).toEqual(made.toSorted());
    expect(all[0]?.id).toBe(id);
    for (const limit of ['1', '2', '3', '6', '7']) {
      const seen: Account[] = [];
      for (let cursor: string | undefined = ''; cursor !== undefined;) {
        const page: Page = await list({ limit, ...(cursor !== '' && { cursor }) });
        expect(page.users.length).toBeGreaterThan(0);
        seen.push(...page.users);
        cursor = page.next_cursor;
      }
      expect(seen).toEqual(all);
    }
  });

  it('shows each account once while others are made, and those too that come behind', async () => {
    const { tessera, list } = await start();
    for (let more = 0; more < 5; more += 1) await tessera.addUser(`early-${more}`);
    const seen: string[] = [];
    let late = 0;
    for (let cursor: string | undefined = ''; cursor !== undefined;) {
      const page: Page = await list({ limit: '2', ...(cursor !== '' && { cursor }) });
      seen.push(...page.users.map(({ username }) => username));
      cursor = page.next_cursor;
      tessera.clock.advance(1);
      if (late < 3) await tessera.addUser(`late-${(late += 1)}`);
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.filter((name) => name.startsWith('early-'))).toHaveLength(5);
    expect(seen.slice(-3)).toEqual(['late-1', 'late-2', 'late-3']);
  });

  it('finds a part of a username as usernames are compared, or of a display name', async () => {
    const { tessera, names } = await start();
    await tessera.request
      .post('/users')
      .send({ username: 'Zoë.Grün', password, name: 'The FIRST of them' })
      .expect(201);
    await tessera.request.post('/users').send({ username: 'ada', password, name: 'Ada Lovelace' }).expect(201);
    expect(await names('zoë')).toEqual(['Zoë.Grün']);
    expect(await names('OË.GR')).toEqual(['Zoë.Grün']);
    expect(await names('Zoe\u0308')).toEqual(['Zoë.Grün']);
    expect(await names('ＡＤＡ')).toEqual(['ada']);
    expect(await names('first OF')).toEqual(['Zoë.Grün']);
    expect(await names('love')).toEqual(['ada']);
    expect(await names('zoe')).toEqual([]);
  });

  it('takes % _ \\ and quotes in a search for what they are', async () => {
    const { tessera, names } = await start();
    const hostile = ['a%b', 'a_b', 'a\\b', "a'b", 'a"b', 'axb'];
    for (const username of hostile) await tessera.addUser(username);
    for (const username of hostile) {
      const sign = username.slice(1, 2);
      if (sign !== 'x') expect({ sign, found: await names(sign) }).toEqual({ sign, found: [username] });
      expect(await names(username)).toEqual([username]);
    }
    expect(await names('%%')).toEqual([]);
    expect(await names("' or 1=1 --")).toEqual([]);
    expect(await names('\0')).toEqual([]);
  });

  it('goes through the pages of a search', async () => {
    const { tessera, list } = await start();
    for (let more = 0; more < 5; more += 1) {
      tessera.clock.advance(1);
      await tessera.addUser(`needle-${more}`);
      await tessera.addUser(`hay-${more}`);
    }
    const first = await list({ search: 'NEEDLE', limit: '3' });
    const second = await list({ search: 'NEEDLE', limit: '3', cursor: first.next_cursor ?? '' });
    expect(second.next_cursor).toBeUndefined();
    expect([...first.users, ...second.users].map(({ username }) => username)).toEqual(
      [0, 1, 2, 3, 4].map((at) => `needle-${at}`),
    );
  });

  it.for([
    ['limit=0', '/query/limit'],
    ['limit=201', '/query/limit'],
    ['search=', '/query/search'],
    [`search=${'x'.repeat(65)}`, '/query/search'],
    ['roles=admin', '/query/roles'],
  ])('refuses ?%s', async ([query, pointer], { tessera }) => {
    expectProblem(await tessera.bearer('get', `/users?${query}`, await tokenOfAdmin(tessera)), 400, pointer);
  });
});

describe('GET /users/{userId}', () => {
  it('shows an account, and nothing of its password', async ({ tessera }) => {
    const token = await tokenOfAdmin(tessera);
    const { id, username } = await tessera.newUser(['auditor']);
    const reply = await tessera.bearer('get', `/users/${id}`, token).expect(200);
    const moments = { created_at: moment(tessera), updated_at: moment(tessera) };
    const state = { disabled: false, disabled_at: null, ...moments };
    expect(reply.body).toEqual({ id, username, name: null, roles: ['auditor'], ...state });
    expect(reply.headers['cache-control']).toBe('no-store');
  });

  it.for(['get', 'patch', 'delete', 'get sessions', 'delete sessions'])(
    'and %s answer 404 for an account that is not there, 400 for what is no id',
    async (operation, { tessera }) => {
      const token = await tokenOfAdmin(tessera);
      const [method, part] = operation.split(' ') as ['get' | 'patch' | 'delete', string?];
      const ask = (id: string) => {
        const request = tessera.bearer(method, `/users/${id}${part === undefined ? '' : `/${part}`}`, token);
        return method === 'patch' ? request.send({ disabled: true }) : request;
      };
      expectProblem(await ask('usr_AAAAAAAAAAAAAAAAAAAAAA'), 404);
      expectProblem(await ask('cli_AAAAAAAAAAAAAAAAAAAAAA'), 400, '/path/userId');
      expectProblem(await ask("'%20or%201=1"), 400, '/path/userId');
    },
  );
});

describe('PATCH /users/{userId}', () => {
  it('gives and takes roles, and says what the account is now', async ({ tessera }) => {
    const token = await tokenOfAdmin(tessera);
    const { id, username } = await tessera.newUser();
    const change = (body: object) => tessera.bearer('patch', `/users/${id}`, token).send(body).expect(200);
    tessera.clock.advance(5);
    expect((await change({ roles: ['auditor', 'operator'] })).body).toMatchObject({
      id,
      roles: ['auditor', 'operator'],
      disabled: false,
      updated_at: moment(tessera),
    });
    expect((await tessera.login(username)).scope.split(' ')).toContain('audit:read');
    expect((await change({ roles: [] })).body).toMatchObject({ roles: [] });
    expect((await tessera.login(username)).scope).toBe('profile:read profile:write');
  });

  it('leaves an account that is as it should be alone', async ({ tessera }) => {
    const token = await tokenOfAdmin(tessera);
    const { id } = await tessera.newUser(['support']);
    const before = (await tessera.bearer('get', `/users/${id}`, token)).body as Account;
    tessera.clock.advance(5);
    const same = { roles: ['support'], disabled: false };
    expect((await tessera.bearer('patch', `/users/${id}`, token).send(same).expect(200)).body).toEqual(before);
  });

  it('stops the tokens of a disabled account at once, here and at introspection, for good [ASVS-7.4.2]', async ({
    tessera,
  }) => {
    const admin = await tokenOfAdmin(tessera);
    const { id, username, tokens } = await signIn(tessera);
    const elsewhere = await tessera.login(username);
    const bystander = await signIn(tessera);
    const change = (disabled: boolean) => tessera.bearer('patch', `/users/${id}`, admin).send({ disabled });
    const login = () => tessera.form('/token', { grant_type: 'password', username, password });

    const reply = await change(true).expect(200);
    expect(reply.body).toMatchObject({ id, disabled: true, disabled_at: moment(tessera) });
    const expectAllDead = async () => {
      for (const { access_token, refresh_token } of [tokens, elsewhere]) {
        await expectDead(tessera, access_token);
        expectOAuthError(await refresh(tessera, refresh_token), 400, 'invalid_grant');
      }
    };
    await expectAllDead();
    expectOAuthError(await login(), 400, 'invalid_grant');
    await expectAlive(tessera, bystander.tokens.access_token);

    expect((await change(false).expect(200)).body).toMatchObject({ disabled: false, disabled_at: null });
    await expectAllDead();
    const again = (await login().expect(200)).body as typeof tokens;
    await expectAlive(tessera, again.access_token);
  });

  it('takes what a role allowed from tokens that are out already', async ({ tessera }) => {
    const admin = await tokenOfAdmin(tessera);
    const { id, tokens } = await signIn(tessera, { roles: ['admin'] });
    const narrow = await tessera.login((await tessera.database.users.findUser(id))?.username ?? '', 'users:manage');
    await tessera.bearer('get', '/users', tokens.access_token).expect(200);
    await tessera.bearer('patch', `/users/${id}`, admin).send({ roles: [] }).expect(200);

    const promotion = { roles: ['admin'] };
    expectProblem(await tessera.bearer('patch', `/users/${id}`, tokens.access_token).send(promotion), 403);
    expectProblem(await tessera.bearer('get', '/users', tokens.access_token), 403);
    await expectAlive(tessera, tokens.access_token);
    const left = { active: true, scope: 'profile:read profile:write' };
    expect(await introspect(tessera, tokens.access_token)).toMatchObject(left);
    // Where nothing else was in the token, nothing is left of it.
    expectProblem(await tessera.bearer('get', '/users', narrow.access_token), 401);
    expect(await introspect(tessera, narrow.access_token)).toEqual({ active: false });
  });

  it.for([
    ['{}', '/body'],
    ['{"password":"tin whistle under the stairs"}', '/body/password'],
    ['{"disabled":true,"password":"tin whistle under the stairs"}', '/body/password'],
    ['{"password_hash":"x"}', '/body/password_hash'],
    ['{"new_password":"tin whistle under the stairs"}', '/body/new_password'],
    ['{"id":"usr_AAAAAAAAAAAAAAAAAAAAAA"}', '/body/id'],
    ['{"username":"mallory"}', '/body/username'],
    ['{"name":"Mallory"}', '/body/name'],
    ['{"scope":"keys:manage"}', '/body/scope'],
    ['{"disabled_at":null}', '/body/disabled_at'],
    ['{"__proto__":{"disabled":true}}', '/body/__proto__'],
    ['{"roles":["root"]}', '/body/roles/0'],
    ['{"roles":["admin","admin"]}', '/body/roles'],
    ['{"roles":"admin"}', '/body/roles'],
    ['{"roles":null}', '/body/roles'],
    ['{"disabled":"true"}', '/body/disabled'],
    ['{"disabled":null}', '/body/disabled'],
  ])('refuses %s and changes nothing', async ([json = '', pointer], { tessera }) => {
    const token = await tokenOfAdmin(tessera);
    const { id, username } = await tessera.newUser();
    const before = await tessera.database.users.findUser(id);
    expectProblem(await tessera.bearer('patch', `/users/${id}`, token).type('json').send(json), 400, pointer);
    expect(await tessera.database.users.findUser(id)).toEqual(before);
    await tessera.login(username);
  });
});

describe('the sessions of an account', () => {
  it('are listed, and ended all at once [ASVS-7.4.5]', async ({ tessera }) => {
    const admin = await signIn(tessera, { roles: ['support'] });
    const { id, username, tokens } = await signIn(tessera);
    await tessera.login(username);
    const path = `/users/${id}/sessions`;
    const list = async () => (await tessera.bearer('get', path, admin.tokens.access_token).expect(200)).body as object;
    const session = { id: matching(/^[0-9a-f-]{36}$/), client_id: 'first-party', current: false };
    expect(await list()).toMatchObject({ sessions: [session, session] });

    const reply = await tessera.bearer('delete', path, admin.tokens.access_token);
    expect(reply.status).toBe(204);
    await expectDead(tessera, tokens.access_token);
    expect(await list()).toEqual({ sessions: [] });
    await tessera.login(username);
    await tessera.bearer('delete', path, admin.tokens.access_token).expect(204);
    await tessera.bearer('delete', path, admin.tokens.access_token).expect(204);
  });

  it('have the one of the access token marked, where an administrator looks at the own ones', async ({ tessera }) => {
    const { id, username, tokens } = await signIn(tessera, { roles: ['admin'] });
    tessera.clock.advance(1);
    await tessera.login(username);
    const reply = await tessera.bearer('get', `/users/${id}/sessions`, tokens.access_token).expect(200);
    expect(reply.body).toMatchObject({ sessions: [{ current: false }, { current: true }] });
  });
});

describe('DELETE /users/{userId}', () => {
  it('removes the account and stops its tokens at once [ASVS-7.4.2]', async ({ tessera }) => {
    const admin = await tokenOfAdmin(tessera);
    const { id, username, tokens } = await signIn(tessera);
    const reply = await tessera.bearer('delete', `/users/${id}`, admin);
    expect(reply.status).toBe(204);
    expect(reply.text).toBe('');
    await expectDead(tessera, tokens.access_token);
    expectOAuthError(
      await tessera.form('/token', { grant_type: 'password', username, password }),
      400,
      'invalid_grant',
    );
    expectProblem(await tessera.bearer('delete', `/users/${id}`, admin), 404);
  });
});
