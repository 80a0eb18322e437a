/** Limits of what succeeds, where the database is away in between: what was not made spends nothing of the owner's. */
import { describe, expect } from 'vitest';
import type { AppDependencies } from '../../../src/app-dependencies.ts';
import { policies } from '../../../src/throttling/policies.ts';
import type { Budget } from '../../../src/throttling/store.ts';
import { Unavailable } from '../../../src/unavailable.ts';
import { statuses, times, useUp } from '../../support/attempts.ts';
import { expectAlive, expectDead, signIn } from '../../support/oauth.ts';
import { type Tokens, password } from '../../support/tessera.ts';
import { type Variants, it } from '../../support/variant.ts';

type Stores = AppDependencies['stores'];
type Part = 'users' | 'sessions' | 'accessTokens' | 'rateLimits';

const nobody = '00000000-0000-4000-8000-000000000000';

/** A server with limits, of which some methods of stores find the database away, until they are told that it is back. */
async function serverWhere(variants: Variants, away: { readonly [Each in Part]?: readonly (keyof Stores[Each])[] }) {
  let isAway = true;
  const failing =
    (stores: Stores, part: Part, method: string) =>
    (...given: unknown[]) =>
      isAway
        ? Promise.reject(new Unavailable('The database is unavailable.'))
        : (stores[part] as unknown as Record<string, (...given: unknown[]) => unknown>)[method]?.(...given);
  const { request } = await variants.variant(({ stores }) => {
    const all: Record<Part, object> = { ...stores };
    for (const part of Object.keys(away) as Part[])
      for (const method of away[part] ?? []) all[part] = { ...all[part], [method]: failing(stores, part, method) };
    // Each part is what it was but for methods that refuse.
    return { rateLimits: 'on', stores: { ...stores, ...(all as Pick<Stores, Part>) } };
  });
  const form = (path: string, fields: Record<string, string>) => request.post(path).type('form').send(fields);
  const bearer = (method: 'put' | 'delete', path: string, { access_token }: Tokens) =>
    request[method](path).set('Authorization', `Bearer ${access_token}`);
  return { form, bearer, comeBack: () => (isAway = false) };
}

function sessionOf({ access_token }: Tokens): string {
  const claims = JSON.parse(Buffer.from(access_token.split('.')[1] ?? '', 'base64url').toString()) as { sid: string };
  return claims.sid;
}

type Server = Awaited<ReturnType<typeof serverWhere>>;
type Owner = { readonly id: string; readonly username: string; readonly tokens: Tokens; readonly other: Tokens };

const changePassword = (server: Server, { tokens }: Owner) =>
  server
    .bearer('put', '/users/me/password', tokens)
    .send({ current_password: password, new_password: 'tin whistle 77' });

/** Every write that is limited when it succeeds, the method that makes it, and whose budget it takes from. */
const writes: readonly {
  readonly name: string;
  readonly away: Parameters<typeof serverWhere>[1];
  readonly budget: (owner: Owner) => Budget;
  readonly make: (server: Server, owner: Owner) => ReturnType<Server['form']>;
}[] = [
  {
    name: 'a sign-in',
    away: { sessions: ['startSession'] },
    budget: ({ id }) => ({ policy: policies.signIn, of: [id] }),
    make: (server, { username }) => server.form('/token', { grant_type: 'password', username, password }),
  },
  {
    name: 'a refresh',
    away: { sessions: ['rotateRefreshToken'] },
    budget: ({ tokens }) => ({ policy: policies.refresh, of: [sessionOf(tokens)] }),
    make: (server, { tokens: { refresh_token } }) =>
      server.form('/token', { grant_type: 'refresh_token', refresh_token }),
  },
  {
    name: 'a change of the password',
    away: { users: ['replacePasswordHash'] },
    budget: ({ id }) => ({ policy: policies.newPassword, of: [id] }),
    make: changePassword,
  },
  {
    name: 'a revocation of an access token',
    away: { accessTokens: ['revokeAccessToken'] },
    budget: ({ tokens }) => ({ policy: policies.revocation, of: [sessionOf(tokens)] }),
    make: (server, { tokens }) => server.form('/revoke', { token: tokens.access_token }),
  },
  {
    name: 'the end of a session',
    away: { sessions: ['endSession'] },
    budget: ({ id }) => ({ policy: policies.sessionEnd, of: [id] }),
    make: (server, { tokens, other }) => server.bearer('delete', `/users/me/sessions/${sessionOf(other)}`, tokens),
  },
  {
    name: 'the end of all others',
    away: { sessions: ['endAllSessions'] },
    budget: ({ id }) => ({ policy: policies.sessionEnd, of: [id, 'all others'] }),
    make: (server, { tokens }) => server.bearer('delete', '/users/me/sessions', tokens),
  },
];

