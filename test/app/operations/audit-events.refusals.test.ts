/** What somebody is kept from, as the audit trail tells it: once in its time, however often it is tried. */
import { describe, expect } from 'vitest';
import { openDatabase } from '../../../src/database/open.ts';
import { forUsers, tokenOf } from '../../support/clients.ts';
import {
  expectAlive,
  expectOAuthError,
  expectProblem,
  refresh,
  rotate,
  sessionOf,
  signIn,
} from '../../support/oauth.ts';
import { type Tessera, it as withTessera } from '../../support/tessera.ts';
import { it as itWithVariants } from '../../support/variant.ts';

const it = withTessera;

async function eventsAbout(
  { database }: Pick<Tessera, 'database'>,
  subject: string,
  type: 'access.denied' | 'session.misused',
) {
  return ((await database.audit.listEvents({ before: null, limit: 100, subject, types: [type] })) ?? []).reverse();
}

describe('a 403 to who may do more than every user', () => {
  it('is told with who, where and what, be it for a scope or for the account that was touched', async ({ tessera }) => {
    const admin = await signIn(tessera, { roles: ['admin'] });
    const { id, tokens } = await signIn(tessera, { roles: ['support'] });
    const ask = (method: 'get' | 'patch' | 'delete', path: string, body?: object) =>
      tessera.bearer(method, path, tokens.access_token).send(body);
    expectProblem(await ask('patch', `/users/${admin.id}`, { disabled: true }), 403);
    expectProblem(await ask('delete', `/users/${admin.id}`), 403);
    expectProblem(await ask('get', '/keys'), 403);
    await tessera.request.head('/keys').set('Authorization', `Bearer ${tokens.access_token}`).expect(403);
    const introspection = tessera.form('/introspect', { token: 'x' });
    expectOAuthError(
      await introspection.set('Authorization', `Bearer ${tokens.access_token}`),
      403,
      'insufficient_scope',
    );

    const events = await eventsAbout(tessera, id, 'access.denied');
    const by = { actor: { kind: 'caller', sub: id, clientId: 'first-party' }, address: '127.0.0.1', reason: null };
    for (const event of events) expect(event).toMatchObject({ ...by, subject: id, at: tessera.clock() });
    expect(events.map(({ detail }) => detail)).toEqual(['updateUser', 'deleteUser', 'listKeys', 'introspectToken']);
  });

  it('is told of a client that acts for itself, too', async ({ tessera }) => {
    const client = await tessera.addClient('users:read profile:read');
    const token = await tokenOf(tessera, client);
    await tessera.bearer('get', '/users/me', token).expect(403);
    await tessera.bearer('get', '/audit-events', token).expect(403);
    const events = await eventsAbout(tessera, client.client_id, 'access.denied');
    expect(events.map(({ detail }) => detail)).toEqual(['getCurrentUser', 'listAuditEvents']);
  });

  it('is not told of those who may do no more than every user, nor of a request without a token', async ({
    tessera,
  }) => {
    const { id, username } = await signIn(tessera);
    const { access_token } = await tessera.login(username, 'profile:read');
    await tessera.bearer('get', '/keys', access_token).expect(403);
    await tessera.bearer('patch', '/users/me', access_token).send({ name: 'x' }).expect(403);
    await tessera.request.get('/keys').expect(401);
    expect(await eventsAbout(tessera, id, 'access.denied')).toEqual([]);
  });

  itWithVariants('is told once a minute for each operation, at all servers together', async ({ variants }) => {
    const admins = [await signIn(variants, { roles: ['admin'] }), await signIn(variants, { roles: ['admin'] })];
    const { id, tokens } = await signIn(variants, { roles: ['support'] });
    const stores = await openDatabase(variants.databaseUrl);
    const servers = [await variants.variant(() => ({})), await variants.variant(() => ({ stores }))];
    const askEverywhere = async () => {
      for (const { request } of servers)
        for (const admin of admins)
          for (const method of ['patch', 'delete'] as const)
            await request[method](`/users/${admin.id}`)
              .set('Authorization', `Bearer ${tokens.access_token}`)
              .send(method === 'patch' ? { disabled: true } : undefined)
              .expect(403);
    };
    await askEverywhere();
    variants.clock.advance(59);
    await askEverywhere();
    expect(await eventsAbout(variants, id, 'access.denied')).toHaveLength(2);
    variants.clock.advance(1);
    await Promise.all([askEverywhere(), askEverywhere()]);
    const events = await eventsAbout(variants, id, 'access.denied');
    expect(events.map(({ detail }) => detail).sort()).toEqual(['deleteUser', 'deleteUser', 'updateUser', 'updateUser']);
    await stores.close();
  });
});

