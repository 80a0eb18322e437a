import { describe, expect } from 'vitest';
import { toMinute } from '../../../src/clock.ts';
import {
  expectAlive,
  expectDead,
  expectInvalidClient,
  expectOAuthError,
  introspect,
  refresh,
  rotate,
  signIn,
  matching,
} from '../../support/oauth.ts';
import { occasion } from '../../support/records.ts';
import { issuer, it, startTessera } from '../../support/tessera.ts';
import type { Tokens } from '../../support/tessera.ts';

const thirtyDays = 30 * 86_400;

/** Through it users may sign in. */
const forUsers = { grantTypes: ['password', 'refresh_token'] } as const;

describe('POST /token, refresh_token grant', () => {
  it('answers with a new access token and the successor of the refresh token (RFC 6749, 6) [RFC6749-6/rotation] [RFC9700-2.2.2]', async ({
    tessera,
  }) => {
    const { tokens } = await signIn(tessera);
    const reply = await refresh(tessera, tokens.refresh_token);
    expect(reply.status).toBe(200);
    expect(reply.headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' });
    expect(reply.body).toEqual({
      access_token: matching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      token_type: 'Bearer',
      expires_in: 900,
      refresh_token: matching(/^trt_[\w-]{43}$/),
      scope: 'profile:read profile:write',
    });
    const next = reply.body as Tokens;
    expect(next.refresh_token).not.toBe(tokens.refresh_token);
    expect(next.access_token).not.toBe(tokens.access_token);
    await expectAlive(tessera, next.access_token);
    await expectAlive(tessera, tokens.access_token);
    await rotate(tessera, next.refresh_token);
  });

  it('works until the second before a token expires; each successor has its whole life', async ({ tessera }) => {
    const { tokens } = await signIn(tessera);
    tessera.clock.advance(thirtyDays - 1);
    const next = await rotate(tessera, tokens.refresh_token);
    tessera.clock.advance(thirtyDays - 1);
    await rotate(tessera, next.refresh_token);
  });

  it('is refused from the second on in which a token expires (RFC 9700, 4.14.2) [RFC9700-4.14.2/expiry] [ASVS-7.1.1] [ASVS-7.3.1]', async ({
    tessera,
  }) => {
    const { tokens } = await signIn(tessera);
    tessera.clock.advance(thirtyDays);
    expectOAuthError(await refresh(tessera, tokens.refresh_token), 400, 'invalid_grant');
    expect(await introspect(tessera, tokens.refresh_token)).toEqual({ active: false });
  });

  it('goes on until the session ends, however much it is used, and no token of it longer (RFC 9700, 4.14.2) [RFC9700-4.14.2/expiry] [ASVS-7.1.1] [ASVS-7.3.2] [ASVS-10.4.8]', async () => {
    const tessera = await startTessera({ SESSION_LIFETIME: '1h', REFRESH_TOKEN_LIFETIME: '40m' });
    let { tokens } = await signIn(tessera);
    const { exp } = await introspect(tessera, tokens.refresh_token);
    // Told to the minute.
    expect(exp).toBe(toMinute(tessera.clock() + 40 * 60));
    const end = tessera.clock() + 3600;
    while (tessera.clock() + 600 < end) {
      tessera.clock.advance(600);
      tokens = await rotate(tessera, tokens.refresh_token);
    }
    expect(await introspect(tessera, tokens.refresh_token)).toMatchObject({ exp: toMinute(end) });
    tessera.clock.advance(599);
    tokens = await rotate(tessera, tokens.refresh_token);
    expect(tokens.expires_in).toBe(1);
    await tessera.bearer('get', '/users/me', tokens.access_token).expect(200);
    tessera.clock.advance(1);
    expectOAuthError(await refresh(tessera, tokens.refresh_token), 400, 'invalid_grant');
    await expectDead(tessera, tokens.access_token);
  });

  it('is for the client that the token was issued to, and another one does it no harm (RFC 6749, 6) [RFC6749-6/client] [RFC9700-4.14.2/binding]', async ({
    tessera,
  }) => {
    const mine = await tessera.addClient('profile:read', forUsers);
    const others = await tessera.addClient('profile:read', forUsers);
    const byMine = (await signIn(tessera, { client: mine })).tokens;
    const byFirstParty = (await signIn(tessera)).tokens;

    expectOAuthError(await refresh(tessera, byMine.refresh_token), 400, 'invalid_grant');
    expectOAuthError(await refresh(tessera, byMine.refresh_token, others), 400, 'invalid_grant');
    expectInvalidClient(await refresh(tessera, byMine.refresh_token, { client_id: mine.client_id }));
    expectOAuthError(await refresh(tessera, byFirstParty.refresh_token, mine), 400, 'invalid_grant');

    await expectAlive(tessera, byMine.access_token);
    const next = await rotate(tessera, byMine.refresh_token, mine);
    // Nor does a used token end a session when it comes from a client that it never belonged to.
    expectOAuthError(await refresh(tessera, byMine.refresh_token, others), 400, 'invalid_grant');
    await rotate(tessera, next.refresh_token, mine);
    await rotate(tessera, byFirstParty.refresh_token);
  });

  it('narrows the scope for one access token alone (RFC 6749, 6) [RFC6749-6/scope]', async ({ tessera }) => {
    const { tokens } = await signIn(tessera);
    const narrowed = await rotate(tessera, tokens.refresh_token, { scope: 'profile:read' });
    expect(narrowed.scope).toBe('profile:read');
    await tessera.bearer('patch', '/users/me', narrowed.access_token).send({ name: 'x' }).expect(403);
    const whole = await rotate(tessera, narrowed.refresh_token);
    expect(whole.scope).toBe('profile:read profile:write');
    await tessera.bearer('patch', '/users/me', whole.access_token).send({ name: 'x' }).expect(200);
  });

  it('never widens the scope of the login, even to what the user may have (RFC 6749, 6) [RFC6749-6/scope] [RFC9700-4.14.2/binding]', async ({
    tessera,
  }) => {
    const { tokens } = await signIn(tessera, { scope: 'profile:read', roles: ['admin'] });
    for (const scope of ['profile:write', 'profile:read profile:write', 'tokens:introspect']) {
      const reply = await refresh(tessera, tokens.refresh_token, { scope });
      expectOAuthError(reply, 400, 'invalid_scope');
      const refused = scope.replace('profile:read ', '');
      expect(reply.body).toMatchObject({ error_description: `The scope has ${refused}, which cannot be granted.` });
    }
    expect((await rotate(tessera, tokens.refresh_token)).scope).toBe('profile:read');
  });

  it('leaves the token unused when the scope is refused', async ({ tessera }) => {
    const { tokens } = await signIn(tessera);
    for (const scope of ['orders:read', 'profile:read  profile:write', '"'])
      expectOAuthError(await refresh(tessera, tokens.refresh_token, { scope }), 400, 'invalid_scope');
    await rotate(tessera, tokens.refresh_token);
    await expectAlive(tessera, tokens.access_token);
  });

  it('is for the audience of the session; a resource may say so, and no other (RFC 8707, 2.2) [RFC8707-2.2/refresh]', async ({
    tessera,
  }) => {
    const audiences = ['https://a.example', 'https://b.example'];
    const client = await tessera.addClient('profile:read', { ...forUsers, audiences });
    const { tokens } = await signIn(tessera, { client, resource: 'https://b.example' });
    for (const resource of ['https://a.example', 'https://b.example/', issuer, 'https://c.example'])
      expectOAuthError(await refresh(tessera, tokens.refresh_token, { ...client, resource }), 400, 'invalid_target');
    const next = await rotate(tessera, tokens.refresh_token, { ...client, resource: 'https://b.example' });
    const last = await rotate(tessera, next.refresh_token, client);
    for (const { access_token } of [tokens, next, last])
      expect(await introspect(tessera, access_token)).toMatchObject({ active: true, aud: 'https://b.example' });
  });

  it('is for the server itself where the session does not say otherwise (RFC 8707, 2.2)', async ({ tessera }) => {
    const { tokens } = await signIn(tessera);
    expectOAuthError(
      await refresh(tessera, tokens.refresh_token, { resource: 'https://a.example' }),
      400,
      'invalid_target',
    );
    const next = await rotate(tessera, tokens.refresh_token, { resource: issuer });
    expect(await introspect(tessera, next.access_token)).toMatchObject({ active: true, aud: issuer });
  });

  it('leaves the token unused when the client may not get tokens for the audience any more', async ({ tessera }) => {
    const client = await tessera.addClient('profile:read', { ...forUsers, audiences: ['https://a.example'] });
    const { tokens } = await signIn(tessera, { client });
    const change = (audiences: string[]) =>
      tessera.database.clients.updateClient(client.client_id, () => ({ audiences }), occasion(tessera.clock()));
    await change(['https://b.example']);
    expectOAuthError(await refresh(tessera, tokens.refresh_token, client), 400, 'invalid_target');
    await change(['https://b.example', 'https://a.example']);
    const next = await rotate(tessera, tokens.refresh_token, client);
    expect(await introspect(tessera, next.access_token)).toMatchObject({ aud: 'https://a.example' });
  });

  it('is not for a client that may not use the grant; its users have a session all the same [ASVS-10.4.4]', async ({
    tessera,
  }) => {
    const client = await tessera.addClient('profile:read', { grantTypes: ['password'] });
    const { id, tokens } = await signIn(tessera, { client });
    expect(tokens).not.toHaveProperty('refresh_token');
    await expectAlive(tessera, tokens.access_token);
    const [session, ...others] = await tessera.database.sessions.listSessions(id, tessera.clock());
    expect(session).toMatchObject({ clientId: client.client_id, tokensExpireAt: tessera.clock() + 900 });
    expect(others).toEqual([]);
    expectOAuthError(await refresh(tessera, 'trt_x', client), 400, 'unauthorized_client');
  });

  it('ends with the client that it was begun through', async ({ tessera }) => {
    const client = await tessera.addClient('profile:read', forUsers);
    const { tokens } = await signIn(tessera, { client });
    await tessera.database.clients.deleteClient(client.client_id, () => true, occasion(tessera.clock()));
    expectInvalidClient(await refresh(tessera, tokens.refresh_token, client));
    await expectDead(tessera, tokens.access_token);
  });

  it('is over when the user is disabled or deleted', async ({ tessera }) => {
    const [disabled, deleted] = [await signIn(tessera), await signIn(tessera)];
    await tessera.database.users.administerUser(disabled.id, { disabled: true }, occasion(tessera.clock()));
    await tessera.bearer('delete', '/users/me', deleted.tokens.access_token).expect(204);
    for (const { tokens } of [disabled, deleted]) {
      expectOAuthError(await refresh(tessera, tokens.refresh_token), 400, 'invalid_grant');
      expect(await introspect(tessera, tokens.refresh_token)).toEqual({ active: false });
      await expectDead(tessera, tokens.access_token);
    }
  });

  it('needs the parameter refresh_token [RFC6749-5.2/invalid-request]', async ({ tessera }) => {
    for (const body of ['grant_type=refresh_token', 'grant_type=refresh_token&refresh_token='])
      expectOAuthError(await tessera.request.post('/token').type('form').send(body), 400, 'invalid_request');
  });

  it('refuses whatever is not a refresh token that was issued here [RFC6749-5.2/invalid-grant]', async ({
    tessera,
  }) => {
    const { tokens } = await signIn(tessera);
    const { access_token, refresh_token } = tokens;
    const others = ['x', 'trt_', access_token, refresh_token.slice(0, -1), `${refresh_token}=`, refresh_token.slice(4)];
    for (const other of [...others, refresh_token.toUpperCase(), ` ${refresh_token}`, `${refresh_token}\0`])
      expectOAuthError(await refresh(tessera, other), 400, 'invalid_grant');
    await rotate(tessera, refresh_token);
  });
});

describe('a refresh token', () => {
  it('is no access token', async ({ tessera }) => {
    const { tokens } = await signIn(tessera);
    await tessera.bearer('get', '/users/me', tokens.refresh_token).expect(401);
  });
});
