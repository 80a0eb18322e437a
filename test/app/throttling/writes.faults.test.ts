/** Limits of what succeeds: what breaks off, waits or writes nothing neither spends nor holds anything of the owner's. */
import { describe, expect } from 'vitest';
import type { AppDependencies } from '../../../src/server/app-dependencies.ts';
import { policies } from '../../../src/throttling/policies.ts';
import type { Budget } from '../../../src/throttling/store.ts';
import { Unavailable } from '../../../src/unavailable.ts';
import { isPostgres } from '../../support/place.ts';
import { statuses, times, useUp } from '../../support/attempts.ts';
import { expectAlive, expectDead, sessionOf, signIn } from '../../support/oauth.ts';
import { type Tokens, password } from '../../support/tessera.ts';
import { type Variant, type Variants, it } from '../../support/variant.ts';
import { waitFor } from '../../support/wait.ts';
import { connectTo } from '../../support/database.ts';

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
  return { ...askedBy(request), comeBack: () => (isAway = false) };
}

function askedBy(request: Variant['request']) {
  return {
    form: (path: string, fields: Record<string, string>) => request.post(path).type('form').send(fields),
    bearer: (method: 'put' | 'patch' | 'delete', path: string, { access_token }: Tokens) =>
      request[method](path).set('Authorization', `Bearer ${access_token}`),
  };
}

type Server = Pick<Awaited<ReturnType<typeof serverWhere>>, 'form' | 'bearer'>;
type Owner = Awaited<ReturnType<typeof signIn>> & { readonly other: Tokens; readonly more: Tokens };
type Method = { readonly of: Part; readonly name: string };

const refreshWith = (server: Server, { refresh_token }: Tokens) =>
  server.form('/token', { grant_type: 'refresh_token', refresh_token });

/** A server with limits, of which one method of a store is begun and waits until it may go on. */
async function serverWhereWaits(variants: Variants, { of, name }: Method) {
  const { promise: released, resolve: goOn } = Promise.withResolvers<undefined>();
  let begun = 0;
  const { request } = await variants.variant(({ stores }) => {
    const methods = stores[of] as unknown as Record<string, (...given: unknown[]) => unknown>;
    const waiting = async (...given: unknown[]) => {
      begun += 1;
      await released;
      return methods[name]?.(...given);
    };
    // The store is what it was, but for one method that does the same later.
    return { rateLimits: 'on', stores: { ...stores, [of]: { ...methods, [name]: waiting } } };
  });
  return {
    ...askedBy(request),
    under: (count: number) => waitFor(() => begun >= count),
    goOn: () => {
      goOn(undefined);
    },
  };
}

/** Every write that is limited when it succeeds, the method that makes it, and whose budget it takes from. */
const writes: readonly {
  readonly name: string;
  readonly method: Method;
  /** A table whose rows it writes. */
  readonly table: string;
  readonly budget: (owner: Owner) => Budget;
  readonly make: (server: Server, owner: Owner) => ReturnType<Server['form']>;
}[] = [
  {
    name: 'a sign-in',
    method: { of: 'sessions', name: 'startSession' },
    table: 'sessions',
    budget: ({ id }) => ({ policy: policies.signIn, of: [id] }),
    make: (server, { username }) => server.form('/token', { grant_type: 'password', username, password }),
  },
  {
    name: 'a refresh',
    method: { of: 'sessions', name: 'rotateRefreshToken' },
    table: 'refresh_tokens',
    budget: ({ tokens }) => ({ policy: policies.refresh, of: [sessionOf(tokens)] }),
    make: (server, { tokens }) => refreshWith(server, tokens),
  },
  {
    name: 'a refresh that comes again',
    method: { of: 'sessions', name: 'repeatRefreshToken' },
    table: 'sessions',
    budget: ({ other }) => ({ policy: policies.repeat, of: [sessionOf(other)] }),
    make: (server, { other }) => refreshWith(server, other),
  },
  {
    name: 'a change of the password',
    method: { of: 'users', name: 'replacePasswordHash' },
    table: 'audit_events',
    budget: ({ id }) => ({ policy: policies.newPassword, of: [id] }),
    make: (server, { tokens }) =>
      server
        .bearer('put', '/users/me/password', tokens)
        .send({ current_password: password, new_password: 'tin whistle 77' }),
  },
  {
    name: 'a change of the account',
    method: { of: 'users', name: 'updateUser' },
    table: 'audit_events',
    budget: ({ id }) => ({ policy: policies.profileChange, of: [id] }),
    make: (server, { tokens }) => server.bearer('patch', '/users/me', tokens).send({ name: 'Ada' }),
  },
  {
    name: 'a revocation of an access token',
    method: { of: 'accessTokens', name: 'revokeAccessToken' },
    table: 'audit_events',
    budget: ({ tokens }) => ({ policy: policies.revocation, of: [sessionOf(tokens)] }),
    make: (server, { tokens }) => server.form('/revoke', { token: tokens.access_token }),
  },
  {
    name: 'the end of a session',
    method: { of: 'sessions', name: 'endSession' },
    table: 'audit_events',
    budget: ({ id }) => ({ policy: policies.sessionEnd, of: [id] }),
    make: (server, { tokens, more }) => server.bearer('delete', `/users/me/sessions/${sessionOf(more)}`, tokens),
  },
  {
    name: 'the end of all others',
    method: { of: 'sessions', name: 'endAllSessions' },
    table: 'audit_events',
    budget: ({ id }) => ({ policy: policies.sessionEnd, of: [id, 'all others'] }),
    make: (server, { tokens }) => server.bearer('delete', '/users/me/sessions', tokens),
  },
];

