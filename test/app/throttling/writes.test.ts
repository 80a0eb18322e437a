/** Limits of what succeeds: how much of it there is, who can spend of it, and that a 429 changes nothing. */
import { describe, expect } from 'vitest';
import { openDatabase } from '../../../src/database/open.ts';
import { policies } from '../../../src/throttling/policies.ts';
import {
  elsewhere,
  expectThrottled,
  failToLogIn,
  inTurn,
  it,
  logIn,
  statuses,
  times,
  useUp,
} from '../../support/attempts.ts';
import { expectAlive, expectDead, expectOAuthError, refresh, rotate, sessionOf, signIn } from '../../support/oauth.ts';
import { type Tessera, type Tokens, password } from '../../support/tessera.ts';
import { it as itWithVariants } from '../../support/variant.ts';

const oauth = (retryAfter: number) => ({ as: 'oauth', retryAfter }) as const;
const problem = (retryAfter: number) => ({ as: 'problem', retryAfter }) as const;

const refreshesOf = (tokens: Tokens) => ({ policy: policies.refresh, of: [sessionOf(tokens)] });
const repeatsOf = (tokens: Tokens) => ({ policy: policies.repeat, of: [sessionOf(tokens)] });

async function typesOfEvents({ database }: Tessera, subject: string): Promise<string[]> {
  const events = (await database.audit.listEvents({ before: null, limit: 100, subject })) ?? [];
  return events.map(({ type }) => type);
}

describe('refreshes of one session', () => {
  it('are 60 in a minute; a token that got 429 works afterwards and was not used by it', async ({ tessera }) => {
    const { username, tokens } = await signIn(tessera);
    const other = await tessera.login(username);
    await useUp(tessera, refreshesOf(tokens), 57);
    let last = tokens;
    for (let n = 0; n < 3; n += 1) last = await rotate(tessera, last.refresh_token);
    for (let n = 0; n < 3; n += 1) expectThrottled(await refresh(tessera, last.refresh_token), oauth(60));
    await expectAlive(tessera, last.access_token);
    await rotate(tessera, other.refresh_token);

    // Longer than a used token could come again.
    tessera.clock.advance(60);
    const next = await rotate(tessera, last.refresh_token);
    expect(next.refresh_token).not.toBe(last.refresh_token);
    await expectAlive(tessera, next.access_token);
    expect(await typesOfEvents(tessera, sessionOf(next))).toEqual(['limit.reached', 'session.started']);
  });

  it('have a last one that can be repeated: its reply may be the one that is lost', async ({ tessera }) => {
    const { tokens } = await signIn(tessera);
    await useUp(tessera, refreshesOf(tokens), 59);
    const next = await rotate(tessera, tokens.refresh_token);
    expectThrottled(await refresh(tessera, next.refresh_token), oauth(60));
    expect((await rotate(tessera, tokens.refresh_token)).refresh_token).toBe(next.refresh_token);
    tessera.clock.advance(60);
    await rotate(tessera, next.refresh_token);
  });

  it('are repeated 60 times in a minute, and as many as are left get through of those that come at once', async ({
    tessera,
  }) => {
    const { tokens } = await signIn(tessera);
    await useUp(tessera, repeatsOf(tokens), 57);
    const next = await rotate(tessera, tokens.refresh_token);
    const repeats = await Promise.all(times(10, 0).map(() => refresh(tessera, tokens.refresh_token)));
    expect(statuses(repeats).toSorted()).toEqual([...times(3, 200), ...times(7, 429)]);
    const last = await rotate(tessera, next.refresh_token);
    await expectAlive(tessera, last.access_token);
  });

  it('do not keep a used token that comes again from ending its session', async ({ tessera }) => {
    const { tokens } = await signIn(tessera);
    const next = await rotate(tessera, tokens.refresh_token);
    const last = await rotate(tessera, next.refresh_token);
    await useUp(tessera, refreshesOf(tokens), 58);
    expectThrottled(await refresh(tessera, last.refresh_token), oauth(60));
    expectOAuthError(await refresh(tessera, tokens.refresh_token), 400, 'invalid_grant');
    await expectDead(tessera, last.access_token);
    expect(await typesOfEvents(tessera, sessionOf(tokens))).toEqual([
      'session.reused',
      'limit.reached',
      'session.started',
    ]);
  });

  it('are spent by nothing that was refused', async ({ tessera }) => {
    const { tokens } = await signIn(tessera);
    await useUp(tessera, refreshesOf(tokens), 59);
    const other = await tessera.addClient('profile:read', { grantTypes: ['password', 'refresh_token'] });
    for (const more of [other, { scope: 'keys:manage' }, { resource: 'https://a.example' }])
      expect((await refresh(tessera, tokens.refresh_token, more)).status).toBe(400);
    await rotate(tessera, tokens.refresh_token);
  });

  itWithVariants('are the same at every server of one database', async ({ variants }) => {
    const { tokens } = await signIn(variants);
    const one = await variants.variant(() => ({ rateLimits: 'on' }));
    const stores = await openDatabase(variants.databaseUrl);
    const other = await variants.variant(() => ({ rateLimits: 'on', stores }));
    await useUp(variants, refreshesOf(tokens), 56);
    let token = tokens.refresh_token;
    const ask = (n: number) =>
      (n % 2 === 0 ? one : other).request
        .post('/token')
        .type('form')
        .send({ grant_type: 'refresh_token', refresh_token: token });
    for (let n = 0; n < 4; n += 1) token = ((await ask(n).expect(200)).body as Tokens).refresh_token;
    for (const n of [0, 1]) expectThrottled(await ask(n), oauth(60));
    variants.clock.advance(60);
    await ask(1).expect(200);
    await stores.close();
  });
});