describe.each(writes)('$name that breaks off', ({ away, budget, make }) => {
  const startOwner = async (variants: Variants): Promise<Owner> => {
    const owner = await signIn(variants);
    const other = await variants.login(owner.username);
    const whole = { ...owner, other };
    const { policy } = budget(whole);
    await useUp(variants, budget(whole), policy.tries - 1);
    return whole;
  };
  const succeeds = (replies: readonly { status: number }[]) => {
    for (const { status } of replies) expect(status).toBeLessThan(300);
  };

  it('is not counted', async ({ variants }) => {
    const owner = await startOwner(variants);
    const server = await serverWhere(variants, away);
    for (let n = 0; n < 3; n += 1) expect((await make(server, owner)).status).toBe(503);
    server.comeBack();
    succeeds([await make(server, owner)]);
  });

  it('is not counted where it cannot be given back at once, either', async ({ variants }) => {
    const owner = await startOwner(variants);
    const server = await serverWhere(variants, { ...away, rateLimits: ['giveBack'] });
    expect((await make(server, owner)).status).toBe(503);
    expect((await make(server, owner)).status).toBe(429);
    server.comeBack();
    succeeds([await make(server, owner)]);
    // Given back once: nothing is left.
    const left = await variants.database.rateLimits.take([budget(owner)], variants.clock());
    expect(left.kind).toBe('refused');
  });
});

describe('a thief with an access token', () => {
  it('keeps no owner from ending sessions by ending what is not there, at once and under load', async ({
    variants,
  }) => {
    const { id, username, tokens: thief } = await signIn(variants);
    const owner = await variants.login(username);
    const { bearer } = await serverWhere(variants, { sessions: ['endSession'], rateLimits: ['giveBack'] });
    await useUp(variants, { policy: policies.sessionEnd, of: [id] }, 299);
    const someone = await signIn(variants);
    for (const session of [nobody, sessionOf(someone.tokens)]) {
      const asked = times(20, 0).map(() => bearer('delete', `/users/me/sessions/${session}`, thief));
      expect(statuses(await Promise.all(asked))).toEqual(times(20, 404));
    }
    const other = await serverWhere(variants, {});
    await other.bearer('delete', `/users/me/sessions/${sessionOf(thief)}`, owner).expect(204);
    await expectDead(variants, thief.access_token);
    await expectAlive(variants, someone.tokens.access_token);
  });

  it('keeps nobody from ending all where there is none to end', async ({ variants }) => {
    const { id, username, tokens: thief } = await signIn(variants);
    const { bearer } = await serverWhere(variants, { sessions: ['endAllSessions'], rateLimits: ['giveBack'] });
    await useUp(variants, { policy: policies.sessionEnd, of: [id, 'all others'] }, 299);
    const asked = times(20, 0).map(() => bearer('delete', '/users/me/sessions', thief));
    expect(statuses(await Promise.all(asked))).toEqual(times(20, 204));
    const owner = await variants.login(username);
    const other = await serverWhere(variants, {});
    await other.bearer('delete', '/users/me/sessions?current=end', owner).expect(204);
    await expectDead(variants, thief.access_token);
  });
});

describe('a reservation that cannot be given back', () => {
  it('is told where that is a fault and not the database', async ({ variants }) => {
    const { username } = await signIn(variants);
    const { request } = await variants.variant(({ stores }) => ({
      rateLimits: 'on',
      stores: { ...stores, rateLimits: { ...stores.rateLimits, giveBack: () => Promise.reject(new Error('a bug')) } },
    }));
    const login = () => request.post('/token').type('form').send({ grant_type: 'password', username, password });
    await login().expect(500);
    const away = await serverWhere(variants, { rateLimits: ['giveBack'] });
    await away.form('/token', { grant_type: 'password', username, password }).expect(200);
  });
});
