/** The audit trail tells of the first 429 before a limit begins anew, and of no other. */
import { describe, expect } from 'vitest';
import type { AuditEvent } from '../../../src/audit/event.ts';
import { openDatabase } from '../../../src/database/open.ts';
import { policies } from '../../../src/throttling/policies.ts';
import { elsewhere, failToLogIn, inTurn, it, logIn, statuses, times, use, useUp, via } from '../../support/attempts.ts';
import { refresh, signIn } from '../../support/oauth.ts';
import { type Tessera, password } from '../../support/tessera.ts';
import { it as itWithVariants } from '../../support/variant.ts';

async function told({ database }: Pick<Tessera, 'database'>, of: Partial<AuditEvent>): Promise<AuditEvent[]> {
  const page = { before: null, limit: 200, types: ['limit.reached'] as const };
  const events = (await database.audit.listEvents(page)) ?? [];
  return events.filter((event) =>
    Object.entries(of).every(([name, value]) => event[name as keyof AuditEvent] === value),
  );
}

describe('the limit of an account', () => {
  it('is told when it is reached, and again when it is reached anew', async ({ tessera }) => {
    const { id, username } = await tessera.newUser();
    const replies = await inTurn(10, () => failToLogIn(tessera, { username, from: elsewhere() }));
    expect(statuses(replies)).toEqual(times(10, 400));
    expect(await told(tessera, { subject: id })).toEqual([]);
    const from = elsewhere();
    tessera.clock.advance(500);
    const first = tessera.clock();
    expect((await failToLogIn(tessera, { username, from })).status).toBe(429);
    for (let n = 0; n < 5; n += 1) expect((await logIn(tessera, { username, from: elsewhere() })).status).toBe(429);
    tessera.clock.advance(399);
    expect((await logIn(tessera, { username, from })).status).toBe(429);
    const expected = { actor: { kind: 'anonymous' }, address: from, detail: 'login-account', reason: null };
    expect(await told(tessera, { subject: id })).toMatchObject([{ ...expected, at: first }]);

    // The time of the budget is over, and so is that of its event, though not as long has passed since.
    tessera.clock.advance(1);
    await inTurn(10, () => failToLogIn(tessera, { username, from: elsewhere() }));
    expect((await failToLogIn(tessera, { username, from })).status).toBe(429);
    expect(await told(tessera, { subject: id })).toHaveLength(2);
  });

  it('is told of one that is not there without the name that was typed', async ({ tessera }) => {
    const from = elsewhere();
    const username = 'typed-by-nobody';
    await inTurn(10, () => failToLogIn(tessera, { username, from: elsewhere() }));
    expect((await failToLogIn(tessera, { username, from })).status).toBe(429);
    const events = await told(tessera, { address: from });
    expect(events).toMatchObject([{ subject: null, detail: 'login-account' }]);
    expect(JSON.stringify(events)).not.toContain('typed');
  });

  it('is told with who has it used up, where that is known', async ({ tessera }) => {
    const { id, tokens } = await signIn(tessera);
    const actor = { kind: 'caller', sub: id, clientId: 'first-party' };
    await useUp(tessera, { policy: policies.profileChange, of: [id] }, 300);
    await useUp(tessera, { policy: policies.newPassword, of: [id] }, 20);
    const change = { current_password: password, new_password: 'tin whistle 77' };
    for (let n = 0; n < 2; n += 1) {
      await tessera.bearer('patch', '/users/me', tokens.access_token).send({ name: 'x' }).expect(429);
      await tessera.bearer('put', '/users/me/password', tokens.access_token).send(change).expect(429);
    }
    const events = await told(tessera, { subject: id });
    expect(events).toMatchObject([
      { actor, detail: 'new-password' },
      { actor, detail: 'profile-change' },
    ]);
  });
});

describe('the limit of a session', () => {
  it('is told with its id', async ({ tessera }) => {
    const { tokens } = await signIn(tessera);
    const [, claims = ''] = tokens.access_token.split('.');
    const { sid } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { sid: string };
    await useUp(tessera, { policy: policies.refresh, of: [sid] }, 60);
    for (let n = 0; n < 3; n += 1) await refresh(tessera, tokens.refresh_token).expect(429);
    expect(await told(tessera, { subject: sid })).toMatchObject([{ detail: 'refresh', address: '127.0.0.1' }]);
  });
});

describe('the limit of a network', () => {
  it('is told with the address, and beside that of an account that is reached at once', async ({ tessera }) => {
    const { id, username } = await tessera.newUser();
    const from = elsewhere();
    await use(tessera, policies.loginNetwork, from, 100);
    await useUp(tessera, { policy: policies.loginAccount, of: [username] }, 10);
    for (let n = 0; n < 3; n += 1) expect((await failToLogIn(tessera, { username, from })).status).toBe(429);
    const events = await told(tessera, { address: from });
    expect(events.map(({ subject, detail }) => [subject, detail]).sort()).toEqual([
      [null, 'login-network'],
      [id, 'login-account'],
    ]);
  });

  it('is told of failing clients: of the client that is registered, and of the network', async ({ tessera }) => {
    const { client_id } = await tessera.addClient('orders:read');
    const from = elsewhere();
    const fail = (id: string) =>
      via(tessera.form('/token', { grant_type: 'client_credentials', client_id: id, client_secret: 'x' }), from);
    await inTurn(33, () => fail(client_id));
    expect(await told(tessera, { address: from })).toMatchObject([{ subject: client_id, detail: 'client' }]);
    await inTurn(33, (n) => fail(`cli_${n}`));
    const events = await told(tessera, { address: from, subject: null });
    expect(events).toMatchObject([{ detail: 'client' }]);
  });

  itWithVariants('is told once by all servers together', async ({ variants }) => {
    const stores = await openDatabase(variants.databaseUrl);
    const servers = [
      await variants.variant(() => ({ rateLimits: 'on' })),
      await variants.variant(() => ({ rateLimits: 'on', stores })),
    ];
    await use(variants, policies.registration, '127.0.0.1', 100);
    const register = () =>
      servers.map(({ request }) => request.post('/users').send({ username: 'somebody', password }).expect(429));
    await Promise.all([...register(), ...register()]);
    expect(await told(variants, { detail: 'registration' })).toHaveLength(1);
    await stores.close();
  });
});
