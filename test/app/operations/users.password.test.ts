import { describe, expect } from 'vitest';
import {
  expectAlive,
  expectDead,
  expectOAuthError,
  expectProblem,
  refresh,
  rotate,
  signIn,
} from '../../support/oauth.ts';
import { atFullCost, createRacingHasher, password } from '../../support/passwords.ts';
import { type Tessera, it, startTessera } from '../../support/tessera.ts';

const next = 'tin whistle under the stairs';

function change(tessera: Tessera, token: string, body: object = {}) {
  const whole = { current_password: password, new_password: next, ...body };
  return tessera.bearer('put', '/users/me/password', token).send(whole);
}

function login(tessera: Tessera, username: string, secret: string) {
  return tessera.form('/token', { grant_type: 'password', username, password: secret });
}

describe('PUT /users/me/password', () => {
  it('makes the new password count, and the old one not [ASVS-6.2.2]', async ({ tessera }) => {
    const { username, tokens } = await signIn(tessera);
    const reply = await change(tessera, tokens.access_token);
    expect(reply.status).toBe(204);
    expect(reply.text).toBe('');
    expect(reply.headers['cache-control']).toBe('no-store');
    expectOAuthError(await login(tessera, username, password), 400, 'invalid_grant');
    await login(tessera, username, next).expect(200);
  });

  it('ends every other session of the user at once, and leaves its own and those of others [RFC9700-4.14.2/revocation]', async ({
    tessera,
  }) => {
    const { username, tokens } = await signIn(tessera);
    const client = await tessera.addClient('profile:read', { grantTypes: ['password', 'refresh_token'] });
    const stranger = await signIn(tessera);
    const elsewhere = await tessera.login(username);
    const form = { grant_type: 'password', username, password, ...client };
    const byClient = (await tessera.form('/token', form).expect(200)).body as typeof tokens;

    await change(tessera, tokens.access_token).expect(204);

    await expectDead(tessera, elsewhere.access_token);
    await expectDead(tessera, byClient.access_token);
    expectOAuthError(await refresh(tessera, elsewhere.refresh_token), 400, 'invalid_grant');
    expectOAuthError(await refresh(tessera, byClient.refresh_token, client), 400, 'invalid_grant');
    await expectAlive(tessera, tokens.access_token);
    await rotate(tessera, tokens.refresh_token);
    await expectAlive(tessera, stranger.tokens.access_token);
  });

  it('needs the current password, and changes nothing without it [ASVS-6.2.3] [ASVS-7.5.1]', async ({ tessera }) => {
    const { username, tokens } = await signIn(tessera);
    const elsewhere = await tessera.login(username);
    for (const current_password of ['not this one', password.toUpperCase(), '', '\uD800', 'x'.repeat(5000)])
      expectProblem(await change(tessera, tokens.access_token, { current_password }), 400, '/body/current_password');
    for (const current_password of [undefined, null, 7])
      expectProblem(await change(tessera, tokens.access_token, { current_password }), 400);
    const wrong = await change(tessera, tokens.access_token, { current_password: 'not this one' });
    expect(wrong.body).toMatchObject({
      detail: 'This is not the current password.',
      errors: [{ pointer: '/body/current_password' }],
    });
    await login(tessera, username, password).expect(200);
    await expectAlive(tessera, elsewhere.access_token);
  });

  it.for(['password1', 'short', 'x'.repeat(257), 'tab\tin the middle', 'lone \uD800 surrogate', 7, null])(
    'refuses the new password %j [ASVS-6.2.4]',
    async (new_password, { tessera }) => {
      const { username, tokens } = await signIn(tessera);
      expectProblem(await change(tessera, tokens.access_token, { new_password }), 400, '/body/new_password');
      await login(tessera, username, password).expect(200);
    },
  );

  it('refuses the username as password', async ({ tessera }) => {
    const { username, tokens } = await signIn(tessera);
    const body = { new_password: username.toUpperCase() };
    expectProblem(await change(tessera, tokens.access_token, body), 400, '/body/new_password');
  });

  it('refuses unknown members', async ({ tessera }) => {
    const { tokens } = await signIn(tessera);
    expectProblem(await change(tessera, tokens.access_token, { roles: ['admin'] }), 400, '/body/roles');
  });

  it('takes both passwords after NFKC', async ({ tessera }) => {
    const { username, tokens } = await signIn(tessera);
    await change(tessera, tokens.access_token, { new_password: 'Ångström ﬁve' }).expect(204);
    const decomposed = { current_password: 'Ångström ﬁve'.normalize('NFKD'), new_password: next };
    await change(tessera, tokens.access_token, decomposed).expect(204);
    await login(tessera, username, next).expect(200);
  });

  it('lets one of two changes at the same moment win; the other is told that its password is wrong', async () => {
    const race = createRacingHasher();
    const tessera = await startTessera({}, () => ({ passwordHasher: race.hasher }));
    const { username, tokens } = await signIn(tessera);
    race.begin(2);
    const passwords = ['first new password', 'second new password'];
    const replies = await Promise.all(
      passwords.map((new_password) => change(tessera, tokens.access_token, { new_password })),
    );
    expect(replies.map(({ status }) => status).toSorted()).toEqual([204, 400]);
    const won = replies.findIndex(({ status }) => status === 204);
    await login(tessera, username, passwords[won] ?? '').expect(200);
    expectOAuthError(await login(tessera, username, passwords[1 - won] ?? ''), 400, 'invalid_grant');
  });

  it('stores a hash in the order m, t, p', async () => {
    const tessera = await startTessera({}, atFullCost);
    const { username, tokens } = await signIn(tessera);
    await change(tessera, tokens.access_token).expect(204);
    const user = await tessera.database.users.findUserByUsername(username);
    expect(user?.passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });
});

describe('a login in flight', () => {
  /** A Tessera that stops each login between its check of the password and the start of the session. */
  async function pausingTessera() {
    const arrived = Promise.withResolvers<undefined>();
    const released = Promise.withResolvers<undefined>();
    let isPausing = false;
    const tessera = await startTessera({}, ({ stores }) => ({
      stores: {
        ...stores,
        sessions: {
          ...stores.sessions,
          startSession: async (...login) => {
            if (isPausing) {
              arrived.resolve(undefined);
              await released.promise;
            }
            return stores.sessions.startSession(...login);
          },
        },
      },
    }));
    return {
      tessera,
      /** Starts a login and waits until it has found the password right. */
      startLogin: async (username: string) => {
        isPausing = true;
        // supertest sends nothing before somebody waits for the reply.
        const reply = login(tessera, username, password).then((each) => each);
        await arrived.promise;
        isPausing = false;
        return {
          finish: () => {
            released.resolve(undefined);
            return reply;
          },
        };
      },
    };
  }

  it.for([
    ['the password has changed', 'password'],
    ['the account is disabled', 'disable'],
    ['the account is gone', 'delete'],
  ] as const)('does not count once %s', async ([, event]) => {
    const { tessera, startLogin } = await pausingTessera();
    const { id, username, tokens } = await signIn(tessera);
    const { finish } = await startLogin(username);

    if (event === 'password') await change(tessera, tokens.access_token).expect(204);
    if (event === 'disable') await tessera.disableUser(id);
    if (event === 'delete') await tessera.bearer('delete', '/users/me', tokens.access_token).expect(204);

    expectOAuthError(await finish(), 400, 'invalid_grant');
  });

  it('counts when nothing has happened meanwhile: what the other tests rest on', async () => {
    const { tessera, startLogin } = await pausingTessera();
    const { username } = await signIn(tessera);
    const { finish } = await startLogin(username);
    expect((await finish()).status).toBe(200);
  });
});
