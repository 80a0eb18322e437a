import { describe, expect } from 'vitest';
import { expectAlive, expectDead, sessionOf, signIn } from '../../support/oauth.ts';
import { type Tessera, type Tokens, it, password, startTessera } from '../../support/tessera.ts';

async function endsOf({ database }: Tessera, tokens: Tokens) {
  const events = await database.audit.listEvents({ before: null, limit: 100, subject: sessionOf(tokens) });
  return (events ?? []).filter(({ type }) => type === 'session.ended');
}

async function loginThrough(tessera: Tessera, username: string, client: { client_id: string; client_secret: string }) {
  const login = { grant_type: 'password', username, password, scope: 'profile:read', ...client };
  return (await tessera.form('/token', login).expect(200)).body as Tokens;
}

describe('an account with as many sessions as it may have', () => {
  it('loses the one that was used least lately with the next login, which leaves an event [ASVS-7.1.2]', async () => {
    const tessera = await startTessera({ SESSIONS_PER_USER: '3' });
    const { id, username, tokens: first } = await signIn(tessera);
    tessera.clock.advance(1);
    const second = await tessera.login(username);
    tessera.clock.advance(1);
    const third = await tessera.login(username);
    tessera.clock.advance(1);
    // Not the oldest any more.
    const kept = await tessera.form('/token', { grant_type: 'refresh_token', refresh_token: first.refresh_token });
    tessera.clock.advance(1);
    const fourth = await tessera.login(username);
    await expectDead(tessera, second.access_token);
    for (const { access_token } of [first, kept.body as Tokens, third, fourth])
      await expectAlive(tessera, access_token);
    expect(await endsOf(tessera, second)).toMatchObject([
      { at: tessera.clock(), detail: `one of more than 3 sessions, of ${id}`, actor: { kind: 'caller', sub: id } },
    ]);
  });

  it('loses one of the same client, as long as that has any [ASVS-7.1.2]', async () => {
    const tessera = await startTessera({ SESSIONS_PER_USER: '3' });
    const client = await tessera.addClient('profile:read', { grantTypes: ['password', 'refresh_token'] });
    const { username, tokens: browser } = await signIn(tessera);
    tessera.clock.advance(1);
    const [one, two] = [await loginThrough(tessera, username, client), await loginThrough(tessera, username, client)];
    tessera.clock.advance(1);
    for (let at = 0; at < 5; at += 1) await loginThrough(tessera, username, client);
    await expectAlive(tessera, browser.access_token);
    for (const { access_token } of [one, two]) await expectDead(tessera, access_token);
    // One that has none takes the place of whichever was used least lately.
    const other = await tessera.addClient('profile:read', { grantTypes: ['password', 'refresh_token'] });
    const last = await loginThrough(tessera, username, other);
    await expectAlive(tessera, last.access_token);
    await expectDead(tessera, browser.access_token);
  });

  it('counts none that has ended, by itself or with the others', async () => {
    const tessera = await startTessera({ SESSIONS_PER_USER: '2' });
    const { username, tokens } = await signIn(tessera);
    await tessera.login(username);
    await tessera.bearer('delete', '/users/me/sessions', tokens.access_token).expect(204);
    await tessera.login(username);
    await expectAlive(tessera, tokens.access_token);
    tessera.clock.advance(31 * 86_400);
    const [one, two] = [await tessera.login(username), await tessera.login(username)];
    for (const { access_token } of [one, two]) await expectAlive(tessera, access_token);
  });

  it('comes down to the limit, login by login, where it had more', async () => {
    const before = await startTessera({ SESSIONS_PER_USER: '40' });
    const { id, username } = await signIn(before);
    for (let at = 0; at < 29; at += 1) await before.login(username, 'profile:read');
    const after = await startTessera({ SESSIONS_PER_USER: '5', DATABASE_URL: before.databaseUrl });
    const count = async () => (await after.database.sessions.listSessions(id, after.clock())).length;
    const counts: number[] = [];
    for (let at = 0; at < 4; at += 1) {
      await after.login(username, 'profile:read');
      counts.push(await count());
    }
    expect(counts).toEqual([15, 5, 5, 5]);
  });
});
