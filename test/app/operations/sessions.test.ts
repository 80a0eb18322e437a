import { describe, expect } from 'vitest';
import { toRfc3339 } from '../../../src/clock.ts';
import {
  expectAlive,
  expectDead,
  expectOAuthError,
  expectProblem,
  introspect,
  refresh,
  rotate,
  sessionOf,
  signIn,
} from '../../support/oauth.ts';
import { type Tessera, type Tokens, it, password, startTessera } from '../../support/tessera.ts';

type Session = { id: string; current: boolean; last_used_at: string; [member: string]: unknown };

const mine = '/users/me/sessions';
const nobodys = '00000000-0000-4000-8000-000000000000';

async function list(tessera: Tessera, { access_token }: Tokens): Promise<Session[]> {
  const reply = await tessera.bearer('get', mine, access_token).expect(200);
  expect(reply.headers['cache-control']).toBe('no-store');
  return (reply.body as { sessions: Session[] }).sessions;
}

/** What is told of a moment of which nobody is to know the second. */
function minuteOf(epochSeconds: number): string {
  return toRfc3339(Math.floor(epochSeconds / 60) * 60);
}

/** The session that an access token names. */
async function expectOver(tessera: Tessera, { access_token, refresh_token }: Tokens): Promise<void> {
  await expectDead(tessera, access_token);
  expect(await introspect(tessera, refresh_token)).toEqual({ active: false });
  expectOAuthError(await refresh(tessera, refresh_token), 400, 'invalid_grant');
}

async function endsOf({ database }: Tessera, tokens: Tokens) {
  const events = await database.audit.listEvents({ before: null, limit: 100, subject: sessionOf(tokens) });
  return (events ?? []).filter(({ type }) => type === 'session.ended');
}

describe('GET /users/me/sessions', () => {
  it('shows where the user is signed in, and how [ASVS-7.5.2]', async ({ tessera }) => {
    const { username } = await tessera.newUser();
    const began = tessera.clock();
    const login = { grant_type: 'password', username, password, scope: 'profile:read' };
    const reply = await tessera.form('/token', login).set('User-Agent', 'Mozilla/5.0 (X11)').expect(200);
    const tokens = reply.body as Tokens;
    tessera.clock.advance(60);
    expect(await list(tessera, tokens)).toEqual([
      {
        id: sessionOf(tokens),
        current: true,
        client_id: 'first-party',
        scope: 'profile:read',
        created_at: toRfc3339(began),
        last_used_at: minuteOf(began),
        expires_at: toRfc3339(began + 90 * 86_400),
        user_agent: 'Mozilla/5.0 (X11)',
        address: '127.0.0.0/24',
      },
    ]);
  });

  it('has the one used last first, and knows which one asks', async ({ tessera }) => {
    const { username, tokens: first } = await signIn(tessera);
    tessera.clock.advance(1);
    const second = await tessera.login(username);
    expect((await list(tessera, first)).map(({ id }) => id)).toEqual([sessionOf(second), sessionOf(first)]);
    tessera.clock.advance(1);
    const next = await rotate(tessera, first.refresh_token);
    expect(await list(tessera, second)).toMatchObject([
      { id: sessionOf(first), current: false, last_used_at: minuteOf(tessera.clock()) },
      { id: sessionOf(second), current: true, last_used_at: minuteOf(tessera.clock() - 1) },
    ]);
    expect((await list(tessera, next)).map(({ current }) => current)).toEqual([true, false]);
  });

  it('tells the last use to the minute, here and to administrators, so that no thief learns when to come', async ({
    tessera,
  }) => {
    const { id, tokens } = await signIn(tessera);
    const admin = (await signIn(tessera, { roles: ['admin'] })).tokens.access_token;
    tessera.clock.set(Math.ceil(tessera.clock() / 60) * 60);
    let { refresh_token, access_token } = await rotate(tessera, tokens.refresh_token);
    const minute = toRfc3339(tessera.clock());
    for (const seconds of [0, 1, 58]) {
      tessera.clock.advance(seconds);
      ({ refresh_token, access_token } = await rotate(tessera, refresh_token));
      for (const [path, token] of [
        [mine, access_token],
        [`/users/${id}/sessions`, admin],
      ] as const) {
        const { sessions } = (await tessera.bearer('get', path, token).expect(200)).body as { sessions: Session[] };
        expect(sessions).toMatchObject([{ last_used_at: minute }]);
      }
    }
    tessera.clock.advance(1);
    const next = await rotate(tessera, refresh_token);
    expect(await list(tessera, next)).toMatchObject([{ last_used_at: toRfc3339(tessera.clock()) }]);
  });

  it('takes what a client calls itself from the last refresh, cut short and in ASCII (RFC 9110, 10.1.5)', async ({
    tessera,
  }) => {
    const { tokens } = await signIn(tessera);
    const next = (await refresh(tessera, tokens.refresh_token).set('User-Agent', `x\t${'x'.repeat(300)}`))
      .body as Tokens;
    expect(await list(tessera, next)).toMatchObject([{ user_agent: `x?${'x'.repeat(254)}` }]);
    const last = (await refresh(tessera, next.refresh_token).unset('User-Agent')).body as Tokens;
    expect(await list(tessera, last)).toMatchObject([{ user_agent: null }]);
  });

  it("is about the user's own, that have not ended, whoever ended them", async ({ tessera }) => {
    const { username, tokens } = await signIn(tessera);
    const others = (await signIn(tessera)).tokens;
    const signedOut = await tessera.login(username);
    await tessera.form('/revoke', { token: signedOut.refresh_token }).expect(200);
    expect((await list(tessera, tokens)).map(({ id }) => id)).toEqual([sessionOf(tokens)]);
    expect((await list(tessera, others)).map(({ id }) => id)).toEqual([sessionOf(others)]);
  });

  it('has no session that has ended by itself: the idle limit is that of its tokens [ASVS-7.3.1]', async ({
    tessera,
  }) => {
    const { username } = await signIn(tessera);
    tessera.clock.advance(30 * 86_400 - 1);
    expect(await list(tessera, await tessera.login(username))).toHaveLength(2);
    tessera.clock.advance(1);
    expect(await list(tessera, await tessera.login(username))).toHaveLength(2);
  });

  it('keeps a session while an access token of it works, though no refresh token does', async () => {
    const tessera = await startTessera({ REFRESH_TOKEN_LIFETIME: '1m' });
    const { username } = await signIn(tessera);
    tessera.clock.advance(899);
    expect(await list(tessera, await tessera.login(username))).toHaveLength(2);
    tessera.clock.advance(1);
    expect(await list(tessera, await tessera.login(username))).toHaveLength(2);
  });
});

