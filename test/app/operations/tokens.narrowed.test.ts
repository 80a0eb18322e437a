/** What a client loses is gone from the tokens that it has, here and at introspection, as a user's roles are. */
import { describe, expect } from 'vitest';
import { administrator, forUsers, tokenOf } from '../../support/clients.ts';
import { expectProblem, introspect, signIn } from '../../support/oauth.ts';
import { type Tessera, issuer, it } from '../../support/tessera.ts';

const orders = 'https://orders.example.com';

/** A client, and a user who signed in through it; `change` is what an administrator does to the client. */
async function start(tessera: Tessera, scope: string, members: Parameters<Tessera['addClient']>[1] = forUsers) {
  const client = await tessera.addClient(scope, members);
  const whole = await administrator(tessera);
  const change = async (changes: object) => {
    await tessera.bearer('patch', `/clients/${client.client_id}`, whole).send(changes).expect(200);
  };
  return { client, change };
}

const scopeOf = async (tessera: Tessera, token: string) =>
  ((await introspect(tessera, token)) as { scope?: string }).scope;

const areInactive = async (tessera: Tessera, tokens: readonly string[]) => {
  for (const token of tokens) expect(await introspect(tessera, token)).toEqual({ active: false });
};

describe('the tokens of a client that has lost', () => {
  it('a scope have it no more, those of its users as well, and have it back when it has', async ({ tessera }) => {
    const { client, change } = await start(tessera, 'profile:read profile:write orders:read');
    const own = await tokenOf(tessera, client);
    const { tokens } = await signIn(tessera, { client });
    await tessera.bearer('patch', '/users/me', tokens.access_token).send({ name: 'Ada' }).expect(200);

    await change({ scope: 'orders:read profile:read' });
    expect(await scopeOf(tessera, own)).toBe('profile:read orders:read');
    expect(await scopeOf(tessera, tokens.access_token)).toBe('profile:read');
    expect(await scopeOf(tessera, tokens.refresh_token)).toBe('profile:read');
    expectProblem(await tessera.bearer('patch', '/users/me', tokens.access_token).send({ name: 'Eve' }), 403);
    await tessera.bearer('get', '/users/me', tokens.access_token).expect(200);

    await change({ scope: 'profile:read profile:write orders:read' });
    expect(await scopeOf(tessera, own)).toBe('profile:read profile:write orders:read');
    await tessera.bearer('patch', '/users/me', tokens.access_token).send({ name: 'Ada' }).expect(200);
  });

  it('every scope that they have are dead', async ({ tessera }) => {
    const { client, change } = await start(tessera, 'profile:read orders:read');
    const own = await tokenOf(tessera, { ...client, scope: 'orders:read' });
    const { tokens } = await signIn(tessera, { client });
    await change({ scope: 'orders:write' });
    await areInactive(tessera, [own, tokens.access_token, tokens.refresh_token]);
    expectProblem(await tessera.bearer('get', '/users/me', tokens.access_token), 401);
  });

  it('a scope of administrators have it no more', async ({ tessera }) => {
    const { client, change } = await start(tessera, 'users:read profile:read');
    const own = await tokenOf(tessera, client);
    await tessera.bearer('get', '/users', own).expect(200);
    await change({ scope: 'profile:read' });
    expectProblem(await tessera.bearer('get', '/users', own), 403);
  });

  it('an audience are dead where they are for it, and no others', async ({ tessera }) => {
    const { client, change } = await start(tessera, 'profile:read', { ...forUsers, audiences: [issuer, orders] });
    const there = await tokenOf(tessera, { ...client, resource: orders });
    const here = await tokenOf(tessera, { ...client, resource: issuer });
    const users = await signIn(tessera, { client, resource: orders });
    const own = await signIn(tessera, { client, resource: issuer });
    await change({ audiences: [issuer] });
    await areInactive(tessera, [there, users.tokens.access_token, users.tokens.refresh_token]);
    for (const token of [here, own.tokens.access_token, own.tokens.refresh_token])
      expect(await introspect(tessera, token)).toMatchObject({ active: true });
    await tessera.bearer('get', '/users/me', own.tokens.access_token).expect(200);
    await change({ audiences: [] });
    await tessera.bearer('get', '/users/me', own.tokens.access_token).expect(200);
    await change({ audiences: [orders] });
    expectProblem(await tessera.bearer('get', '/users/me', own.tokens.access_token), 401);
    await areInactive(tessera, [here]);
  });

  it('a grant are dead where they came by it', async ({ tessera }) => {
    const { client, change } = await start(tessera, 'profile:read');
    const own = await tokenOf(tessera, client);
    const { tokens } = await signIn(tessera, { client });
    const isActive = async (token: string) => ((await introspect(tessera, token)) as { active: boolean }).active;

    await change({ grant_types: ['password', 'refresh_token'] });
    await areInactive(tessera, [own]);
    expect(await isActive(tokens.access_token)).toBe(true);
    await change({ grant_types: ['client_credentials', 'password'] });
    await areInactive(tessera, [tokens.refresh_token]);
    expect(await isActive(own)).toBe(true);
    expect(await isActive(tokens.access_token)).toBe(true);
    await change({ grant_types: ['client_credentials'] });
    await areInactive(tessera, [tokens.access_token, tokens.refresh_token]);
    expectProblem(await tessera.bearer('get', '/users/me', tokens.access_token), 401);
  });

  it('nothing are as they were', async ({ tessera }) => {
    const { client, change } = await start(tessera, 'profile:read');
    const { tokens } = await signIn(tessera, { client });
    const before = await introspect(tessera, tokens.access_token);
    await change({ client_name: 'renamed', access_token_lifetime: 60, scope: 'profile:read orders:read' });
    expect(await introspect(tessera, tokens.access_token)).toEqual(before);
  });
});