describe('sign-ins to one account', () => {
  it('are 120 in 10 minutes, and a 429 is no failure', async ({ tessera }) => {
    const { id, username } = await tessera.newUser();
    await useUp(tessera, { policy: policies.signIn, of: [id] }, 117);
    const signIns = await inTurn(3, () => logIn(tessera, { username, from: elsewhere() }));
    expect(statuses(signIns)).toEqual(times(3, 200));
    for (let n = 0; n < 3; n += 1) expectThrottled(await logIn(tessera, { username, from: elsewhere() }), oauth(600));
    const failures = await inTurn(10, () => failToLogIn(tessera, { username, from: elsewhere() }));
    expect(statuses(failures)).toEqual(times(10, 400));
    expect(await tessera.database.sessions.listSessions(id, tessera.clock())).toHaveLength(3);
    await expectAlive(tessera, (signIns[0]?.body as Tokens).access_token);
    await logIn(tessera, { username: (await tessera.newUser()).username, from: elsewhere() }).expect(200);
  });

  itWithVariants('are as many sessions at a time as without a limit of sign-ins', async ({ variants }) => {
    const { request } = await variants.variant(() => ({ rateLimits: 'on', sessionsPerUser: 2 }));
    const { id, username } = await variants.newUser();
    for (let n = 0; n < 4; n += 1)
      await request.post('/token').type('form').send({ grant_type: 'password', username, password }).expect(200);
    expect(await variants.database.sessions.listSessions(id, variants.clock())).toHaveLength(2);
  });

  it('are spent by nobody who does not know the password', async ({ tessera }) => {
    const { id, username } = await tessera.newUser();
    await useUp(tessera, { policy: policies.signIn, of: [id] }, 119);
    await inTurn(9, () => failToLogIn(tessera, { username, from: elsewhere() }));
    await logIn(tessera, { username, scope: 'keys:manage', from: elsewhere() }).expect(400);
    await logIn(tessera, { username, from: elsewhere() }).expect(200);
  });
});

describe('changes of the password of one account', () => {
  const change = (tessera: Tessera, { access_token }: Tokens, current: string, next: string) =>
    tessera.bearer('put', '/users/me/password', access_token).send({ current_password: current, new_password: next });

  it('are 20 in an hour; a 429 leaves the password as it is, and is no failure', async ({ tessera }) => {
    const { id, username, tokens } = await signIn(tessera);
    const elsewhereToo = await tessera.login(username);
    await useUp(tessera, { policy: policies.newPassword, of: [id] }, 20);
    for (let n = 0; n < 3; n += 1)
      expectThrottled(await change(tessera, tokens, password, 'tin whistle 77'), problem(3600));
    await expectAlive(tessera, elsewhereToo.access_token);
    const failures = await inTurn(10, () => change(tessera, tokens, 'not this one', 'tin whistle 77'));
    expect(statuses(failures)).toEqual(times(10, 400));
    await logIn(tessera, { username, from: elsewhere() }).expect(200);
    expect(await typesOfEvents(tessera, id)).not.toContain('user.password_changed');
  });

  it('are spent by nobody who does not know it, nor by a password that may not be', async ({ tessera }) => {
    const { id, tokens } = await signIn(tessera);
    await useUp(tessera, { policy: policies.newPassword, of: [id] }, 19);
    await inTurn(5, () => change(tessera, tokens, 'not this one', 'tin whistle 77').expect(400));
    await change(tessera, tokens, password, 'short').expect(400);
    const changed = (await change(tessera, tokens, password, 'tin whistle 77').expect(200)).body as Tokens;
    await change(tessera, changed, 'tin whistle 77', 'tin whistle 78').expect(429);
    await expectAlive(tessera, changed.access_token);
  });

  it('begin a new session though no sign-in is left, and spend none', async ({ tessera }) => {
    const { id, username, tokens } = await signIn(tessera);
    await useUp(tessera, { policy: policies.signIn, of: [id] }, 118);
    let last = tokens;
    for (const [current, next] of [
      [password, 'tin whistle 77'],
      ['tin whistle 77', password],
    ] as const) {
      const renewed = (await change(tessera, last, current, next).expect(200)).body as Tokens;
      await expectDead(tessera, last.access_token);
      last = renewed;
    }
    await logIn(tessera, { username, from: elsewhere() }).expect(200);
    await logIn(tessera, { username, from: elsewhere() }).expect(429);
    const renewed = (await change(tessera, last, password, 'tin whistle 77').expect(200)).body as Tokens;
    await expectDead(tessera, last.access_token);
    await expectAlive(tessera, renewed.access_token);
  });
});

