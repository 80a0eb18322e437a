import { describe, expect } from 'vitest';
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
} from '../support/oauth.ts';
import { it, startTessera } from '../support/tessera.ts';
import type { Tokens } from '../support/tessera.ts';

const thirtyDays = 30 * 86_400;

/** Holds everyone back until `count` have come, and nobody from then on. */
function barrier(count: number): () => Promise<undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  let arrived = 0;
  return () => {
    arrived += 1;
    if (arrived === count) resolve(undefined);
    return promise;
  };
}

describe('POST /token, refresh_token grant', () => {
  it('answers with a new access token and the successor of the refresh token (RFC 6749, 6)', async ({ tessera }) => {
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

  it('ends the whole session when a used token comes again (RFC 9700, 4.14.2)', async ({ tessera }) => {
    const first = await signIn(tessera);
    const second = await rotate(tessera, first.tokens.refresh_token);
    const third = await rotate(tessera, second.refresh_token);
    const elsewhere = await tessera.login(first.username);

    expectOAuthError(await refresh(tessera, first.tokens.refresh_token), 400, 'invalid_grant');

    for (const { refresh_token, access_token } of [first.tokens, second, third]) {
      expectOAuthError(await refresh(tessera, refresh_token), 400, 'invalid_grant');
      expect(await introspect(tessera, refresh_token)).toEqual({ active: false });
      await expectDead(tessera, access_token);
    }
    await expectAlive(tessera, elsewhere.access_token);
    await rotate(tessera, elsewhere.refresh_token);
  });

  it('notices a used token however late it comes, and whatever else is asked (RFC 9700, 4.14.2)', async ({
    tessera,
  }) => {
    const { tokens } = await signIn(tessera);
    tessera.clock.advance(thirtyDays - 1);
    const next = await rotate(tessera, tokens.refresh_token);
    tessera.clock.advance(1);
    const late = await refresh(tessera, tokens.refresh_token, { scope: 'tokens:introspect' });
    expectOAuthError(late, 400, 'invalid_grant');
    await expectDead(tessera, next.access_token);
    expectOAuthError(await refresh(tessera, next.refresh_token), 400, 'invalid_grant');
  });

  it('lets exactly one of twenty uses at the same moment win, and takes the rest for theft', async () => {
    const allHaveLooked = barrier(20);
    const tessera = await startTessera({}, ({ stores }) => ({
      stores: {
        ...stores,
        sessions: {
          ...stores.sessions,
          findRefreshToken: async (hash) => {
            const found = await stores.sessions.findRefreshToken(hash);
            await allHaveLooked();
            return found;
          },
        },
      },
    }));
    const { tokens } = await signIn(tessera);

    const replies = await Promise.all(Array.from({ length: 20 }, () => refresh(tessera, tokens.refresh_token)));

    const winners = replies.filter((reply) => reply.status === 200);
    expect(winners).toHaveLength(1);
    for (const loser of replies.filter((reply) => reply.status !== 200)) expectOAuthError(loser, 400, 'invalid_grant');
    const won = winners[0]?.body as Tokens;
    await expectDead(tessera, won.access_token);
    expectOAuthError(await refresh(tessera, won.refresh_token), 400, 'invalid_grant');
  });

  it('works until the second before a token expires; each successor has its whole life', async ({ tessera }) => {
    const { tokens } = await signIn(tessera);
    tessera.clock.advance(thirtyDays - 1);
    const next = await rotate(tessera, tokens.refresh_token);
    tessera.clock.advance(thirtyDays - 1);
    await rotate(tessera, next.refresh_token);
  });

  it('is refused from the second on in which a token expires', async ({ tessera }) => {
    const { tokens } = await signIn(tessera);
    tessera.clock.advance(thirtyDays);
    expectOAuthError(await refresh(tessera, tokens.refresh_token), 400, 'invalid_grant');
    expect(await introspect(tessera, tokens.refresh_token)).toEqual({ active: false });
  });

  it('is for the client that the token was issued to, and another one does it no harm (RFC 6749, 6)', async ({
    tessera,
  }) => {
    const [mine, others] = [await tessera.addClient('profile:read'), await tessera.addClient('profile:read')];
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

  it('narrows the scope for one access token alone (RFC 6749, 6)', async ({ tessera }) => {
    const { tokens } = await signIn(tessera);
    const narrowed = await rotate(tessera, tokens.refresh_token, { scope: 'profile:read' });
    expect(narrowed.scope).toBe('profile:read');
    await tessera.bearer('patch', '/users/me', narrowed.access_token).send({ name: 'x' }).expect(403);
    const whole = await rotate(tessera, narrowed.refresh_token);
    expect(whole.scope).toBe('profile:read profile:write');
    await tessera.bearer('patch', '/users/me', whole.access_token).send({ name: 'x' }).expect(200);
  });

  it('never widens the scope of the login, even to what the user may have (RFC 6749, 6)', async ({ tessera }) => {
    const { tokens } = await signIn(tessera, { scope: 'profile:read', roles: ['admin'] });
    for (const scope of ['profile:write', 'profile:read profile:write', 'tokens:introspect'])
      expectOAuthError(await refresh(tessera, tokens.refresh_token, { scope }), 400, 'invalid_scope');
    expect((await rotate(tessera, tokens.refresh_token)).scope).toBe('profile:read');
  });

  it('leaves the token unused when the scope is refused', async ({ tessera }) => {
    const { tokens } = await signIn(tessera);
    for (const scope of ['orders:read', 'profile:read  profile:write', '"'])
      expectOAuthError(await refresh(tessera, tokens.refresh_token, { scope }), 400, 'invalid_scope');
    await rotate(tessera, tokens.refresh_token);
    await expectAlive(tessera, tokens.access_token);
  });

  it('is over when the user is disabled or deleted', async ({ tessera }) => {
    const [disabled, deleted] = [await signIn(tessera), await signIn(tessera)];
    const now = tessera.clock();
    await tessera.database.users.updateUser(disabled.id, { disabledAt: now, updatedAt: now });
    await tessera.bearer('delete', '/users/me', deleted.tokens.access_token).expect(204);
    for (const { tokens } of [disabled, deleted]) {
      expectOAuthError(await refresh(tessera, tokens.refresh_token), 400, 'invalid_grant');
      expect(await introspect(tessera, tokens.refresh_token)).toEqual({ active: false });
      await expectDead(tessera, tokens.access_token);
    }
  });

  it('needs the parameter refresh_token', async ({ tessera }) => {
    for (const body of ['grant_type=refresh_token', 'grant_type=refresh_token&refresh_token='])
      expectOAuthError(await tessera.request.post('/token').type('form').send(body), 400, 'invalid_request');
  });

  it('refuses whatever is not a refresh token that was issued here', async ({ tessera }) => {
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
