import { describe, expect } from 'vitest';
import { routes } from '../../../src/generated/routes.ts';
import { decode } from '../../support/forgery.ts';
import { expectAlive, expectDead, expectOAuthError, rotate, signIn } from '../../support/oauth.ts';
import { tokenOf } from '../../support/clients.ts';
import { type Tessera, type Tokens, contract, it, password, startTessera } from '../../support/tessera.ts';

function login(tessera: Tessera, username: string, secret: string) {
  return tessera.form('/token', { grant_type: 'password', username, password: secret });
}

describe('passwords', () => {
  it('may be made of anything, with no rule of composition (ASVS 6.2.5) [ASVS-6.2.5]', async ({ tessera }) => {
    const simple = [
      'pqpqpqpqxyxy',
      '5829104756',
      '        x',
      '-_-_-_-_^^^',
      'замок на песке',
      '🐢🦊🐙🦉🐝🦄🐞🦋',
      'KEINEKLEINEN',
    ];
    for (const [at, secret] of simple.entries()) {
      const username = `composed-${at}`;
      await tessera.request.post('/users').send({ username, password: secret }).expect(201);
      await login(tessera, username, secret).expect(200);
    }
  });

  it('may have 64 characters and more, of which every one counts (ASVS 6.2.8 and 6.2.9) [ASVS-6.2.9]', async ({
    tessera,
  }) => {
    for (const length of [64, 72, 73, 128, 256]) {
      const secret = 'tin whistle '.repeat(30).slice(0, length - 1) + '!';
      const username = `long-${length}`;
      await tessera.request.post('/users').send({ username, password: secret }).expect(201);
      await login(tessera, username, secret).expect(200);
      expectOAuthError(await login(tessera, username, `${secret.slice(0, -1)}?`), 400, 'invalid_grant');
    }
  });

  it('never have to be changed, however old they are (ASVS 6.2.10) [ASVS-6.2.10]', async () => {
    const tessera = await startTessera();
    const { username } = await tessera.newUser();
    const tenYears = 10 * 365 * 86_400;
    tessera.clock.advance(tenYears);
    await tessera.keys.keyring.refresh();
    await login(tessera, username, password).expect(200);
  });

  it('are set by their own users alone: no operation takes one for another account (ASVS 6.4.6) [ASVS-6.4.6]', async () => {
    const { document } = await contract();
    const paths = (document as unknown as { paths: Record<string, Record<string, { requestBody?: unknown }>> }).paths;
    const takers = Object.entries(paths).flatMap(([path, item]) =>
      Object.entries(item).flatMap(([method, { requestBody }]) => {
        const refs = JSON.stringify(requestBody ?? '');
        return /Registration"|PasswordChange"|TokenRequest"/.test(refs) ? [`${method} ${path}`] : [];
      }),
    );
    expect(takers.sort()).toEqual(['post /clients', 'post /token', 'post /users', 'put /users/me/password']);
  });
});

describe('accounts', () => {
  it('are none that somebody did not make: there is no default one (ASVS 6.3.2) [ASVS-6.3.2]', async () => {
    const tessera = await startTessera();
    const client = await tessera.addClient('users:read clients:manage');
    const token = await tokenOf(tessera, client);
    expect((await tessera.bearer('get', '/users', token).expect(200)).body).toEqual({ users: [] });
    const { clients } = (await tessera.bearer('get', '/clients', token).expect(200)).body as { clients: unknown[] };
    expect(clients).toHaveLength(1);
    for (const name of ['admin', 'root', 'administrator', 'tessera'])
      for (const secret of ['admin', 'password', 'tessera', name])
        expectOAuthError(await login(tessera, name, secret), 400, 'invalid_grant');
  });

  it('have no hint, question or address by which a password could be had (ASVS 6.3.6, 6.4.2) [ASVS-6.3.6] [ASVS-6.4.2]', async ({
    tessera,
  }) => {
    const { tokens } = await signIn(tessera);
    const me = await tessera.bearer('get', '/users/me', tokens.access_token).expect(200);
    expect(Object.keys(me.body as object).sort()).toEqual([
      'created_at',
      'id',
      'name',
      'roles',
      'updated_at',
      'username',
    ]);
    const ids = Object.keys(routes.operations);
    expect(ids.filter((id) => /reset|recover|forgot|hint|question|email|phone/i.test(id))).toEqual([]);
    const good = { username: 'hinted', password };
    for (const member of ['email', 'phone', 'hint', 'security_question', 'security_answer'])
      await tessera.request
        .post('/users')
        .send({ ...good, [member]: 'x' })
        .expect(400);
  });
});

describe('sessions', () => {
  it('are new with each login, with tokens that nobody has had (ASVS 7.2.2 and 7.2.4) [ASVS-7.2.2] [ASVS-7.2.4]', async ({
    tessera,
  }) => {
    const { username } = await tessera.newUser();
    const logins: Tokens[] = [];
    for (let count = 0; count < 5; count += 1) logins.push(await tessera.login(username));
    const sids = logins.map(({ access_token }) => decode(access_token).payload['sid']);
    for (const all of [sids, logins.map((each) => each.access_token), logins.map((each) => each.refresh_token)])
      expect(new Set(all).size).toBe(5);
  });

  it('of one account may be many, each of which lives and ends by itself (ASVS 7.1.2) [ASVS-7.1.2]', async ({
    tessera,
  }) => {
    const { username } = await tessera.newUser();
    const logins = await Promise.all(Array.from({ length: 12 }, () => tessera.login(username)));
    const [first, ...others] = logins as [Tokens, ...Tokens[]];
    await tessera.form('/revoke', { token: first.refresh_token }).expect(200);
    await expectDead(tessera, first.access_token);
    for (const { access_token, refresh_token } of others) {
      await expectAlive(tessera, access_token);
      await rotate(tessera, refresh_token);
    }
  });

  it('end with a logout for good: neither token brings them back (ASVS 7.4.1) [ASVS-7.4.1]', async ({ tessera }) => {
    const { tokens } = await signIn(tessera);
    const next = await rotate(tessera, tokens.refresh_token);
    await tessera.form('/revoke', { token: next.refresh_token }).expect(200);
    for (const { access_token, refresh_token } of [tokens, next]) {
      await expectDead(tessera, access_token);
      const form = { grant_type: 'refresh_token', refresh_token };
      expectOAuthError(await tessera.form('/token', form), 400, 'invalid_grant');
    }
  });
});