describe('revocations of access tokens', () => {
  const revoke = (tessera: Tessera, token: string, more: Record<string, string> = {}) =>
    tessera.form('/revoke', { token, ...more });

  it('are 60 in a minute of one session; what got 429 still works, and the session can be ended', async ({
    tessera,
  }) => {
    const { username, tokens } = await signIn(tessera);
    const other = await tessera.login(username);
    const next = await rotate(tessera, tokens.refresh_token);
    await useUp(tessera, { policy: policies.revocation, of: [sessionOf(tokens)] }, 59);
    await revoke(tessera, tokens.access_token).expect(200);
    expectThrottled(await revoke(tessera, next.access_token), oauth(60));
    await expectAlive(tessera, next.access_token);
    await revoke(tessera, other.access_token).expect(200);
    await revoke(tessera, next.refresh_token).expect(200);
    await expectDead(tessera, next.access_token);
  });

  it('are spent by none that was revoked already, is unknown, or belongs to another client', async ({ tessera }) => {
    const { tokens } = await signIn(tessera);
    const next = await rotate(tessera, tokens.refresh_token);
    await useUp(tessera, { policy: policies.revocation, of: [sessionOf(tokens)] }, 58);
    const client = await tessera.addClient('orders:read');
    for (let n = 0; n < 3; n += 1) {
      await revoke(tessera, tokens.access_token).expect(200);
      await revoke(tessera, `${next.access_token}x`).expect(200);
      await revoke(tessera, next.access_token, client).expect(400);
    }
    await revoke(tessera, next.access_token).expect(200);
    await expectDead(tessera, next.access_token);
  });

  it('are 600 in a minute of one client that acts for itself', async ({ tessera }) => {
    const client = await tessera.addClient('tokens:introspect');
    const issue = async () =>
      ((await tessera.form('/token', { grant_type: 'client_credentials', ...client }).expect(200)).body as Tokens)
        .access_token;
    const [one, other] = [await issue(), await issue()];
    await useUp(tessera, { policy: policies.clientRevocation, of: [client.client_id] }, 599);
    await revoke(tessera, one, client).expect(200);
    expectThrottled(await revoke(tessera, other, client), oauth(60));
    await tessera.form('/introspect', { token: other, ...client }).expect(200, /"active":true/);
    await tessera.form('/introspect', { token: one, ...client }).expect(200, { active: false });
  });
});