describe('DELETE /users/me/sessions/{sessionId}', () => {
  it('ends that session at once, and no other [ASVS-7.5.2] [ASVS-10.4.9]', async ({ tessera }) => {
    const { id, username, tokens } = await signIn(tessera);
    const [gone, kept] = [await tessera.login(username), await tessera.login(username)];
    const reply = await tessera.bearer('delete', `${mine}/${sessionOf(gone)}`, tokens.access_token).expect(204);
    expect(reply.text).toBe('');
    await expectOver(tessera, gone);
    for (const { access_token } of [tokens, kept]) await expectAlive(tessera, access_token);
    expect(await endsOf(tessera, gone)).toMatchObject([
      {
        actor: { kind: 'caller', sub: id, clientId: 'first-party' },
        address: '127.0.0.1',
        detail: `ended by the user, of ${id}`,
      },
    ]);
  });

  it('may end the session that asks', async ({ tessera }) => {
    const { tokens } = await signIn(tessera);
    await tessera.bearer('delete', `${mine}/${sessionOf(tokens)}`, tokens.access_token).expect(204);
    await expectOver(tessera, tokens);
  });

  it("answers 404 for what is nobody's, another user's, ended, or over by itself, and changes nothing", async ({
    tessera,
  }) => {
    const { username, tokens: idle } = await signIn(tessera);
    tessera.clock.advance(30 * 86_400);
    const tokens = await tessera.login(username);
    const others = (await signIn(tessera)).tokens;
    const ended = await tessera.login(username);
    await tessera.bearer('delete', `${mine}/${sessionOf(ended)}`, tokens.access_token).expect(204);
    for (const id of [nobodys, sessionOf(others), sessionOf(ended), sessionOf(idle)]) {
      const reply = await tessera.bearer('delete', `${mine}/${id}`, tokens.access_token);
      expectProblem(reply, 404);
      expect(reply.body).toMatchObject({ detail: 'There is no such session.' });
    }
    await expectAlive(tessera, others.access_token);
    expect(await endsOf(tessera, others)).toEqual([]);
    expect(await endsOf(tessera, ended)).toHaveLength(1);
    expect(await endsOf(tessera, idle)).toEqual([]);
  });

  it('leaves one event when it is asked for many times at once', async ({ tessera }) => {
    const { username, tokens } = await signIn(tessera);
    const gone = await tessera.login(username);
    const replies = await Promise.all(
      Array.from({ length: 10 }, () => tessera.bearer('delete', `${mine}/${sessionOf(gone)}`, tokens.access_token)),
    );
    expect(replies.map(({ status }) => status).toSorted()).toEqual([204, ...Array<number>(9).fill(404)]);
    expect(await endsOf(tessera, gone)).toHaveLength(1);
  });

  it('refuses what is no id of a session', async ({ tessera }) => {
    const { tokens } = await signIn(tessera);
    for (const id of ['x', nobodys.toUpperCase().replace('0', 'A'), `${nobodys}0`, "'%20or%201=1"])
      expectProblem(await tessera.bearer('delete', `${mine}/${id}`, tokens.access_token), 400, '/path/sessionId');
    await expectAlive(tessera, tokens.access_token);
  });
});

