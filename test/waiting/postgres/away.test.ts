/** A database that goes away, as a whole server sees it: what can be served still is, the rest is refused soon. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, ask, form } from '../../support/ask.ts';
import { password } from '../../support/passwords.ts';
import { type PostgresServer, administer } from '../../support/postgres-server.ts';
import { newServer } from '../../support/postgres.ts';
import { type Replicas, newUser, startReplicas, withDatabase } from '../../support/postgres/replicas.ts';
import { type Proxy, newProxy } from '../../support/postgres/proxy.ts';

/** Seconds after which a statement is given up: who waited for that would be refused far later than `soon`. */
const DATABASE_TIMEOUT = '20s';

/** Milliseconds: nobody waits longer for a refusal, and on a machine that has other things to do, too. */
const soon = 10_000;

/** Milliseconds that a request would take at the least if it waited for a database that is known to be away. */
const waitOfOne = 1000;

let postgres: PostgresServer;
let proxy: Proxy;
let replicas: Replicas;
let url: string;
let token: string;
let username: string;

beforeAll(async () => {
  postgres = await newServer(['-c', 'max_connections=30']);
  await postgres.start();
  await administer(postgres.url, 'create database tessera');
  proxy = await newProxy(Number(new URL(postgres.url).port));
  const through = new URL(`${postgres.url}tessera`);
  through.port = String(proxy.port);
  replicas = await startReplicas(through.href, 1, (environment) => ({
    ...environment,
    REPLICA_REFRESH: '2s',
    DATABASE_TIMEOUT,
  }));
  url = replicas.all[0]?.url ?? '';
  ({ username } = await newUser(`${postgres.url}tessera`));
  token = String((await issue()).body['access_token']);
});

afterAll(async () => {
  await replicas.end();
  proxy.close();
  await postgres.stop();
  await postgres.remove();
});

/** Whatever has been done to the database, the same process serves again. */
afterEach(async () => {
  for (const works of [ready, issue, me])
    await expect.poll(async () => (await works()).status, { timeout: 30_000 }).toBe(200);
});

const issue = () => form(`${url}/token`, { grant_type: 'client_credentials', ...replicas.operator });
const login = () => form(`${url}/token`, { grant_type: 'password', username, password, ...replicas.operator });
const me = () => ask(`${url}/keys`, { token });
const ready = () => ask(`${url}/readyz`);

/** All that needs the database, at the same moment. */
function askEverything(): Promise<Answer[]> {
  return Promise.all([
    issue(),
    login(),
    me(),
    ready(),
    form(`${url}/introspect`, { token, ...replicas.operator }),
    form(`${url}/revoke`, { token: 'x'.repeat(43), ...replicas.operator }),
    ask(`${url}/users`, { method: 'POST', body: JSON.stringify({ username: 'grace', password }) }),
    ask(`${url}/users?limit=2`, { token }),
  ]);
}

function expectRefusal({ status, headers, body, milliseconds }: Answer, within: number): void {
  expect([status, headers.get('Retry-After')]).toEqual([503, expect.stringMatching(/^[1-9]\d*$/)]);
  if (headers.get('Content-Type')?.startsWith('application/problem+json')) expect(body).toMatchObject({ status: 503 });
  else expect(body).toMatchObject({ error: 'temporarily_unavailable' });
  expect(milliseconds).toBeLessThan(within);
}

async function expectServed(): Promise<void> {
  const paths = ['/.well-known/jwks.json', '/.well-known/oauth-authorization-server', '/openapi.json', '/livez'];
  for (const path of paths) {
    const { status, milliseconds } = await ask(url + path);
    expect([path, status]).toEqual([path, 200]);
    expect(milliseconds).toBeLessThan(soon);
  }
}

/** In a row, since what one request takes is as much the machine's doing. */
async function expectNobodyWaits(): Promise<void> {
  const count = 10;
  const begunAt = performance.now();
  for (let asked = 0; asked < count; asked += 1) expect((await issue()).status).toBe(503);
  expect(performance.now() - begunAt).toBeLessThan(count * waitOfOne);
}

/** Where `isKnown`, the first refusals are enough for the server to know that the database is away. */
async function expectAway({ isKnown = true } = {}): Promise<void> {
  await expectServed();
  for (let round = 0; round < 2; round += 1) for (const answer of await askEverything()) expectRefusal(answer, soon);
  if (isKnown) await expectNobodyWaits();
  // By now the view of the keys is older than it may be.
  await sleep(2500);
  await expectServed();
}

async function endConnections(): Promise<void> {
  await withDatabase(`${postgres.url}postgres`, (query) =>
    query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = 'tessera'`),
  );
}

/** Until the server has none, though it tries to have one. */
async function takeAllConnections(): Promise<pg.Client[]> {
  const hoard = [await connected()];
  for (;;) {
    const more = await connected().catch(() => null);
    if (more !== null) {
      hoard.push(more);
      continue;
    }
    // Those, too, that are about to begin, and do not say yet of which database.
    const ended = await hoard[0]?.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where backend_type = 'client backend' and datname is distinct from 'postgres'`,
    );
    if (ended?.rowCount === 0) return hoard;
  }
}

async function connected(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: `${postgres.url}postgres` });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** The postmaster and all that it has started. */
async function processesOf(): Promise<number[]> {
  const rows = await withDatabase(`${postgres.url}postgres`, (query) =>
    query("select pg_read_file('postmaster.pid') as file"),
  );
  const postmaster = Number(String(rows[0]?.['file']).split('\n')[0]);
  const children = readFileSync(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8').trim().split(' ');
  return [postmaster, ...children.map(Number)];
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids)
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended.
    }
}

