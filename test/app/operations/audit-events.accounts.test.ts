import { describe, expect, it } from 'vitest';
import { rowsOf } from '../../support/database.ts';
import { type Event, newOperator } from '../../support/key-operator.ts';
import { refresh, signIn } from '../../support/oauth.ts';
import { type Tessera, type Tokens, password, startTessera } from '../../support/tessera.ts';

async function start() {
  const tessera = await startTessera({ REPLY_CHECKS: 'enforce' });
  const operator = await newOperator(tessera);
  /** The events of an account, the oldest first. */
  const storyOf = async (id: string) => (await operator.events(`?subject=${id}&limit=200`)).events.toReversed();
  const admin = await signIn(tessera, { roles: ['admin'] });
  return { tessera, operator, storyOf, admin };
}

const here = '127.0.0.1';
const byUser = (id: string) => ({ kind: 'caller', sub: id, client_id: 'first-party' });
const factsOf = (events: Event[]) => events.map(({ type, detail }) => (detail === null ? type : `${type}: ${detail}`));

async function register(tessera: Tessera, body: object): Promise<string> {
  const reply = await tessera.request.post('/users').send(body).expect(201);
  return (reply.body as { id: string }).id;
}

describe('the audit events of an account', () => {
  it('tell what its user does: who, when, from where and how it came out [ASVS-6.3.7]', async () => {
    const { tessera, storyOf } = await start();
    const id = await register(tessera, { username: 'ada', password });
    let { access_token: token } = await tessera.login('ada');
    const me = (method: 'patch' | 'put' | 'delete', path: string, body?: object) =>
      tessera.bearer(method, `/users/me${path}`, token).send(body);
    tessera.clock.advance(5);
    await me('patch', '', { name: 'Ada', username: 'ada.l' }).expect(200);
    await me('patch', '', { name: 'Ada' }).expect(200);
    await me('patch', '', { username: 'ADA.L' }).expect(200);
    await me('put', '/password', { current_password: 'a wrong one', new_password: 'tin whistle 77' }).expect(400);
    await me('put', '/password', { current_password: password, new_password: 'short' }).expect(400);
    const passwords = { current_password: password, new_password: 'tin whistle 77' };
    token = ((await me('put', '/password', passwords).expect(200)).body as Tokens).access_token;
    await me('delete', '').expect(204);

    const events = await storyOf(id);
    expect(factsOf(events)).toEqual([
      'user.registered',
      'user.updated: username, name',
      'user.updated: username',
      'user.password_refused',
      'user.password_changed',
      'user.deleted',
    ]);
    const [registered, ...others] = events;
    const common = { subject: id, address: here, reason: null };
    expect(registered).toMatchObject({ ...common, at: '2026-09-21T14:13:20Z', actor: { kind: 'anonymous' } });
    for (const event of others)
      expect(event).toMatchObject({ ...common, at: '2026-09-21T14:13:25Z', actor: byUser(id) });
    expect(events.map(({ outcome }) => outcome)).toEqual([
      'success',
      'success',
      'success',
      'failure',
      'success',
      'success',
    ]);
  });

  it('tell what an administrator does, once for each change, with the sessions that end', async () => {
    const { tessera, operator, storyOf, admin } = await start();
    const user = await signIn(tessera);
    const elsewhere = await tessera.login(user.username);
    const change = (body: object) =>
      tessera.bearer('patch', `/users/${user.id}`, admin.tokens.access_token).send(body).expect(200);
    await change({ roles: ['admin', 'auditor'] });
    await change({ roles: ['auditor', 'admin'] });
    await change({ roles: [] });
    await change({ disabled: true });
    await change({ disabled: true });
    await change({ disabled: false, roles: ['support'] });
    await tessera.login(user.username);
    await tessera.bearer('delete', `/users/${user.id}/sessions`, admin.tokens.access_token).expect(204);
    await tessera.bearer('delete', `/users/${user.id}`, admin.tokens.access_token).expect(204);

    const events = await storyOf(user.id);
    expect(factsOf(events).slice(1)).toEqual([
      'user.roles_changed: roles: admin, auditor',
      'user.roles_changed: roles: none',
      'user.disabled',
      'user.enabled',
      'user.roles_changed: roles: support',
      'user.deleted',
    ]);
    for (const event of events.slice(1))
      expect(event).toMatchObject({ actor: byUser(admin.id), address: here, outcome: 'success' });

    const { sid } = JSON.parse(Buffer.from(elsewhere.access_token.split('.')[1] ?? '', 'base64url').toString()) as {
      sid: string;
    };
    const ofSession = await storyOf(sid);
    expect(factsOf(ofSession).at(-1)).toBe(`session.ended: account disabled, of ${user.id}`);
    expect(ofSession.at(-1)).toMatchObject({ actor: byUser(admin.id), address: here });
    const ended = (await operator.events('?type=session.ended')).events;
    expect(factsOf(ended)).toEqual([
      `session.ended: ended by an administrator, of ${user.id}`,
      `session.ended: account disabled, of ${user.id}`,
      `session.ended: account disabled, of ${user.id}`,
    ]);
  });

  it('tell of changed passwords which sessions ended with them', async () => {
    const { tessera, operator } = await start();
    const { id, username, tokens } = await signIn(tessera);
    await tessera.login(username);
    const body = { current_password: password, new_password: 'tin whistle 77' };
    await tessera.bearer('put', '/users/me/password', tokens.access_token).send(body).expect(200);
    expect(factsOf((await operator.events('?type=session.ended')).events)).toEqual([
      `session.ended: password changed, of ${id}`,
      `session.ended: password changed, of ${id}`,
    ]);
  });

  it('leave nothing of what was refused but the refusals that are events themselves', async () => {
    const { tessera, operator, storyOf, admin } = await start();
    const support = await signIn(tessera, { roles: ['support'] });
    const before = (await operator.events()).events.length;
    const path = `/users/${admin.id}`;
    await tessera.bearer('patch', path, support.tokens.access_token).send({ disabled: true }).expect(403);
    await tessera.bearer('delete', path, support.tokens.access_token).expect(403);
    await tessera.bearer('delete', path, admin.tokens.access_token).expect(409);
    await tessera.bearer('patch', path, admin.tokens.access_token).send({ password: 'x' }).expect(400);
    await tessera.request.post('/users').send({ username: admin.username, password }).expect(409);
    const { events } = await operator.events();
    expect(factsOf(events.slice(0, events.length - before))).toEqual([
      'access.denied: deleteUser',
      'access.denied: updateUser',
    ]);
    expect(factsOf(await storyOf(admin.id))).toEqual(['user.registered: roles: admin']);
  });
});

