import { decodeJwt } from 'jose';
import { describe, expect } from 'vitest';
import { prometheusMeter } from '../../../src/telemetry/prometheus.ts';
import { Unavailable } from '../../../src/unavailable.ts';
import { connectTo } from '../../support/database.ts';
import { parseMetrics, valueOf } from '../../support/metrics.ts';
import {
  expectAlive,
  expectDead,
  expectOAuthError,
  expectProblem,
  matching,
  refresh,
  rotate,
  signIn,
} from '../../support/oauth.ts';
import { atFullCost, createRacingHasher, password } from '../../support/passwords.ts';
import { type Tessera, type Tokens, it, startTessera } from '../../support/tessera.ts';

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
    await change(tessera, tokens.access_token).expect(200);
    expectOAuthError(await login(tessera, username, password), 400, 'invalid_grant');
    await login(tessera, username, next).expect(200);
  });

  it('ends every session of the user at once, also that of a thief of its tokens, and leaves those of others [RFC9700-4.14.2/revocation] [ASVS-7.4.3]', async ({
    tessera,
  }) => {
    const { username, tokens } = await signIn(tessera);
    const client = await tessera.addClient('profile:read', { grantTypes: ['password', 'refresh_token'] });
    const stranger = await signIn(tessera);
    const elsewhere = await tessera.login(username);
    const form = { grant_type: 'password', username, password, ...client };
    const byClient = (await tessera.form('/token', form).expect(200)).body as typeof tokens;

    const stolen = await rotate(tessera, tokens.refresh_token);

    await change(tessera, tokens.access_token).expect(200);

    for (const each of [elsewhere, byClient, tokens, stolen]) await expectDead(tessera, each.access_token);
    for (const each of [elsewhere, tokens, stolen])
      expectOAuthError(await refresh(tessera, each.refresh_token), 400, 'invalid_grant');
    expectOAuthError(await refresh(tessera, byClient.refresh_token, client), 400, 'invalid_grant');
    await expectAlive(tessera, stranger.tokens.access_token);
  });

  it('signs the user in anew, as the token endpoint does', async ({ tessera }) => {
    const { id, tokens } = await signIn(tessera);
    const reply = await change(tessera, tokens.access_token).expect(200);
    expect(reply.headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' });
    expect(reply.headers['content-type']).toBe('application/json');
    expect(reply.body).toEqual({
      access_token: matching(/^eyJ/),
      token_type: 'Bearer',
      expires_in: 900,
      refresh_token: matching(/^trt_/),
      scope: tokens.scope,
    });
    const fresh = reply.body as Tokens;
    const [before, after] = [tokens, fresh].map(({ access_token }) => decodeJwt(access_token));
    expect(after).toMatchObject({
      sub: id,
      client_id: before?.['client_id'],
      aud: before?.aud,
      scope: before?.['scope'],
    });
    expect(after?.['sid']).not.toBe(before?.['sid']);
    await expectAlive(tessera, fresh.access_token);
    await expectAlive(tessera, (await rotate(tessera, fresh.refresh_token)).access_token);
    const sid = String(after?.['sid']);
    const events = await tessera.database.audit.listEvents({ before: null, limit: 9, subject: sid });
    expect(events).toMatchObject([
      { type: 'session.started', actor: { kind: 'caller', sub: id }, address: '127.0.0.1' },
    ]);
  });

  it('keeps the scope that the session was granted, even where the token at hand has less', async ({ tessera }) => {
    const { tokens } = await signIn(tessera, { roles: ['auditor'], scope: 'profile:read profile:write keys:read' });
    const narrowed = await rotate(tessera, tokens.refresh_token, { scope: 'profile:write' });
    const fresh = (await change(tessera, narrowed.access_token).expect(200)).body as Tokens;
    expect(fresh.scope.split(' ').toSorted()).toEqual(['keys:read', 'profile:read', 'profile:write']);
  });

  it('gives back nothing that user or client have lost since', async ({ tessera }) => {
    const client = await tessera.addClient('profile:read profile:write', {
      grantTypes: ['password', 'refresh_token'],
      authMethod: 'none',
    });
    const { id, tokens } = await signIn(tessera, { roles: ['auditor'], scope: 'profile:write audit:read' });
    const through = await signIn(tessera, { client: { client_id: client.client_id } });
    const occasion = { actor: { kind: 'script', name: 'operator' }, reason: null, at: tessera.clock() } as const;
    await tessera.database.users.administerUser(id, { roles: [] }, occasion);
    await tessera.database.clients.updateClient(client.client_id, () => ({ scope: 'profile:write' }), occasion);
    for (const { access_token } of [tokens, through.tokens])
      expect((await change(tessera, access_token).expect(200)).body).toMatchObject({ scope: 'profile:write' });
  });

  it('answers a registered public client with tokens, too, and a refresh token only if it may have one', async ({
    tessera,
  }) => {
    for (const grantTypes of [['password', 'refresh_token'], ['password']] as const) {
      const limits = { grantTypes, authMethod: 'none', accessTokenLifetime: 60 } as const;
      const { client_id } = await tessera.addClient('profile:read profile:write', limits);
      const { tokens } = await signIn(tessera, { client: { client_id }, scope: 'profile:write profile:read' });
      const fresh = (await change(tessera, tokens.access_token).expect(200)).body as Partial<Tokens>;
      expect(fresh).toMatchObject({ scope: 'profile:read profile:write', expires_in: 60 });
      expect(decodeJwt(fresh.access_token ?? '')['client_id']).toBe(client_id);
      expect('refresh_token' in fresh).toBe(grantTypes.length === 2);
      await expectDead(tessera, tokens.access_token);
      await expectAlive(tessera, fresh.access_token ?? '');
    }
  });

  it('leaves it to a confidential client to sign the user in again', async ({ tessera }) => {
    const client = await tessera.addClient('profile:read profile:write', { grantTypes: ['password', 'refresh_token'] });
    const { id, username, tokens } = await signIn(tessera, { client });
    const reply = await change(tessera, tokens.access_token).expect(204);
    expect(reply.text).toBe('');
    expect(reply.headers['cache-control']).toBe('no-store');
    await expectDead(tessera, tokens.access_token);
    expect(await tessera.database.sessions.listSessions(id, tessera.clock())).toEqual([]);
    const form = { grant_type: 'password', username, password: next, ...client };
    await tessera.form('/token', form).expect(200);
  });

  it('begins no session where nobody may sign in with a password', async ({ tessera }) => {
    const without = await startTessera({ PASSWORD_GRANT: 'off', DATABASE_URL: tessera.databaseUrl });
    const one = await signIn(tessera);
    await change(without, one.tokens.access_token).expect(204);
    const client = await tessera.addClient('profile:write', { grantTypes: ['password'], authMethod: 'none' });
    const { client_id } = client;
    const two = await signIn(tessera, { client: { client_id } });
    const connection = await connectTo(tessera.databaseUrl);
    await connection.all(`update clients set grant_types = '["refresh_token"]' where id = ?`, client_id);
    await connection.close();
    // The token came by a grant that is gone, and works as long as the other of a session is there.
    await change(tessera, two.tokens.access_token).expect(204);
  });

  it('does nothing for whoever was signed out while the passwords were hashed', async () => {
    const meanwhile: { happen?: () => Promise<unknown> } = {};
    const tessera = await startTessera({}, ({ passwordHasher }) => {
      const hash: typeof passwordHasher.hash = async (...given) => {
        await meanwhile.happen?.();
        return passwordHasher.hash(...given);
      };
      return { passwordHasher: { ...passwordHasher, hash } };
    });
    const { id, username, tokens } = await signIn(tessera);
    const occasion = { actor: { kind: 'schedule' }, reason: null, at: tessera.clock() } as const;
    meanwhile.happen = () => tessera.database.users.endSessionsOf(id, occasion);
    expectProblem(await change(tessera, tokens.access_token), 400);
    await login(tessera, username, password).expect(200);
  });

  it('begins no session where all were ended again before it could', async () => {
    let meanwhile: (() => Promise<unknown>) | undefined;
    const tessera = await startTessera({}, ({ stores }) => {
      const { sessions } = stores;
      const startSession: typeof sessions.startSession = async (...given) => {
        await meanwhile?.();
        return sessions.startSession(...given);
      };
      return { stores: { ...stores, sessions: { ...sessions, startSession } } };
    });
    const { id, username, tokens } = await signIn(tessera);
    const occasion = { actor: { kind: 'schedule' }, reason: null, at: tessera.clock() } as const;
    meanwhile = () => tessera.database.users.endSessionsOf(id, occasion);
    await change(tessera, tokens.access_token).expect(204);
    meanwhile = undefined;
    expect(await tessera.database.sessions.listSessions(id, tessera.clock())).toEqual([]);
    await login(tessera, username, next).expect(200);
  });

  const faults: [what: string, fault: Error, isLogged: boolean][] = [
    ['the database is away', new Unavailable('The database is away.'), false],
    ['the server has a fault', new Error('not foreseen'), true],
  ];

  it.for(faults)(
    'is done, and says so without tokens, when no session can be begun behind it: %s',
    async ([, fault, isLogged]) => {
      const tessera = await startTessera({}, ({ stores }) => ({
        stores: { ...stores, sessions: { ...stores.sessions, findSession: () => Promise.reject(fault) } },
      }));
      const { username, tokens } = await signIn(tessera);
      await change(tessera, tokens.access_token).expect(204);
      expect(tessera.log.filter((line) => line.includes(fault.message))).toHaveLength(isLogged ? 1 : 0);
      await login(tessera, username, next).expect(200);
    },
  );

  it.for(faults)('leaves no session that nobody has tokens of, when none can be issued: %s', async ([, fault]) => {
    let isBroken = false;
    const tessera = await startTessera({}, ({ keys }) => {
      const { keyring } = keys;
      const signerUntil: typeof keyring.signerUntil = (expiresAt) =>
        isBroken ? Promise.reject(fault) : keyring.signerUntil(expiresAt);
      return {
        keys: { ...keys, keyring: Object.create(keyring, { signerUntil: { value: signerUntil } }) as typeof keyring },
      };
    });
    const { id, username, tokens } = await signIn(tessera);
    isBroken = true;
    await change(tessera, tokens.access_token).expect(204);
    // Nor does a login, however often it is tried again.
    const status = fault instanceof Unavailable ? 503 : 500;
    for (let tries = 0; tries < 3; tries += 1) await login(tessera, username, next).expect(status);
    isBroken = false;
    expect(await tessera.database.sessions.listSessions(id, tessera.clock())).toEqual([]);
    await login(tessera, username, next).expect(200);
    const events =
      (await tessera.database.audit.listEvents({ before: null, limit: 200, types: ['session.ended'] })) ?? [];
    expect(events.filter(({ detail }) => detail === `no tokens could be issued, of ${id}`)).toHaveLength(4);
  });

  it('is done, and says so, when the try cannot be given back', async () => {
    const tessera = await startTessera({ RATE_LIMITS: 'on' }, ({ stores }) => ({
      stores: {
        ...stores,
        rateLimits: { ...stores.rateLimits, giveBack: () => Promise.reject(new Unavailable('The database is away.')) },
      },
    }));
    const { username, tokens } = await signIn(tessera);
    await change(tessera, tokens.access_token).expect(200);
    await login(tessera, username, next).expect(200);
  });

  it('counts as a token got with the password', async () => {
    const { meter, registry } = prometheusMeter({ operations: [], grants: [], policies: [] });
    const tessera = await startTessera({}, () => ({ meter }));
    const { tokens } = await signIn(tessera);
    await change(tessera, tokens.access_token).expect(200);
    const issued = parseMetrics(await registry.metrics());
    expect(valueOf(issued, 'tessera_tokens_issued_total', { grant: 'password' })).toBe(2);
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
    await change(tessera, tokens.access_token, { new_password: 'Ångström ﬁve' }).expect(200);
    const decomposed = { current_password: 'Ångström ﬁve'.normalize('NFKD'), new_password: next };
    const again = await login(tessera, username, 'Ångström ﬁve').expect(200);
    await change(tessera, (again.body as Tokens).access_token, decomposed).expect(200);
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
    expect(replies.map(({ status }) => status).toSorted()).toEqual([200, 400]);
    const won = replies.findIndex(({ status }) => status === 200);
    await login(tessera, username, passwords[won] ?? '').expect(200);
    expectOAuthError(await login(tessera, username, passwords[1 - won] ?? ''), 400, 'invalid_grant');
  });

  it('stores a hash in the order m, t, p', async () => {
    const tessera = await startTessera({}, atFullCost);
    const { username, tokens } = await signIn(tessera);
    await change(tessera, tokens.access_token).expect(200);
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

    if (event === 'password') await change(tessera, tokens.access_token).expect(200);
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
