/** What ends all sessions of an account at once, however many there are, on every replica. */
import { describe, expect } from 'vitest';
import { connectTo, rowsOf } from '../../support/database.ts';
import { followAll } from '../../support/database/follow-all.ts';
import { expectAlive, expectDead, expectOAuthError, introspect, refresh, rotate, signIn } from '../../support/oauth.ts';
import { type Tessera, type Tokens, it, password, startTessera } from '../../support/tessera.ts';

async function expectOver(tessera: Tessera, { access_token, refresh_token }: Tokens): Promise<void> {
  await expectDead(tessera, access_token);
  expect(await introspect(tessera, refresh_token)).toEqual({ active: false });
  expectOAuthError(await refresh(tessera, refresh_token), 400, 'invalid_grant');
}

/** Nothing of the rows says that the sessions have ended: as where there are too many to be written with the decision. */
async function forgetEnds({ databaseUrl }: Tessera): Promise<void> {
  const connection = await connectTo(databaseUrl);
  await connection.all('update sessions set ended_at = null');
  await connection.close();
}

type End = (tessera: Tessera, id: string, tokens: Tokens) => Promise<unknown>;

const ends: [name: string, end: End, sparesOwn: boolean][] = [
  [
    'a password that is changed',
    (tessera, _, { access_token }) =>
      tessera
        .bearer('put', '/users/me/password', access_token)
        .send({ current_password: password, new_password: `${password}!` })
        .expect(200),
    false,
  ],
  [
    'the user who ends the others',
    (tessera, _, { access_token }) => tessera.bearer('delete', '/users/me/sessions', access_token).expect(204),
    true,
  ],
  ['whoever disables the account', (tessera, id) => tessera.disableUser(id), false],
  [
    'an administrator who ends them',
    async (tessera, id) => {
      const admin = (await signIn(tessera, { roles: ['admin'] })).tokens.access_token;
      await tessera.bearer('delete', `/users/${id}/sessions`, admin).expect(204);
    },
    false,
  ],
];

describe('sessions of an account end by one number', () => {
  it.for(ends)('by %s: on every replica by the next request, whatever the rows say', async ([, end, sparesOwn]) => {
    const one = await startTessera();
    const two = await startTessera({ DATABASE_URL: one.databaseUrl });
    // Within the differences that clocks may have.
    two.clock.advance(-25);
    const { id, username, tokens: own } = await signIn(one);
    const others = [await one.login(username), await two.login(username)];
    await end(one, id, own);
    await forgetEnds(one);
    for (const tokens of others) for (const replica of [one, two]) await expectOver(replica, tokens);
    if (sparesOwn) {
      await expectAlive(two, own.access_token);
      await rotate(two, own.refresh_token);
    } else await expectOver(two, own);
  });

  it('and none that begins in the very second of it, or by a clock that is behind', async () => {
    const one = await startTessera();
    const two = await startTessera({ DATABASE_URL: one.databaseUrl });
    two.clock.advance(-25);
    const { username, tokens: own } = await signIn(one);
    const before = [await one.login(username), await two.login(username)];
    await one.bearer('delete', '/users/me/sessions', own.access_token).expect(204);
    const after = [await one.login(username), await two.login(username)];
    await followAll(one.database);
    for (const tokens of before) await expectOver(two, tokens);
    for (const { access_token, refresh_token } of after) {
      for (const replica of [one, two]) await expectAlive(replica, access_token);
      await rotate(one, refresh_token);
    }
  });

  it('and do not come back with an account that is enabled again', async ({ tessera }) => {
    const { id, tokens } = await signIn(tessera);
    const admin = (await signIn(tessera, { roles: ['admin'] })).tokens.access_token;
    await tessera.bearer('patch', `/users/${id}`, admin).send({ disabled: true }).expect(200);
    await forgetEnds(tessera);
    await tessera.bearer('patch', `/users/${id}`, admin).send({ disabled: false }).expect(200);
    await forgetEnds(tessera);
    await expectOver(tessera, tokens);
  });

  it('and the session that is spared does not come back if it had ended', async ({ tessera }) => {
    const { username, tokens } = await signIn(tessera);
    const other = await tessera.login(username);
    await tessera.bearer('delete', '/users/me/sessions', other.access_token).expect(204);
    const { sid } = JSON.parse(Buffer.from(tokens.access_token.split('.')[1] ?? '', 'base64url').toString()) as {
      sid: string;
    };
    const { database, clock } = tessera;
    const { sub } = JSON.parse(Buffer.from(other.access_token.split('.')[1] ?? '', 'base64url').toString()) as {
      sub: string;
    };
    await forgetEnds(tessera);
    const occasion = { actor: { kind: 'schedule' }, reason: null, at: clock() } as const;
    await database.sessions.endAllSessions({ userId: sub, but: sid }, occasion);
    await forgetEnds(tessera);
    await expectOver(tessera, tokens);
  });
});

