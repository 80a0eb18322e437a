import type { Response } from 'supertest';
import { describe, expect } from 'vitest';
import { createPasswordHasher } from '../../../src/users/password-hasher.ts';
import { expectInvalidClient, expectOAuthError, introspect, signIn, matching } from '../../support/oauth.ts';
import { forUsers } from '../../support/clients.ts';
import { type Tessera, it } from '../../support/tessera.ts';
import { occasion } from '../../support/records.ts';
import { atFullCost, password } from '../../support/passwords.ts';
import { type Tokens, startTessera } from '../../support/tessera.ts';

type Fields = Record<string, string>;

function ask(tessera: Tessera, fields: Fields) {
  return tessera.form('/token', { grant_type: 'password', password, ...fields });
}

async function tokenOf(tessera: Tessera, username: string): Promise<string> {
  const reply = await ask(tessera, { username }).expect(200);
  return (reply.body as Tokens).access_token;
}

/** All that a client could tell two answers apart by. */
function visible({ status, body, headers }: Response) {
  return { status, body: body as unknown, headers: { ...headers, date: '' } };
}

describe('POST /token, password grant', () => {
  it('answers the familiar form, with no client at all, by tokens that may not be cached (RFC 6749, 5.1) [RFC6749-3.3/default] [RFC6749-4.3.3] [RFC6749-5.1]', async ({
    tessera,
  }) => {
    const { username } = await tessera.newUser();
    const reply = await tessera.form('/token', { grant_type: 'password', username, password });
    expect(reply.status).toBe(200);
    expect(reply.body).toEqual({
      access_token: matching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      token_type: 'Bearer',
      expires_in: 900,
      refresh_token: matching(/^trt_[\w-]{43}$/),
      scope: 'profile:read profile:write',
    });
    expect(reply.headers).toMatchObject({
      'content-type': 'application/json',
      'cache-control': 'no-store',
      pragma: 'no-cache',
    });
    await tessera.bearer('get', '/users/me', (reply.body as Tokens).access_token).expect(200);
  });

  it('finds the user whatever the case and width of the username (RFC 8265, 3.3)', async ({ tessera }) => {
    await tessera.addUser('Grace');
    for (const username of ['Grace', 'grace', 'GRACE', 'ｇｒａｃｅ']) await ask(tessera, { username }).expect(200);
  });

  it('finds the user whatever blanks are around the username, and none within it', async ({ tessera }) => {
    await tessera.addUser('Hopper');
    for (const username of [' hopper', 'Hopper ', '  hopper\t', '\nhopper\r\n', '\u00a0hopper\u3000', '\ufeffHOPPER'])
      expect((await introspect(tessera, await tokenOf(tessera, username)))['username']).toBe('Hopper');
    for (const username of ['hop per', 'hopper x', ' ', '\u200bhopper'])
      expectOAuthError(await ask(tessera, { username }), 400, 'invalid_grant');
  });

  it('takes a password in any spelling that NFKC makes one', async ({ tessera }) => {
    const composed = 'Ångström ﬁve';
    await tessera.request.post('/users').send({ username: 'anders', password: composed }).expect(201);
    for (const spelling of [composed, composed.normalize('NFD'), composed.normalize('NFKC')])
      await ask(tessera, { username: 'anders', password: spelling }).expect(200);
  });

  it('takes the password verbatim otherwise: case, spaces, plus and percent signs count [ASVS-6.2.8]', async ({
    tessera,
  }) => {
    const secret = ' Tin+whistle %41 & stairs= ';
    await tessera.request.post('/users').send({ username: 'verbatim', password: secret }).expect(201);
    await ask(tessera, { username: 'verbatim', password: secret }).expect(200);
    for (const other of [secret.trim(), secret.toLowerCase(), secret.replace('+', ' '), secret.replace('%41', 'A')])
      expectOAuthError(await ask(tessera, { username: 'verbatim', password: other }), 400, 'invalid_grant');
  });

  it('answers an unknown user, a wrong password, an impossible name and a disabled account alike [RFC6749-4.3.3] [RFC6749-5.2/invalid-grant] [ASVS-6.3.8]', async ({
    tessera,
  }) => {
    const [known, disabled] = [await tessera.newUser(), await tessera.newUser()];
    await tessera.disableUser(disabled.id);
    const answers = [
      await ask(tessera, { username: known.username, password: 'not this one' }),
      await ask(tessera, { username: 'nobody-at-all' }),
      await ask(tessera, { username: 'two words' }),
      await ask(tessera, { username: disabled.username }),
      await ask(tessera, { username: disabled.username, password: 'not this one' }),
      await ask(tessera, { username: disabled.username, scope: 'more:than-allowed' }),
      await ask(tessera, { username: known.username, password: 'not this one', scope: '"' }),
    ];
    for (const answer of answers) {
      expectOAuthError(answer, 400, 'invalid_grant');
      expect(visible(answer)).toEqual(visible(answers[0] as Response));
    }
  });

  it('needs both username and password, where an empty one counts as absent (RFC 6749, 3.1) [RFC6749-4.3.2/request]', async ({
    tessera,
  }) => {
    const { username } = await tessera.newUser();
    const incomplete: Fields[] = [
      { username },
      { password },
      {},
      { username, password: '' },
      { username: '', password },
    ];
    for (const fields of incomplete) {
      const reply = await tessera.form('/token', { grant_type: 'password', ...fields });
      expectOAuthError(reply, 400, 'invalid_request');
    }
  });

  it('lets everyone in at once who logs in first after the cost of hashes has risen', async () => {
    const tessera = await startTessera({}, atFullCost);
    const { id, username } = await tessera.newUser();
    const weak = await createPasswordHasher({ cost: { memoryKiB: 1024, passes: 1, lanes: 1 } }).hash(password);
    const { passwordHash } = (await tessera.database.users.findUserByUsername(username)) ?? { passwordHash: '' };
    await tessera.database.users.replacePasswordHash(id, { from: passwordHash, to: weak }, occasion(tessera.clock()));

    const replies = await Promise.all(Array.from({ length: 4 }, () => ask(tessera, { username })));

    const rehashed = (await tessera.database.users.findUserByUsername(username))?.passwordHash;
    expect(rehashed).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(replies.map((reply) => reply.status)).toEqual([200, 200, 200, 200]);
  });
});