describe('a refresh token that another client presents', () => {
  it('is told with both, at /token and at /revoke, and the session goes on', async ({ tessera }) => {
    const [mine, other] = [
      await tessera.addClient('profile:read', forUsers),
      await tessera.addClient('profile:read', forUsers),
    ];
    const { id, tokens } = await signIn(tessera, { client: mine });
    expectOAuthError(await refresh(tessera, tokens.refresh_token, other), 400, 'invalid_grant');
    expectOAuthError(await tessera.form('/revoke', { token: tokens.refresh_token }), 400, 'invalid_grant');
    // Once an hour for each.
    for (const client of [other, {}]) {
      await refresh(tessera, tokens.refresh_token, client).expect(400);
      await tessera.form('/revoke', { token: tokens.refresh_token, ...client }).expect(400);
    }
    await expectAlive(tessera, tokens.access_token);
    const sid = sessionOf(tokens);
    const events = await eventsAbout(tessera, sid, 'session.misused');
    const common = { actor: { kind: 'anonymous' }, address: '127.0.0.1', reason: null, at: tessera.clock() };
    for (const event of events) expect(event).toMatchObject(common);
    expect(events.map(({ detail }) => detail)).toEqual([
      `presented by ${other.client_id}, of ${id}`,
      `presented by first-party, of ${id}`,
    ]);
    const next = await rotate(tessera, tokens.refresh_token, mine);
    tessera.clock.advance(3599);
    await refresh(tessera, tokens.refresh_token, other).expect(400);
    expect(await eventsAbout(tessera, sid, 'session.misused')).toHaveLength(2);
    tessera.clock.advance(1);
    await refresh(tessera, next.refresh_token, other).expect(400);
    expect(await eventsAbout(tessera, sid, 'session.misused')).toHaveLength(3);
    expect(JSON.stringify(events)).not.toContain('trt_');
  });

  it('is told once an hour for all sessions of an account, and of another account as well', async ({ tessera }) => {
    const other = await tessera.addClient('profile:read', forUsers);
    const { username, tokens } = await signIn(tessera);
    const more = [tokens, await tessera.login(username), await tessera.login(username)];
    const someone = await signIn(tessera);
    for (const { refresh_token } of [...more, someone.tokens]) {
      await refresh(tessera, refresh_token, other).expect(400);
      await tessera.form('/revoke', { token: refresh_token, ...other }).expect(400);
    }
    for (const [nth, each] of [...more, someone.tokens].entries())
      expect(await eventsAbout(tessera, sessionOf(each), 'session.misused')).toHaveLength(
        nth === 0 || nth === 3 ? 1 : 0,
      );
  });

  it('is not told of a session that has ended, by a user or by itself, and keeps none from being told', async ({
    tessera,
  }) => {
    const other = await tessera.addClient('profile:read', forUsers);
    const { username, tokens: idle } = await signIn(tessera);
    tessera.clock.advance(31 * 24 * 3600);
    const [ended, swept] = [await tessera.login(username), await tessera.login(username)];
    await tessera.form('/revoke', { token: ended.refresh_token }).expect(200);
    await tessera.bearer('delete', '/users/me/sessions?current=end', swept.access_token).expect(204);
    const live = await tessera.login(username);
    for (const each of [idle, ended, swept, live]) {
      await refresh(tessera, each.refresh_token, other).expect(400);
      await tessera.form('/revoke', { token: each.refresh_token, ...other }).expect(400);
      const told = await eventsAbout(tessera, sessionOf(each), 'session.misused');
      expect(told).toHaveLength(each === live ? 1 : 0);
    }
  });

  it('is not told of one that is unknown, nor of what the client itself cannot use any more', async ({ tessera }) => {
    const client = await tessera.addClient('profile:read', forUsers);
    const { tokens } = await signIn(tessera, { client });
    const next = await rotate(tessera, tokens.refresh_token, client);
    await rotate(tessera, next.refresh_token, client);
    for (const token of [tokens.refresh_token, `${next.refresh_token.slice(0, -4)}AAAA`])
      await refresh(tessera, token, client).expect(400);
    await tessera.form('/revoke', { token: tokens.refresh_token, ...client }).expect(200);
    expect(await eventsAbout(tessera, sessionOf(tokens), 'session.misused')).toEqual([]);
  });
});
