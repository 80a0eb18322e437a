import { describe, expect } from 'vitest';
import { connectTo, rowsOf } from '../../support/database.ts';
import { expectDead, signIn } from '../../support/oauth.ts';
import { type Tessera, it, password } from '../../support/tessera.ts';

const many = 5_000;

/** As if the user had signed in so often through the client. */
async function addSessions(tessera: Tessera, userId: string, clientId = 'first-party'): Promise<void> {
  const database = await connectTo(tessera.databaseUrl);
  const now = tessera.clock();
  const values = Array.from(
    { length: many },
    () =>
      `('${crypto.randomUUID()}', '${userId}', '${clientId}', 'profile:read', ${now}, ${now}, ${now + 9000}, ${now + 9000})`,
  );
  await database.all(`insert into sessions
    (id, user_id, client_id, scope, created_at, last_used_at, expires_at, tokens_expire_at) values ${values.join()}`);
  await database.close();
}

async function countOpen({ databaseUrl }: Tessera, userId: string): Promise<number> {
  const sessions = await rowsOf(databaseUrl, 'sessions');
  return sessions.filter((session) => session['user_id'] === userId && session['ended_at'] === null).length;
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

  it('may end all others, and change its password', async ({ tessera }) => {
    const { id, token } = await busyUser(tessera);
    const before = await countEnds(tessera);
    await tessera.bearer('delete', '/users/me/sessions', token).expect(204);
    expect(await countOpen(tessera, id)).toBe(1);
    expect(await countEnds(tessera)).toBe(before + many);
    await addSessions(tessera, id);
    const change = { current_password: password, new_password: `${password}!` };
    await tessera.bearer('put', '/users/me/password', token).send(change).expect(204);
    expect(await countOpen(tessera, id)).toBe(1);
    expect(await countEnds(tessera)).toBe(before + 2 * many);
  });

  it('is signed out everywhere and disabled by an administrator', async ({ tessera }) => {
    const admin = (await signIn(tessera, { roles: ['admin'] })).tokens.access_token;
    const { id, token } = await busyUser(tessera);
    await tessera.bearer('delete', `/users/${id}/sessions`, admin).expect(204);
    expect(await countOpen(tessera, id)).toBe(0);
    await expectDead(tessera, token);
    await addSessions(tessera, id);
    await tessera.bearer('patch', `/users/${id}`, admin).send({ disabled: true }).expect(200);
    expect(await countOpen(tessera, id)).toBe(0);
  });

  it('keeps nobody from deleting the client that they began through', async ({ tessera }) => {
    const admin = (await signIn(tessera, { roles: ['admin'] })).tokens.access_token;
    const { client_id } = await tessera.addClient('profile:read');
    const { id } = await busyUser(tessera, client_id);
    await tessera.bearer('delete', `/clients/${client_id}`, admin).expect(204);
    expect(await countOpen(tessera, id)).toBe(1);
  });
});