describe('POST /token, password grant through a registered client', () => {
  it('issues the tokens to that client, within what it is registered for [RFC9700-2.3] [ASVS-10.4.11]', async ({
    tessera,
  }) => {
    const client = await tessera.addClient('profile:read orders:read', forUsers);
    const { tokens } = await signIn(tessera, { client });
    expect(tokens.scope).toBe('profile:read');
    expect(await introspect(tessera, tokens.access_token)).toMatchObject({
      client_id: client.client_id,
      scope: 'profile:read',
    });
  });

  it('grants nothing when the client shares no scope with the user (RFC 6749, 5.2) [RFC6749-3.3/default]', async ({
    tessera,
  }) => {
    const { username } = await tessera.newUser();
    const client = await tessera.addClient('orders:read', forUsers);
    for (const scope of ['', 'orders:read', 'profile:read']) {
      const reply = await ask(tessera, { username, scope, ...client });
      expectOAuthError(reply, 400, 'invalid_scope');
      expect(reply.body).toMatchObject({
        error_description: 'The client can pass on none of the scopes that the user has.',
      });
    }
  });

  it('does not believe a registered client that gives no secret [RFC6749-3.2.1] [RFC6749-4.3.2/request]', async ({
    tessera,
  }) => {
    const { username } = await tessera.newUser();
    const { client_id } = await tessera.addClient('profile:read', forUsers);
    expectInvalidClient(await ask(tessera, { username, client_id }));
  });
});

describe('the scope of a password grant', () => {
  it('is what was asked for, each scope once', async ({ tessera }) => {
    const { username } = await tessera.newUser();
    const { scope } = await tessera.login(username, 'profile:write profile:write');
    expect(scope).toBe('profile:write');
  });

  it('is refused when it asks for more than the user has (RFC 6749, 5.2) [RFC6749-5.2/invalid-scope]', async ({
    tessera,
  }) => {
    const { username } = await tessera.newUser();
    for (const scope of ['tokens:introspect', 'profile:read tokens:introspect', 'PROFILE:READ', 'profile', 'admin'])
      expectOAuthError(await ask(tessera, { username, scope }), 400, 'invalid_scope');
  });

  it('is refused with the first word that cannot be granted, or with what its form is (RFC 6749, 5.2)', async ({
    tessera,
  }) => {
    const { username } = await tessera.newUser();
    const client = await tessera.addClient('profile:read orders:read', forUsers);
    const describe = async (fields: Fields) => {
      const reply = await ask(tessera, { username, ...fields });
      expectOAuthError(reply, 400, 'invalid_scope');
      return (reply.body as { error_description: string }).error_description;
    };
    const refused = (word: string) => `The scope has ${word}, which cannot be granted.`;
    expect(await describe({ scope: 'keys:read' })).toBe(refused('keys:read'));
    expect(await describe({ scope: 'profile:read admin keys:read' })).toBe(refused('admin'));
    expect(await describe({ scope: 'profile:read profile:write', ...client })).toBe(refused('profile:write'));
    expect(await describe({ scope: 'orders:read', ...client })).toBe(refused('orders:read'));
    expect(await describe({ scope: "<it's>" })).toBe(refused("<it's>"));
    expect(await describe({ scope: `profile:read ${'x'.repeat(101)}` })).toBe(refused(`${'x'.repeat(100)}...`));
    for (const scope of ['profile:read  keys:read', ' ', 'profile:rëad', '"'])
      expect(await describe({ scope })).toBe('The scope is not words of printable ASCII with one space between two.');
  });

  it('holds what the role of the user adds', async ({ tessera }) => {
    const { tokens } = await signIn(tessera, { roles: ['admin'] });
    expect(tokens.scope).toBe(
      'profile:read profile:write keys:read keys:manage users:read users:manage clients:manage tokens:introspect audit:read',
    );
  });

  it.for([
    ['a space in front', ' profile:read'],
    ['a space behind', 'profile:read '],
    ['two spaces', 'profile:read  profile:write'],
    ['a tab', 'profile:read\tprofile:write'],
    ['a line break', 'profile:read\nprofile:write'],
    ['a quote', '"profile:read"'],
    ['a backslash', 'profile:read\\'],
    ['a letter that is not ASCII', 'profile:rëad'],
    ['nothing but a space', ' '],
  ])('is refused with %s (RFC 6749, 3.3)', async ([, scope = ''], { tessera }) => {
    const { username } = await tessera.newUser();
    expectOAuthError(await ask(tessera, { username, scope }), 400, 'invalid_scope');
  });
});