describe('DELETE /users/me/sessions', () => {
  it("ends the user's others at once, and not the one that asks [ASVS-10.4.9]", async ({ tessera }) => {
    const { id, username, tokens } = await signIn(tessera);
    const others = [await tessera.login(username), await tessera.login(username)];
    const somebodys = (await signIn(tessera)).tokens;
    await tessera.bearer('delete', mine, tokens.access_token).expect(204);
    for (const other of others) {
      await expectOver(tessera, other);
      expect(await endsOf(tessera, other)).toMatchObject([{ detail: `ended by the user, of ${id}` }]);
    }
    for (const { access_token } of [tokens, somebodys]) await expectAlive(tessera, access_token);
    expect((await list(tessera, tokens)).map(({ id }) => id)).toEqual([sessionOf(tokens)]);
  });

  it('ends the one that asks, too, with ?current=end, and nobody else has a token of it any more [ASVS-10.4.9]', async ({
    tessera,
  }) => {
    const { id, username, tokens } = await signIn(tessera);
    const other = await tessera.login(username);
    const stolen = await rotate(tessera, tokens.refresh_token);
    const somebodys = (await signIn(tessera)).tokens;
    const reply = await tessera.bearer('delete', `${mine}?current=end`, stolen.access_token).expect(204);
    expect(reply.text).toBe('');
    for (const each of [tokens, stolen, other]) {
      await expectOver(tessera, each);
      expect(await endsOf(tessera, each)).toMatchObject([{ detail: `ended by the user, of ${id}` }]);
    }
    await expectAlive(tessera, somebodys.access_token);
    expect(await list(tessera, await tessera.login(username))).toHaveLength(1);
  });

  it('keeps the one that asks with ?current=keep, and refuses what is neither', async ({ tessera }) => {
    const { username, tokens } = await signIn(tessera);
    const other = await tessera.login(username);
    for (const query of ['current=', 'current=all', 'current=end&current=end', 'all=true'])
      expectProblem(await tessera.bearer('delete', `${mine}?${query}`, tokens.access_token), 400);
    for (const each of [tokens, other]) await expectAlive(tessera, each.access_token);
    await tessera.bearer('delete', `${mine}?current=keep`, tokens.access_token).expect(204);
    await expectAlive(tessera, tokens.access_token);
    await expectOver(tessera, other);
  });

  it('may be asked for again, and writes nothing of it', async ({ tessera }) => {
    const { username, tokens } = await signIn(tessera);
    const other = await tessera.login(username);
    for (let times = 0; times < 2; times += 1) await tessera.bearer('delete', mine, tokens.access_token).expect(204);
    expect(await endsOf(tessera, other)).toHaveLength(1);
    await rotate(tessera, tokens.refresh_token);
  });
});

describe('the sessions', () => {
  const operations = [
    ['get', mine, 'profile:read'],
    ['delete', mine, 'profile:write'],
    ['delete', `${mine}/${nobodys}`, 'profile:write'],
  ] as const;

  it.for(operations)('of a client that acts for itself are none: %s %s', async ([method, path, scope], { tessera }) => {
    const client = await tessera.addClient('profile:read profile:write');
    const reply = await tessera.form('/token', { grant_type: 'client_credentials', scope, ...client }).expect(200);
    const refused = await tessera.bearer(method, path, (reply.body as Tokens).access_token);
    expectProblem(refused, 403);
    expect(refused.body).toMatchObject({ detail: 'This needs the access token of a user.' });
  });

  it.for(operations)('need their scope (RFC 6750, 3.1): %s %s', async ([method, path, scope], { tessera }) => {
    const other = scope === 'profile:read' ? 'profile:write' : 'profile:read';
    const { tokens } = await signIn(tessera, { scope: other });
    const refused = await tessera.bearer(method, path, tokens.access_token);
    expectProblem(refused, 403);
    expect(refused.headers['www-authenticate']).toContain(`scope="${scope}"`);
  });

  it('end when the password changes, the one that changes it among them [ASVS-7.4.3]', async ({ tessera }) => {
    const { id, username, tokens } = await signIn(tessera);
    const other = await tessera.login(username);
    const change = { current_password: password, new_password: 'another horse battery' };
    await tessera.bearer('put', '/users/me/password', tokens.access_token).send(change).expect(200);
    for (const each of [other, tokens]) {
      await expectOver(tessera, each);
      expect(await endsOf(tessera, each)).toMatchObject([{ detail: `password changed, of ${id}` }]);
    }
  });
});
