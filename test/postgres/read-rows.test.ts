/**
 * What a request costs does not grow with what others, or its user, left in the database: PostgreSQL reads as few rows for
 * an account with thousands of sessions as for one with a few. It chooses by statistics, which are old whenever much has come
 * to one account at once. So everything is asked of it with three kinds: early ones, of when there was hardly an account; old
 * ones, of usual accounts; and new ones.
 */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { followAll } from '../support/database/follow-all.ts';
import { type Credentials, refresh, rotate, signIn } from '../support/oauth.ts';
import { createStatementLog, explainingFlags } from '../support/postgres/read-rows.ts';
import { type PostgresServer, administer } from '../support/postgres-server.ts';
import { newServer } from '../support/postgres.ts';
import { type Tessera, type Tokens, openTessera, password } from '../support/tessera.ts';

/** Sessions of an account, and used refresh tokens of a session: as many again have ended. */
const many = 1_500;

/** Those that a list looks at, and some that were changed meanwhile. */
const most = 1_100;

/** What PostgreSQL itself does when an account goes at last: it meets entries of the rows that have just gone. */
const ofForeignKey = 'DELETE FROM ONLY';

let server: PostgresServer;
let tessera: Tessera;
let connection: pg.Client;
let admin: string;
let client: Credentials;
const log = createStatementLog();

beforeAll(async () => {
  server = await newServer(explainingFlags, log.add);
  await server.start();
});
afterAll(async () => {
  await server.stop();
  await server.remove();
});

/** A database with an administrator, and usual accounts unless it is early; and statistics of these. */
async function startIn(database: string, isEarly: boolean): Promise<void> {
  await administer(server.url, `create database ${database}`);
  tessera = await openTessera({ DATABASE_URL: server.url + database });
  admin = (await signIn(tessera, { roles: ['admin'] })).tokens.access_token;
  connection = new pg.Client({ connectionString: server.url + database });
  await connection.connect();
  if (!isEarly) await addUsualAccounts();
  await connection.query('analyze');
}

async function stop(): Promise<void> {
  await connection.end();
  await tessera.close();
}

type Account = { readonly id: string; readonly username: string; readonly tokens: Tokens };

/** Hundreds of accounts with a few sessions each, and a few refresh tokens in each of those. */
async function addUsualAccounts(): Promise<void> {
  const now = tessera.clock();
  await connection.query(`insert into users (id, username, username_key, password_hash, roles, created_at, updated_at)
    select 'usr_' || n, 'usual-' || n, 'usual-' || n, '', '[]', ${now}, ${now} from generate_series(1, 300) n`);
  await connection.query(`insert into sessions (id, user_id, client_id, scope, created_at, last_used_at, expires_at, tokens_expire_at, address, ended_at)
    select gen_random_uuid(), 'usr_' || n % 300 + 1, 'first-party', 'profile:read', ${now}, ${now}, ${now} + 9000 + n, ${now} + 9000 + n,
      '192.0.2.' || n % 200, case when n % 3 = 0 then ${now} end
    from generate_series(1, 1500) n`);
  await connection.query(`insert into refresh_tokens (hash, session_id, issued_at, expires_at, used_at)
    select gen_random_uuid(), id, ${now} + n, ${now} + 9000 + n, case when n > 1 then ${now} + n end
    from sessions, generate_series(1, 4) n where address is not null`);
}

/** An account that signed in thousands of times, by itself and through the client, and refreshed the tokens of one session as often. */
async function busyAccount(): Promise<Account> {
  client = await tessera.addClient('profile:read', { grantTypes: ['password', 'refresh_token'] });
  const account = await signIn(tessera);
  const now = tessera.clock();
  await connection.query(`insert into sessions (id, user_id, client_id, scope, created_at, last_used_at, expires_at, tokens_expire_at, address, ended_at)
    select gen_random_uuid(), '${account.id}', case n % 2 when 0 then 'first-party' else '${client.client_id}' end, 'profile:read',
      ${now}, ${now}, ${now + 9000}, ${now + 9000}, '198.51.100.' || n % 200, case when n > ${many} then ${now} end
    from generate_series(1, ${2 * many}) n`);
  await connection.query(`insert into refresh_tokens (hash, session_id, issued_at, expires_at, used_at)
    select gen_random_uuid(), id, ${now - 2}, ${now + 9000}, ${now - 1} from sessions, generate_series(1, ${2 * many})
    where user_id = '${account.id}' and address is null`);
  return account;
}

