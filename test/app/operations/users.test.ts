import { describe, expect } from 'vitest';
import { expectDead, expectOAuthError, expectProblem, refresh, signIn, matching } from '../../support/oauth.ts';
import { atFullCost, createRacingHasher, password } from '../../support/passwords.ts';
import { type Tessera, type Tokens, it, startTessera } from '../../support/tessera.ts';

type User = { id: string; username: string; name: string | null; created_at: string; updated_at: string };

function register(tessera: Tessera, body: object) {
  return tessera.request.post('/users').send(body);
}

/** Sends JSON text as it stands. */
function registerRaw(tessera: Tessera, json: string) {
  return tessera.request.post('/users').type('json').send(json);
}

function moment(tessera: Tessera): string {
  return new Date(tessera.clock() * 1000).toISOString().replace('.000Z', 'Z');
}

describe('POST /users', () => {
  it('makes an account that can sign in at once', async ({ tessera }) => {
    const reply = await register(tessera, { username: 'Ada', password, name: 'Ada Lovelace' });
    expect(reply.status).toBe(201);
    expect(reply.headers).toMatchObject({ location: '/users/me', 'cache-control': 'no-store' });
    expect(reply.body).toEqual({
      id: matching(/^usr_[\w-]{22}$/),
      username: 'Ada',
      name: 'Ada Lovelace',
      roles: [],
      created_at: moment(tessera),
      updated_at: moment(tessera),
    });
    const { access_token, scope } = await tessera.login('ada');
    expect(scope).toBe('profile:read profile:write');
    const me = await tessera.bearer('get', String(reply.headers['location']), access_token).expect(200);
    expect(me.body).toEqual(reply.body);
    expect(me.headers['cache-control']).toBe('no-store');
  });

  it('does without a name, given as null or not at all', async ({ tessera }) => {
    const bare = await register(tessera, { username: 'nameless-1', password }).expect(201);
    const none = await register(tessera, { username: 'nameless-2', password, name: null }).expect(201);
    for (const { body } of [bare, none]) expect(body).toMatchObject({ name: null });
  });

  it('keeps any name that is text, as it was written', async ({ tessera }) => {
    for (const [at, name] of [
      'Ada 👩‍💻',
      ' two  spaces ',
      'Å vs A\u030A',
      '<b>&amp;</b>',
      "'; drop table users",
    ].entries()) {
      await register(tessera, { username: `named-${at}`, password, name }).expect(201);
      const { access_token } = await tessera.login(`named-${at}`);
      expect((await tessera.bearer('get', '/users/me', access_token)).body).toMatchObject({ name });
    }
  });

  it.for([
    'roles',
    'role',
    'scope',
    'id',
    'disabled_at',
    'password_hash',
    'usernameKey',
    '__proto__',
    'constructor',
    'toString',
  ])('refuses the member %s, and makes no account [HOSTILE/mass-assignment]', async (member, { tessera }) => {
    const username = `stranger-${member}`;
    const json = `{"username":"${username}","password":"${password}","${member}":["admin"]}`;
    expectProblem(await registerRaw(tessera, json), 400, `/body/${member}`);
    expect(await tessera.database.users.findUserByUsername(username.toLowerCase())).toBeUndefined();
    expect(Object.prototype).not.toHaveProperty('admin');
  });

  it.for(['null', '[]', '"ada"', '1', 'true', '', '{', '{"username":"ada"}', '{"password":"correct horse battery"}'])(
    'refuses the body %s',
    async (json, { tessera }) => {
      expectProblem(await registerRaw(tessera, json), 400);
    },
  );

  it.for([
    ['username', ''],
    ['username', 'two words'],
    ['username', 'a'.repeat(65)],
    ['username', 'zero\u200Bwidth'],
    ['username', 'lone\uD800surrogate'],
    ['username', '\uDC00'],
    ['username', 7],
    ['username', null],
    ['password', 'short'],
    ['password', 'password1'],
    ['password', 'PASSWORD1'],
    ['password', 'x'.repeat(257)],
    ['password', 'lone \uD800 surrogate'],
    ['password', '\uDFFF'.repeat(8)],
    ['password', ['correct horse battery']],
    ['name', ''],
    ['name', 'line\nbreak'],
    ['name', 'x'.repeat(201)],
    ['name', 'lone \uD800 surrogate'],
    ['name', '\uDC00'],
    ['name', 'next\u0085line'],
  ] as const)('refuses %s %j [ASVS-6.2.1]', async ([member, value], { tessera }) => {
    const body = { username: 'refused', password, [member]: value };
    expectProblem(await register(tessera, body), 400, `/body/${member}`);
    expect(await tessera.database.users.findUserByUsername('refused')).toBeUndefined();
  });

  it('refuses the username as password [ASVS-6.2.11]', async ({ tessera }) => {
    const body = { username: 'my-own-username', password: 'MY-OWN-username' };
    expectProblem(await register(tessera, body), 400, '/body/password');
  });

  it('knows a username again whatever its case, width and composition (RFC 8265, 3.3)', async ({ tessera }) => {
    await register(tessera, { username: 'Zoë', password }).expect(201);
    for (const username of ['Zoë', 'zoë', 'ZOË', 'ｚｏë', 'Zoe\u0308']) {
      const reply = await register(tessera, { username, password });
      expectProblem(reply, 409);
      expect(reply.body).toMatchObject({ title: 'Conflict', detail: 'This username is taken.' });
    }
    await register(tessera, { username: 'Zoe', password }).expect(201);
  });

  it('gives a username to one of twenty who ask for it at the same moment [HOSTILE/name-race]', async () => {
    const race = createRacingHasher();
    const tessera = await startTessera({}, () => ({ passwordHasher: race.hasher }));
    race.begin(20);
    const all = Array.from({ length: 20 }, (_, at) =>
      register(tessera, { username: at % 2 ? 'RACE' : 'race', password }),
    );
    const statuses = (await Promise.all(all)).map((reply) => reply.status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409)).toHaveLength(19);
  });

  it('keeps an argon2id hash that every library reads: its parameters in the order m, t, p', async () => {
    const tessera = await startTessera({}, atFullCost);
    await register(tessera, { username: 'hashed', password }).expect(201);
    const user = await tessera.database.users.findUserByUsername('hashed');
    expect(user?.passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  });
});