describe('a server of the version before, beside', () => {
  /** As it begins a session: it knows no number. */
  async function beginAsBefore(tessera: Tessera, userId: string): Promise<string> {
    const connection = await connectTo(tessera.databaseUrl);
    const [id, now] = [crypto.randomUUID(), tessera.clock()];
    await connection.all(
      `insert into sessions (id, user_id, client_id, scope, created_at, last_used_at, expires_at, tokens_expire_at)
        values (?, ?, 'first-party', 'profile:read', ?, ?, ?, ?)`,
      ...[id, userId, now, now, now + 9000, now + 9000],
    );
    await connection.close();
    return id;
  }

  const listed = async ({ database, clock }: Tessera, id: string) =>
    (await database.sessions.listSessions(id, clock())).map((session) => session.id);

  it('begins sessions that work, and that end with the others', async ({ tessera }) => {
    const { id, tokens } = await signIn(tessera);
    const first = await beginAsBefore(tessera, id);
    expect(await listed(tessera, id)).toContain(first);
    await tessera.bearer('delete', '/users/me/sessions', tokens.access_token).expect(204);
    expect(await listed(tessera, id)).not.toContain(first);
    const second = await beginAsBefore(tessera, id);
    expect(await listed(tessera, id)).toContain(second);
    await tessera.bearer('delete', '/users/me/sessions', tokens.access_token).expect(204);
    expect(await listed(tessera, id)).not.toContain(second);
    const rows = await rowsOf(tessera.databaseUrl, 'sessions');
    expect(rows.filter((row) => [first, second].includes(String(row['id']))).map((row) => row['ended_at'])).toEqual([
      tessera.clock(),
      tessera.clock(),
    ]);
  });

  it('began sessions before there were numbers, which end with the others, too', async ({ tessera }) => {
    const { id, tokens } = await signIn(tessera);
    const old = await beginAsBefore(tessera, id);
    const connection = await connectTo(tessera.databaseUrl);
    await connection.all('update sessions set user_generation = null where id = ?', old);
    await connection.close();
    expect(await listed(tessera, id)).toContain(old);
    await tessera.bearer('delete', '/users/me/sessions', tokens.access_token).expect(204);
    await forgetEnds(tessera);
    expect(await listed(tessera, id)).not.toContain(old);
  });
});

describe('what follows, by several at once', () => {
  it('is written once, with one event each', async () => {
    const one = await startTessera();
    const two = await startTessera({ DATABASE_URL: one.databaseUrl });
    const { username, tokens } = await signIn(one);
    for (let at = 0; at < 40; at += 1) await one.login(username, 'profile:read');
    await one.bearer('delete', '/users/me/sessions', tokens.access_token).expect(204);
    expect(await rowsOf(one.databaseUrl, 'session_endings')).toHaveLength(1);
    const work = async ({ database }: Tessera) => {
      while ((await database.followUp.followSome(3)) > 0);
    };
    await Promise.all([work(one), work(two), work(one), work(two)]);
    await followAll(one.database);
    const events = (await rowsOf(one.databaseUrl, 'audit_events')).filter(({ type }) => type === 'session.ended');
    expect(events).toHaveLength(40);
    expect(new Set(events.map(({ subject }) => subject)).size).toBe(40);
    expect(await rowsOf(one.databaseUrl, 'session_endings')).toEqual([]);
  });
});