describe('the audit events of logins that fail', () => {
  it('name the account if there is one, where it came from, and through which client [ASVS-6.3.5]', async () => {
    const { tessera, operator } = await start();
    const user = await tessera.newUser();
    const disabled = await tessera.newUser();
    await tessera.disableUser(disabled.id);
    const attempt = (username: string, secret: string) =>
      tessera.form('/token', { grant_type: 'password', username, password: secret }).expect(400);
    await attempt(user.username, 'a wrong one');
    await attempt('nobody-of-that-name', 'a wrong one');
    await attempt('two words', 'a wrong one');
    await attempt(disabled.username, password);
    await attempt(disabled.username, 'a wrong one');

    const { events } = await operator.events('?type=session.refused');
    const common = { actor: { kind: 'anonymous' }, address: here, outcome: 'failure', reason: null };
    for (const event of events) expect(event).toMatchObject(common);
    const through = 'through first-party';
    expect(events.toReversed().map(({ subject, detail }) => [subject, detail])).toEqual([
      [user.id, through],
      [null, through],
      [null, through],
      [disabled.id, `${through}, account disabled`],
      [disabled.id, `${through}, account disabled`],
    ]);
  });

  it('have nothing in them that was typed, whatever was typed where', async () => {
    const { tessera } = await start();
    const { username } = await tessera.newUser();
    const typed = ['typed-as-a-name', 'typed-as-a-password', 'Passw0rd-in-the-wrong-field', 'current-but-wrong'];
    const [name = '', secret = '', misplaced = '', current = ''] = typed;
    for (const [who, what] of [
      [name, secret],
      [username, secret],
      [misplaced, ''],
    ] as const)
      await tessera.form('/token', { grant_type: 'password', username: who, password: what }).expect(400);
    const { tokens } = await signIn(tessera);
    await refresh(tessera, tokens.refresh_token).expect(200);
    const body = { current_password: current, new_password: `${secret}-2` };
    await tessera.bearer('put', '/users/me/password', tokens.access_token).send(body).expect(400);
    const change = { current_password: password, new_password: `${secret}-2` };
    await tessera.bearer('put', '/users/me/password', tokens.access_token).send(change).expect(200);

    const table = await rowsOf(tessera.databaseUrl, 'audit_events');
    const users = await rowsOf(tessera.databaseUrl, 'users');
    expect(table.length).toBeGreaterThan(8);
    const written = JSON.stringify(table);
    // By the look of a token, and not by `eyJ` alone, which an id may have in it.
    expect(written).not.toMatch(/\beyJ[\w-]+\.[\w-]+\./);
    const text = written.toLowerCase();
    const secrets = [...typed, password, username, tokens.access_token, tokens.refresh_token, '$argon2', 'trt_'];
    for (const each of [...secrets, ...users.map((user) => String(user['password_hash']))])
      expect({ each, found: text.includes(each.toLowerCase()) }).toEqual({ each, found: false });
  });
});