describe('PATCH /users/me', () => {
  it('changes what is given and leaves the rest', async ({ tessera }) => {
    const { username, tokens } = await signIn(tessera);
    const { access_token } = tokens;
    const change = (body: object) => tessera.bearer('patch', '/users/me', access_token).send(body);
    const before = (await tessera.bearer('get', '/users/me', access_token)).body as User;
    tessera.clock.advance(60);

    const named = await change({ name: 'Grace' }).expect(200);
    expect(named.body).toEqual({ ...before, name: 'Grace', updated_at: moment(tessera) });
    expect(named.headers['cache-control']).toBe('no-store');
    const renamed = await change({ username: `${username}-2` }).expect(200);
    expect(renamed.body).toMatchObject({ id: before.id, username: `${username}-2`, name: 'Grace' });
    const unnamed = await change({ name: null }).expect(200);
    expect(unnamed.body).toMatchObject({ username: `${username}-2`, name: null });

    const after = await tessera.bearer('get', '/users/me', access_token).expect(200);
    expect(after.body).toEqual(unnamed.body);
    await tessera.login(`${username}-2`);
    const old = { grant_type: 'password', username, password };
    expectOAuthError(await tessera.form('/token', old), 400, 'invalid_grant');
    await register(tessera, { username, password }).expect(201);
  });

  it('writes the own username anew in another case', async ({ tessera }) => {
    const { username, tokens } = await signIn(tessera);
    const upper = username.toUpperCase();
    const reply = await tessera.bearer('patch', '/users/me', tokens.access_token).send({ username: upper }).expect(200);
    expect(reply.body).toMatchObject({ username: upper });
    await tessera.login(username);
  });

  it('does not take the username of another, whatever its case', async ({ tessera }) => {
    const [mine, other] = [await signIn(tessera), await signIn(tessera)];
    for (const username of [other.username, other.username.toUpperCase()]) {
      const body = { username, name: 'Not to be' };
      expectProblem(await tessera.bearer('patch', '/users/me', mine.tokens.access_token).send(body), 409);
    }
    const me = await tessera.bearer('get', '/users/me', mine.tokens.access_token);
    expect(me.body).toMatchObject({ username: mine.username, name: null });
  });

  it('gives a username to one of many who change to it at the same moment', async ({ tessera }) => {
    const all = await Promise.all(Array.from({ length: 5 }, () => signIn(tessera)));
    const change = (token: string) => tessera.bearer('patch', '/users/me', token).send({ username: 'coveted' });
    const statuses = (await Promise.all(all.map(({ tokens }) => change(tokens.access_token)))).map(
      ({ status }) => status,
    );
    expect(statuses.toSorted()).toEqual([200, 409, 409, 409, 409]);
  });

  it.for([
    ['{}', '/body'],
    ['[]', '/body'],
    ['null', '/body'],
    ['{"roles":["admin"]}', '/body/roles'],
    ['{"id":"usr_AAAAAAAAAAAAAAAAAAAAAA"}', '/body/id'],
    ['{"password":"tin whistle under the stairs"}', '/body/password'],
    ['{"__proto__":{"admin":true}}', '/body/__proto__'],
    ['{"name":"x","constructor":1}', '/body/constructor'],
    ['{"username":null}', '/body/username'],
    ['{"username":"two words"}', '/body/username'],
    ['{"username":"\\ud800"}', '/body/username'],
    ['{"name":""}', '/body/name'],
    ['{"name":"\\ud800"}', '/body/name'],
    ['{"name":7}', '/body/name'],
  ])('refuses %s', async ([json = '', pointer], { tessera }) => {
    const { id, username, tokens } = await signIn(tessera);
    const request = tessera.bearer('patch', '/users/me', tokens.access_token).type('json').send(json);
    expectProblem(await request, 400, pointer);
    const me = await tessera.bearer('get', '/users/me', tokens.access_token).expect(200);
    expect(me.body).toMatchObject({ id, username, name: null, roles: [] });
  });
});