describe('a database', () => {
  it('that was stopped refuses connections, which is said at once, and serves when it is started again', async () => {
    await postgres.stop();
    try {
      await expectAway();
    } finally {
      await postgres.start();
    }
  }, 90_000);

  it('whose machine hangs does not keep anybody waiting', async () => {
    const pids = await processesOf();
    signalAll(pids, 'SIGSTOP');
    try {
      await expectAway();
    } finally {
      signalAll(pids, 'SIGCONT');
    }
  }, 90_000);

  it('that the network has swallowed does not keep anybody waiting, and requests do not pile up', async () => {
    proxy.blackHole();
    try {
      await expectAway();
      await expectNobodyWaits();
    } finally {
      proxy.heal();
    }
  }, 90_000);

  it('that ends all connections costs the requests on them, and no more', async () => {
    for (let round = 0; round < 5; round += 1) {
      await Promise.all(Array.from({ length: 10 }, issue));
      await endConnections();
      await sleep(100);
      expect((await issue()).status).toBe(200);
    }
  });

  it('that is restarted again and again under load gives right answers or 503', async () => {
    let isOver = false;
    const seen = new Set<number>();
    const load = Array.from({ length: 4 }, async () => {
      while (!isOver) seen.add((await issue()).status);
    });
    for (let round = 0; round < 2; round += 1) {
      await sleep(300);
      await postgres.crash();
      await sleep(300);
      await postgres.start();
    }
    await expect.poll(async () => (await issue()).status, { timeout: 30_000 }).toBe(200);
    isOver = true;
    await Promise.all(load);
    expect([...seen].toSorted()).toEqual([200, 503]);
  }, 90_000);

  it('with a lock that somebody holds is given up soon, and only by those who need it', async () => {
    const client = new pg.Client({ connectionString: `${postgres.url}tessera` });
    await client.connect();
    await client.query('begin; lock table users in access exclusive mode');
    try {
      expectRefusal(await login(), soon);
      expect((await issue()).status).toBe(200);
      expect((await ready()).status).toBe(200);
    } finally {
      await client.query('rollback');
      await client.end();
    }
  });

  it('whose connections this server has used up makes others wait for a while, not for ever', async () => {
    const client = new pg.Client({ connectionString: `${postgres.url}tessera` });
    await client.connect();
    await client.query('begin; lock table users in access exclusive mode');
    try {
      const answers = await Promise.all(Array.from({ length: 25 }, login));
      for (const answer of answers) expectRefusal(answer, soon);
    } finally {
      await client.query('rollback');
      await client.end();
    }
  });

  it('that has no connection left says so at once', async () => {
    const hoard = await takeAllConnections();
    try {
      for (const answer of await askEverything()) expectRefusal(answer, soon);
      await expectServed();
    } finally {
      await Promise.all(hoard.map((client) => client.end()));
    }
  }, 90_000);

  it('that only reads, as after a failover, is not asked any more: what it says may be out of date', async () => {
    await administer(postgres.url, 'alter database tessera set default_transaction_read_only = on');
    await endConnections();
    try {
      await expectAway({ isKnown: false });
    } finally {
      await administer(postgres.url, 'alter database tessera reset default_transaction_read_only');
    }
  }, 90_000);

  it('that comes to be read-only under a connection is left by the first who writes', async () => {
    await login();
    await administer(postgres.url, `alter system set default_transaction_read_only = on`);
    await administer(postgres.url, 'select pg_reload_conf()');
    try {
      await expect.poll(async () => (await login()).status, { timeout: 30_000 }).toBe(503);
      await expectAway({ isKnown: false });
    } finally {
      await withDatabase(`${postgres.url}postgres`, async (query) => {
        await query('set default_transaction_read_only = off');
        await query('alter system reset default_transaction_read_only');
        await query('select pg_reload_conf()');
      });
    }
  }, 90_000);

  it('whose password was changed refuses new connections, and its error has no secret in the log', async () => {
    const secret = new URL(postgres.url).password;
    await withDatabase(`${postgres.url}postgres`, async (query) => {
      await query(`alter role tessera password 'another'`);
      await query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = 'tessera'`);
      try {
        await expectAway({ isKnown: false });
      } finally {
        await query(`alter role tessera password '${secret}'`);
      }
    });
    const { stderr } = replicas.all[0]?.server.printed ?? { stderr: '' };
    expect(stderr).toContain('password authentication failed');
    for (const each of [secret, replicas.operator.client_secret, password, token, username])
      expect(stderr).not.toContain(each);
  }, 90_000);

  it('whose word that something is done gets lost on the way is not said to have done it', async () => {
    const before = await ready();
    expect(before.status).toBe(200);
    proxy.loseReplies();
    try {
      expectRefusal(await login(), soon);
    } finally {
      proxy.heal();
    }
  });

  it('is waited for by nobody who shuts the server down', async () => {
    const own = await startReplicas(`${postgres.url.replace(/:\d+\/$/, `:${proxy.port}/`)}tessera`, 1);
    const [replica] = own.all;
    if (replica === undefined) throw new Error('no server');
    proxy.blackHole();
    const stuck = form(`${replica.url}/token`, { grant_type: 'client_credentials', ...own.operator });
    await sleep(200);
    const begunAt = performance.now();
    replica.server.child.kill('SIGTERM');
    expectRefusal(await stuck, soon);
    expect((await replica.server.ended).code).toBe(0);
    expect(performance.now() - begunAt).toBeLessThan(20_000);
    proxy.heal();
  }, 90_000);
});