/** Somebody with three sessions, the token of `other` used; one try is left of what the write takes from. */
async function startOwner(variants: Variants, budget: (owner: Owner) => Budget): Promise<Owner> {
  const owner = await signIn(variants);
  const [other, more] = [await variants.login(owner.username), await variants.login(owner.username)];
  await variants.form('/token', { grant_type: 'refresh_token', refresh_token: other.refresh_token }).expect(200);
  const whole = { ...owner, other, more };
  await useUp(variants, budget(whole), budget(whole).policy.tries - 1);
  return whole;
}

async function expectLastTry(variants: Variants, budget: Budget, kind: 'taken' | 'refused'): Promise<void> {
  expect((await variants.database.rateLimits.take([budget], variants.clock())).kind).toBe(kind);
}

/** From now on rows cannot be written, those alone whose key begins so where that is given. Returns what mends it. */
async function breakTable(url: string, table: string, keys?: string): Promise<() => Promise<void>> {
  const connection = await connectTo(url);
  const run = async (statements: readonly string[]) => {
    for (const statement of statements) await connection.all(statement);
  };
  if (isPostgres) {
    const allowed = keys === undefined ? 'false' : `key not like '${keys}:%'`;
    await run([`alter table ${table} add constraint broken check (${allowed}) not valid`]);
    return () => run([`alter table ${table} drop constraint broken`]);
  }
  const when = keys === undefined ? '' : `when new.key like '${keys}:%'`;
  const trigger = (event: string) =>
    `create trigger broken_${event} before ${event} on ${table} ${when} begin select raise(abort, 'broken'); end`;
  await run([trigger('insert'), trigger('update')]);
  return () => run(['drop trigger broken_insert', 'drop trigger broken_update']);
}

describe.each(writes)('$name', ({ method, table, budget, make }) => {
  it('that breaks off half-way is not counted', async ({ variants }) => {
    const owner = await startOwner(variants, budget);
    const server = await serverWhere(variants, {});
    const mend = await breakTable(variants.databaseUrl, table);
    for (let n = 0; n < 3; n += 1) expect((await make(server, owner)).status).toBe(500);
    await mend();
    expect((await make(server, owner)).status).toBeLessThan(300);
    await expectLastTry(variants, budget(owner), 'refused');
  });

  it('that cannot be counted is not made', async ({ variants }) => {
    const owner = await startOwner(variants, budget);
    const server = await serverWhere(variants, {});
    const mend = await breakTable(variants.databaseUrl, 'rate_limits', budget(owner).policy.name);
    expect((await make(server, owner)).status).toBe(500);
    await mend();
    expect((await make(server, owner)).status).toBeLessThan(300);
    await expectLastTry(variants, budget(owner), 'refused');
  });

  it('holds no try that somebody needs elsewhere while it is under way', async ({ variants }) => {
    const owner = await startOwner(variants, budget);
    const [waiting, other] = [await serverWhereWaits(variants, method), await serverWhere(variants, {})];
    const asked = times(3, 0).map(async () => (await make(waiting, owner)).status);
    await waiting.under(3);
    expect((await make(other, owner)).status).toBeLessThan(300);
    waiting.goOn();
    await Promise.all(asked);
    await expectLastTry(variants, budget(owner), 'refused');
  });
});

describe('a thief with an access token', () => {
  it('keeps no owner from ending sessions by ending what is not there, and begins no write', async ({ variants }) => {
    const { id, username, tokens: thief } = await signIn(variants);
    const owner = await variants.login(username);
    const { bearer } = await serverWhere(variants, { sessions: ['endSession'] });
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

  it('keeps nobody from ending all where there is none to end, and begins no write', async ({ variants }) => {
    const { id, username, tokens: thief } = await signIn(variants);
    const { bearer } = await serverWhere(variants, { sessions: ['endAllSessions'] });
    await useUp(variants, { policy: policies.sessionEnd, of: [id, 'all others'] }, 299);
    const asked = times(20, 0).map(() => bearer('delete', '/users/me/sessions', thief));
    expect(statuses(await Promise.all(asked))).toEqual(times(20, 204));
    const owner = await variants.login(username);
    const other = await serverWhere(variants, {});
    await other.bearer('delete', '/users/me/sessions?current=end', owner).expect(204);
    await expectDead(variants, thief.access_token);
  });

  it('keeps no owner from revoking others by revoking one that is revoked, and begins no write', async ({
    variants,
  }) => {
    const { tokens } = await signIn(variants);
    const next = (await variants.form('/token', {
      grant_type: 'refresh_token',
      refresh_token: tokens.refresh_token,
    })) as { body: Tokens };
    const budget = { policy: policies.revocation, of: [sessionOf(tokens)] };
    await useUp(variants, budget, 58);
    const other = await serverWhere(variants, {});
    await other.form('/revoke', { token: tokens.access_token }).expect(200);
    const { form } = await serverWhere(variants, { accessTokens: ['revokeAccessToken'] });
    const asked = times(20, 0).map(() => form('/revoke', { token: tokens.access_token }));
    expect(statuses(await Promise.all(asked))).toEqual(times(20, 200));
    await other.form('/revoke', { token: next.body.access_token }).expect(200);
    await expectDead(variants, next.body.access_token);
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
