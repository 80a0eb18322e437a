import { describe, expect } from 'vitest';
import { connectTo } from '../support/sqlite.ts';
import { expectDead, signIn } from '../support/oauth.ts';
import { type Tessera, it, password } from '../support/tessera.ts';

const many = 5_000;

/** As if the user had signed in so often through the client. */
function addSessions({ databaseFile, clock }: Tessera, userId: string, clientId = 'first-party'): void {
  const database = connectTo(databaseFile);
  const now = clock();
  database.exec('begin');
  const insert = database.prepare(`insert into sessions
    (id, user_id, client_id, scope, created_at, last_used_at, expires_at, tokens_expire_at)
    values (?, ?, ?, 'profile:read', ?, ?, ?, ?)`);
  for (let at = 0; at < many; at += 1)
    insert.run(crypto.randomUUID(), userId, clientId, now, now, now + 9000, now + 9000);
  database.exec('commit');
  database.close();
}

function countOpen({ databaseFile }: Tessera, userId: string): unknown {
  const database = connectTo(databaseFile);
  const found = database
    .prepare('select count(*) as open from sessions where user_id = ? and ended_at is null')
    .get(userId);
  database.close();
  return found?.['open'];
}

function countEnds({ databaseFile }: Tessera): number {
  const database = connectTo(databaseFile);
  const found = database.prepare("select count(*) as ends from audit_events where type = 'session.ended'").get();
  database.close();
  return Number(found?.['ends']);
}

/** An account with more sessions than a statement has room for, and a token of one of them. */
async function busyUser(tessera: Tessera, clientId?: string): Promise<{ id: string; token: string }> {
  const { id, tokens } = await signIn(tessera);
  addSessions(tessera, id, clientId);
  return { id, token: tokens.access_token };
}

describe('an account with thousands of sessions', () => {
  it('sees those that were used last', async ({ tessera }) => {
    const { token } = await busyUser(tessera);
    const reply = await tessera.bearer('get', '/users/me/sessions', token).expect(200);
    expect((reply.body as { sessions: unknown[] }).sessions).toHaveLength(200);
  });

  it('may end all others, and change its password', async ({ tessera }) => {
    const { id, token } = await busyUser(tessera);
    const before = countEnds(tessera);
    await tessera.bearer('delete', '/users/me/sessions', token).expect(204);
    expect(countOpen(tessera, id)).toBe(1);
    expect(countEnds(tessera)).toBe(before + many);
    addSessions(tessera, id);
    const change = { current_password: password, new_password: `${password}!` };
    await tessera.bearer('put', '/users/me/password', token).send(change).expect(204);
    expect(countOpen(tessera, id)).toBe(1);
    expect(countEnds(tessera)).toBe(before + 2 * many);
  });

  it('is signed out everywhere and disabled by an administrator', async ({ tessera }) => {
    const admin = (await signIn(tessera, { roles: ['admin'] })).tokens.access_token;
    const { id, token } = await busyUser(tessera);
    await tessera.bearer('delete', `/users/${id}/sessions`, admin).expect(204);
    expect(countOpen(tessera, id)).toBe(0);
    await expectDead(tessera, token);
    addSessions(tessera, id);
    await tessera.bearer('patch', `/users/${id}`, admin).send({ disabled: true }).expect(200);
    expect(countOpen(tessera, id)).toBe(0);
  });

  it('keeps nobody from deleting the client that they began through', async ({ tessera }) => {
    const admin = (await signIn(tessera, { roles: ['admin'] })).tokens.access_token;
    const { client_id } = await tessera.addClient('profile:read');
    const { id } = await busyUser(tessera, client_id);
    await tessera.bearer('delete', `/clients/${client_id}`, admin).expect(204);
    expect(countOpen(tessera, id)).toBe(1);
  });
});
