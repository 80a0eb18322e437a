import { describe, expect } from 'vitest';
import { connectTo, rowsOf } from '../../support/database.ts';
import { followAll } from '../../support/database/follow-all.ts';
import { addSessions as insertSessions, countOpen as countOpenIn } from '../../support/database/many-sessions.ts';
import { expectAlive, expectDead, expectOAuthError, refresh, signIn } from '../../support/oauth.ts';
import { type Tessera, it, password, startTessera } from '../../support/tessera.ts';

const many = 5_000;

/** Rows that are written with a decision, at the most. */
const atOnce = 64;

/** As if the user had signed in so often through the client. */
function addSessions({ databaseUrl, clock }: Tessera, userId: string, clientId = 'first-party'): Promise<void> {
  return insertSessions(databaseUrl, { userId, clientId, now: clock(), count: many });
}

function countOpen({ databaseUrl }: Tessera, userId: string): Promise<number> {
  return countOpenIn(databaseUrl, userId);
}

async function countRows({ databaseUrl }: Tessera, table: string, userId: string): Promise<number> {
  return (await rowsOf(databaseUrl, table)).filter((row) => row['user_id'] === userId).length;
}

async function countListed(tessera: Tessera, token: string): Promise<number> {
  const reply = await tessera.bearer('get', '/users/me/sessions', token).expect(200);
  return (reply.body as { sessions: unknown[] }).sessions.length;
}

async function countEnds({ databaseUrl }: Tessera): Promise<number> {
  return (await rowsOf(databaseUrl, 'audit_events')).filter(({ type }) => type === 'session.ended').length;
}

/** An account with more sessions than a statement has room for, and a token of one of them. */
async function busyUser(tessera: Tessera, clientId?: string): Promise<{ id: string; token: string }> {
  const { id, tokens } = await signIn(tessera);
  await addSessions(tessera, id, clientId);
  return { id, token: tokens.access_token };
}

describe('an account with thousands of sessions', () => {
  it('sees those that were used last', async ({ tessera }) => {
    const { token } = await busyUser(tessera);
    const reply = await tessera.bearer('get', '/users/me/sessions', token).expect(200);
    expect((reply.body as { sessions: unknown[] }).sessions).toHaveLength(200);
  });

  it('may end all others, and change its password [ASVS-7.4.3]', async ({ tessera }) => {
    const { id, token } = await busyUser(tessera);
    const before = await countEnds(tessera);
    await tessera.bearer('delete', '/users/me/sessions', token).expect(204);
    // The rest follows; nothing of it works meanwhile.
    expect(await countOpen(tessera, id)).toBeGreaterThan(many - atOnce);
    expect(await countListed(tessera, token)).toBe(1);
    await followAll(tessera.database);
    expect(await countOpen(tessera, id)).toBe(1);
    expect(await countEnds(tessera)).toBe(before + many);
    await expectAlive(tessera, token);
    await addSessions(tessera, id);
    const change = { current_password: password, new_password: `${password}!` };
    await tessera.bearer('put', '/users/me/password', token).send(change).expect(200);
    await followAll(tessera.database);
    // The one that it begins.
    expect(await countOpen(tessera, id)).toBe(1);
    expect(await countEnds(tessera)).toBe(before + 2 * many + 1);
  });

  it('is signed out everywhere and disabled by an administrator [ASVS-7.4.2] [ASVS-7.4.5]', async ({ tessera }) => {
    const admin = (await signIn(tessera, { roles: ['admin'] })).tokens.access_token;
    const { id, token } = await busyUser(tessera);
    await tessera.bearer('delete', `/users/${id}/sessions`, admin).expect(204);
    await expectDead(tessera, token);
    await followAll(tessera.database);
    expect(await countOpen(tessera, id)).toBe(0);
    await addSessions(tessera, id);
    await tessera.bearer('patch', `/users/${id}`, admin).send({ disabled: true }).expect(200);
    await followAll(tessera.database);
    expect(await countOpen(tessera, id)).toBe(0);
  });

  it('keeps nobody from deleting the client that they began through', async ({ tessera }) => {
    const admin = (await signIn(tessera, { roles: ['admin'] })).tokens.access_token;
    const { client_id } = await tessera.addClient('profile:read');
    const { id } = await busyUser(tessera, client_id);
    await tessera.bearer('delete', `/clients/${client_id}`, admin).expect(204);
    await tessera.bearer('get', `/clients/${client_id}`, admin).expect(404);
    const left = await rowsOf(tessera.databaseUrl, 'clients');
    expect(left.map((client) => client['id'])).not.toContain(client_id);
    await followAll(tessera.database);
    expect(await countOpen(tessera, id)).toBe(1);
  });

  it('is deleted, and its username free, at once; its rows follow [ASVS-7.4.2]', async ({ tessera }) => {
    const admin = (await signIn(tessera, { roles: ['admin'] })).tokens.access_token;
    const { id, token } = await busyUser(tessera);
    await tessera.bearer('delete', '/users/me', token).expect(204);
    await expectDead(tessera, token);
    await tessera.bearer('get', `/users/${id}`, admin).expect(404);
    await tessera.bearer('patch', `/users/${id}`, admin).send({ disabled: false }).expect(404);
    const left = (await rowsOf(tessera.databaseUrl, 'users')).find((user) => user['id'] === id);
    expect(left).toMatchObject({ username: `deleted ${id}`, name: null, password_hash: '', roles: '[]' });
    await followAll(tessera.database);
    expect((await rowsOf(tessera.databaseUrl, 'users')).filter((user) => user['id'] === id)).toEqual([]);
    expect(await countRows(tessera, 'sessions', id)).toBe(0);
    expect(await rowsOf(tessera.databaseUrl, 'session_endings')).toEqual([]);
  });
});