describe('sessions that a user ends', () => {
  const endOne = (tessera: Tessera, { access_token }: Tokens, id: string) =>
    tessera.bearer('delete', `/users/me/sessions/${id}`, access_token);
  const endOthers = (tessera: Tessera, { access_token }: Tokens) =>
    tessera.bearer('delete', '/users/me/sessions', access_token);

  it('are 300 in an hour, be it here or at /revoke; what got 429 goes on', async ({ tessera }) => {
    const { id, username, tokens } = await signIn(tessera);
    const [one, two, three] = [
      await tessera.login(username),
      await tessera.login(username),
      await tessera.login(username),
    ];
    await useUp(tessera, { policy: policies.sessionEnd, of: [id] }, 298);
    for (let n = 0; n < 3; n += 1) await endOne(tessera, tokens, '00000000-0000-4000-8000-000000000000').expect(404);
    await endOne(tessera, tokens, sessionOf(one)).expect(204);
    await tessera.form('/revoke', { token: two.refresh_token }).expect(200);
    for (let n = 0; n < 3; n += 1) {
      expectThrottled(await endOne(tessera, tokens, sessionOf(three)), problem(3600));
      expectThrottled(await tessera.form('/revoke', { token: three.refresh_token }), oauth(3600));
    }
    await expectAlive(tessera, three.access_token);
    await rotate(tessera, three.refresh_token);
    await expectDead(tessera, one.access_token);
    await expectDead(tessera, two.access_token);
  });

  it('end all at once where none is left to end one by one: nobody with one of them can prevent that', async ({
    tessera,
  }) => {
    const { id, username, tokens } = await signIn(tessera);
    const thief = await tessera.login(username);
    await useUp(tessera, { policy: policies.sessionEnd, of: [id] }, 300);
    await endOthers(tessera, tokens).expect(204);
    await expectDead(tessera, thief.access_token);
    // With nothing to end.
    for (let n = 0; n < 3; n += 1) await endOthers(tessera, tokens).expect(204);

    await useUp(tessera, { policy: policies.sessionEnd, of: [id, 'all others'] }, 298);
    const [one, two] = [await tessera.login(username), tokens];
    await endOthers(tessera, two).expect(204);
    await expectDead(tessera, one.access_token);
    const last = await tessera.login(username);
    expectThrottled(await endOthers(tessera, tokens), problem(3600));
    await expectAlive(tessera, last.access_token);
  });

  it('are not ended by a 429, with the session at hand as little as without it', async ({ tessera }) => {
    const { id, username, tokens } = await signIn(tessera);
    const other = await tessera.login(username);
    const endAll = () => tessera.bearer('delete', '/users/me/sessions?current=end', tokens.access_token);
    await useUp(tessera, { policy: policies.sessionEnd, of: [id, 'all others'] }, 300);
    expectThrottled(await endAll(), problem(3600));
    for (const { access_token, refresh_token } of [tokens, other]) {
      await expectAlive(tessera, access_token);
      await rotate(tessera, refresh_token);
    }
    tessera.clock.advance(3600);
    const later = await tessera.login(username);
    await tessera.bearer('delete', '/users/me/sessions?current=end', later.access_token).expect(204);
    await expectDead(tessera, later.access_token);
  });

  it('count where there are so many that their rows follow later, and not again meanwhile', async ({ tessera }) => {
    const { id, username, tokens } = await signIn(tessera);
    for (let n = 0; n < 40; n += 1) await tessera.login(username);
    await useUp(tessera, { policy: policies.sessionEnd, of: [id, 'all others'] }, 298);
    await endOthers(tessera, tokens).expect(204);
    // Rows of those that have ended are still to say so, and are none to end.
    for (let n = 0; n < 3; n += 1) await endOthers(tessera, tokens).expect(204);
    await tessera.login(username);
    await endOthers(tessera, tokens).expect(204);
    await tessera.login(username);
    expectThrottled(await endOthers(tessera, tokens), problem(3600));
  });

  it('are none of those that had ended by themselves', async ({ tessera }) => {
    const { id, username } = await signIn(tessera);
    await tessera.login(username);
    tessera.clock.advance(91 * 24 * 3600);
    const tokens = await tessera.login(username);
    await useUp(tessera, { policy: policies.sessionEnd, of: [id, 'all others'] }, 299);
    await endOthers(tessera, tokens).expect(204);
    await tessera.login(username);
    await endOthers(tessera, tokens).expect(204);
    await tessera.login(username);
    expectThrottled(await endOthers(tessera, tokens), problem(3600));
  });

  it('end with the password, and by an administrator, whatever is left', async ({ tessera }) => {
    const admin = await signIn(tessera, { roles: ['admin'] });
    const { id, username, tokens } = await signIn(tessera);
    for (const of of [[id], [id, 'all others']]) await useUp(tessera, { policy: policies.sessionEnd, of }, 300);
    const thief = await tessera.login(username);
    const changed = await tessera
      .bearer('put', '/users/me/password', tokens.access_token)
      .send({ current_password: password, new_password: 'tin whistle 77' })
      .expect(200);
    for (const { access_token } of [thief, tokens]) await expectDead(tessera, access_token);
    await tessera.bearer('delete', `/users/${id}/sessions`, admin.tokens.access_token).expect(204);
    await expectDead(tessera, (changed.body as Tokens).access_token);
  });
});