describe('DELETE /users/me', () => {
  it('ends every session at once and frees the name for an account that inherits nothing [ASVS-7.4.2]', async ({
    tessera,
  }) => {
    const { id, username, tokens } = await signIn(tessera);
    const elsewhere = await tessera.login(username);

    const reply = await tessera.bearer('delete', '/users/me', tokens.access_token);
    expect(reply.status).toBe(204);
    expect(reply.text).toBe('');
    expect(reply.headers['cache-control']).toBe('no-store');

    expectOAuthError(
      await tessera.form('/token', { grant_type: 'password', username, password }),
      400,
      'invalid_grant',
    );
    const successor = (await register(tessera, { username, password }).expect(201)).body as User;
    expect(successor.id).not.toBe(id);
    for (const { access_token, refresh_token } of [tokens, elsewhere]) {
      await expectDead(tessera, access_token);
      expectOAuthError(await refresh(tessera, refresh_token), 400, 'invalid_grant');
    }
    await tessera.bearer('get', '/users/me', (await tessera.login(username)).access_token).expect(200);
  });

  it('done twice at the same moment is still one deletion, and nothing fails', async ({ tessera }) => {
    const { tokens } = await signIn(tessera);
    const twice = [1, 2].map(() => tessera.bearer('delete', '/users/me', tokens.access_token));
    for (const { status } of await Promise.all(twice)) expect([204, 401]).toContain(status);
    await expectDead(tessera, tokens.access_token);
  });
});

describe('the scopes of an access token', () => {
  const needs = [
    ['get', '/users/me', 'profile:read', undefined],
    ['patch', '/users/me', 'profile:write', { name: 'x' }],
    ['delete', '/users/me', 'profile:write', undefined],
    ['put', '/users/me/password', 'profile:write', { current_password: password, new_password: 'tin whistle 77' }],
  ] as const;

  it.for(needs)('%s %s needs %s, or answers 403 (RFC 6750, 3.1)', async ([method, path, scope, body], { tessera }) => {
    const { username, tokens } = await signIn(tessera);
    const other = scope === 'profile:read' ? 'profile:write' : 'profile:read';
    const narrow = await tessera.login(username, other);
    const ask = ({ access_token }: Tokens) => tessera.bearer(method, path, access_token).send(body);

    const refused = await ask(narrow);
    expectProblem(refused, 403);
    expect(refused.headers['www-authenticate']).toBe(
      `Bearer realm="tessera", error="insufficient_scope", scope="${scope}"`,
    );
    await tessera.bearer('get', '/users/me', tokens.access_token).expect(200);
    expect((await ask(tokens)).status).toBeLessThan(300);
  });

  it('do not make a client a user: 403 (RFC 6750, 3.1)', async ({ tessera }) => {
    const client = await tessera.addClient('profile:read profile:write');
    const reply = await tessera.form('/token', { grant_type: 'client_credentials', ...client }).expect(200);
    const { access_token } = reply.body as Tokens;
    for (const [method, path, , body] of needs) {
      const refused = await tessera.bearer(method, path, access_token).send(body);
      expectProblem(refused, 403);
      expect(refused.headers['www-authenticate']).toBe('Bearer realm="tessera", error="insufficient_scope"');
    }
  });
});