describe('a decision that ends thousands of sessions', () => {
  it('stands while nothing can be written of them, which keeps no other from being carried out', async () => {
    const tessera = await startTessera();
    const { database, databaseUrl } = tessera;
    const admin = (await signIn(tessera, { roles: ['admin'] })).tokens.access_token;
    const { id, tokens } = await signIn(tessera);
    await addSessions(tessera, id);
    const gone = await busyUser(tessera);
    await tessera.bearer('delete', `/users/${id}/sessions`, admin).expect(204);
    await tessera.bearer('delete', '/users/me', gone.token).expect(204);
    expect(await database.followUp.countOwed()).toEqual({ sessions: 1, accounts: 1 });
    const left = await countOpen(tessera, id);
    expect(left).toBeGreaterThan(many - atOnce);

    // No end is written without its event.
    const connection = await connectTo(databaseUrl);
    await connection.all('alter table audit_events rename to audit_events_away');
    await expect(followAll(database)).rejects.toThrow();
    expect(await countRows(tessera, 'sessions', gone.id)).toBe(0);
    expect(await database.followUp.countOwed()).toEqual({ sessions: 1, accounts: 0 });
    expect(await countOpen(tessera, id)).toBe(left);
    for (const token of [tokens.access_token, gone.token]) await tessera.bearer('get', '/users/me', token).expect(401);
    expectOAuthError(await refresh(tessera, tokens.refresh_token), 400, 'invalid_grant');
    await connection.all('alter table audit_events_away rename to audit_events');
    await connection.close();

    await followAll(database);
    expect(await database.followUp.countOwed()).toEqual({ sessions: 0, accounts: 0 });
    expect(await countOpen(tessera, id)).toBe(0);
    const ended = (await rowsOf(databaseUrl, 'audit_events')).filter(({ type }) => type === 'session.ended');
    expect(ended).toHaveLength(many + 1);
    expect(new Set(ended.map(({ subject }) => subject)).size).toBe(many + 1);
  });
});