/** The statements that touch more rows than they may while `act` goes on. */
async function findGreedy(act: () => Promise<unknown>): Promise<unknown[]> {
  const read = await log.readWhile(act, connection);
  expect(read.length).toBeGreaterThan(1);
  return read.filter(({ statement, rows }) => rows > most && !statement.startsWith(ofForeignKey));
}

const bearer = (method: 'get' | 'put' | 'patch' | 'delete', path: string, token: string) => () =>
  tessera.bearer(method, path, token);

const actions: Readonly<Record<string, (account: Account) => Promise<unknown>>> = {
  'a request': ({ tokens }) => bearer('get', '/users/me', tokens.access_token)().expect(200),
  'a sign-in': ({ username }) => tessera.login(username),
  'a refresh': ({ tokens }) => rotate(tessera, tokens.refresh_token),
  'a refresh that is repeated': async ({ tokens }) => {
    await rotate(tessera, tokens.refresh_token);
    await rotate(tessera, tokens.refresh_token);
  },
  'a used token that comes again': async ({ tokens }) => {
    const { refresh_token: second } = await rotate(tessera, tokens.refresh_token);
    await rotate(tessera, second);
    await refresh(tessera, tokens.refresh_token).expect(400);
  },
  'an introspection': async ({ tokens }) => {
    const observer = await tessera.addClient('tokens:introspect');
    await tessera.form('/introspect', { token: tokens.refresh_token, ...observer }).expect(200);
    await tessera.form('/introspect', { token: tokens.access_token, ...observer }).expect(200);
  },
  'a revocation': ({ tokens }) => tessera.form('/revoke', { token: tokens.refresh_token }).expect(200),
  'the list of sessions': ({ tokens }) => bearer('get', '/users/me/sessions', tokens.access_token)().expect(200),
  'the end of one session': async ({ tokens }) => {
    const list = await bearer('get', '/users/me/sessions', tokens.access_token)().expect(200);
    const { sessions } = list.body as { sessions: { id: string }[] };
    await bearer('delete', `/users/me/sessions/${sessions[7]?.id ?? ''}`, tokens.access_token)().expect(204);
  },
  'the end of the others': async ({ tokens }) => {
    await bearer('delete', '/users/me/sessions', tokens.access_token)().expect(204);
    await followAll(tessera.database);
  },
  'a new password': async ({ tokens }) => {
    const change = { current_password: password, new_password: `${password}!` };
    await bearer('put', '/users/me/password', tokens.access_token)().send(change).expect(200);
    await followAll(tessera.database);
  },
  'an account that is disabled': async ({ id }) => {
    await bearer('patch', `/users/${id}`, admin)().send({ disabled: true }).expect(200);
    await followAll(tessera.database);
  },
  'an account that is deleted': async ({ tokens }) => {
    await bearer('delete', '/users/me', tokens.access_token)().expect(204);
    await followAll(tessera.database);
  },
  'a client that is deleted': async () => {
    await bearer('delete', `/clients/${client.client_id}`, admin)().expect(204);
    await followAll(tessera.database);
  },
  'a device that is known, and one that is not': async ({ username, tokens }) => {
    const login = { usernameKey: username.toLowerCase(), clientId: 'first-party' };
    const { rateLimits } = tessera.database;
    await rateLimits.findDevice({ ...login, refreshToken: tokens.refresh_token, address: null });
    await rateLimits.findDevice({ ...login, refreshToken: 'made up', address: '203.0.113.9' });
    await rateLimits.findDevice({ ...login, refreshToken: null, address: '198.51.100.199' });
  },
  'what removes expired rows': async () => {
    const end = tessera.clock() + 40 * 86_400;
    while ((await tessera.database.expiredRows.removeSome(end, 100)) > 0);
  },
};

describe.each(['early', 'old', 'new'])('with %s statistics', (statistics) => {
  beforeAll(() => startIn(`with_${statistics}`, statistics === 'early'));
  afterAll(stop);

  it.each(Object.entries(actions))('%s reads few rows', { timeout: 60_000 }, async (_, act) => {
    const account = await busyAccount();
    if (statistics === 'new') await connection.query('analyze');
    expect(await findGreedy(() => act(account))).toEqual([]);
  });
});
