/*
 * `npm run bench:sessions`: does the cost of what ends all sessions of an account grow with their number? Whoever knows a
 * password could otherwise make it as high as they like. Each action is timed against an account with one session and
 * against one with `--many`, in turns (a list against one that is as long); while the rows of the many follow, another user
 * asks for `/users/me` all the time.
 * DATABASE_URL names an empty database of PostgreSQL; a new file of SQLite without it. Exit status: 0 no action takes more
 * than twice the time, and nobody waits 250 ms longer than without; 1 not so; 2 wrong usage.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { sql } from 'kysely';
import { placeOf } from '../src/database/place.ts';
import type { Database } from '../src/database/schema.ts';
import { type Server, freePort, startServer } from './servers.ts';
import { median, quantile } from './statistics.ts';

const password = 'correct horse battery staple';
const admin = 'administrator';

const { values } = parseArgs({
  options: { many: { type: 'string', default: '100000' }, rounds: { type: 'string', default: '5' } },
});
const [many, rounds] = [Number(values.many), Number(values.rounds)];
if (!(
  Number.isInteger(many) &&
  many >= 1 &&
  many <= 1_000_000 &&
  Number.isInteger(rounds) &&
  rounds >= 1 &&
  rounds <= 50
)) {
  console.error('--many takes a whole number from 1 to 1000000, --rounds one from 1 to 50');
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'tessera-bench-'));
process.on('exit', () => {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});
const databaseUrl = process.env['DATABASE_URL'] ?? `sqlite:${join(folder, 'tessera.db')}`;

type Account = { readonly id: string; readonly name: string; readonly token: string };
type Action = {
  readonly name: string;
  /** Sessions of the account that it is compared with; else the one that signing in began. */
  readonly few?: number;
  readonly act: (origin: string, account: Account, adminToken: string) => Promise<Response>;
};

function ask(url: string, method: string, token: string, body?: object): Promise<Response> {
  const headers = {
    Authorization: `Bearer ${token}`,
    ...(body !== undefined && { 'Content-Type': 'application/json' }),
  };
  return fetch(url, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
}

const actions: readonly Action[] = [
  {
    name: 'change the password',
    act: (origin, { token }) =>
      ask(`${origin}/users/me/password`, 'PUT', token, {
        current_password: password,
        new_password: `${password}, a new one`,
      }),
  },
  { name: 'end the others', act: (origin, { token }) => ask(`${origin}/users/me/sessions`, 'DELETE', token) },
  { name: 'end all, as admin', act: (origin, { id }, by) => ask(`${origin}/users/${id}/sessions`, 'DELETE', by) },
  { name: 'disable', act: (origin, { id }, by) => ask(`${origin}/users/${id}`, 'PATCH', by, { disabled: true }) },
  { name: 'delete, as admin', act: (origin, { id }, by) => ask(`${origin}/users/${id}`, 'DELETE', by) },
  { name: 'delete one’s own', act: (origin, { token }) => ask(`${origin}/users/me`, 'DELETE', token) },
  // The list is not longer than that.
  { name: 'list the sessions', few: 200, act: (origin, { token }) => ask(`${origin}/users/me/sessions`, 'GET', token) },
];

async function must(reply: Response): Promise<Record<string, unknown>> {
  const text = await reply.text();
  if (!reply.ok) throw new Error(`${reply.url} answered ${reply.status}: ${text}`);
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}

async function newAccount(origin: string, name: string): Promise<Account> {
  const headers = { 'Content-Type': 'application/json' };
  const body = JSON.stringify({ username: name, password });
  const { id } = await must(await fetch(`${origin}/users`, { method: 'POST', headers, body }));
  return { id: String(id), name, token: await login(origin, name) };
}

async function login(origin: string, name: string): Promise<string> {
  const body = new URLSearchParams({ grant_type: 'password', username: name, password });
  const { access_token: token } = await must(await fetch(`${origin}/token`, { method: 'POST', body }));
  return String(token);
}

/** As if the user had signed in so often. */
async function addSessions(db: Database, { id, name }: Account, count: number): Promise<void> {
  if (count === 0) return;
  const place = name.replaceAll(/\D/g, '').padStart(4, '0');
  const now = Math.floor(Date.now() / 1000);
  await sql`with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < ${sql.lit(count)})
    insert into sessions (id, user_id, client_id, scope, created_at, last_used_at, expires_at, tokens_expire_at, user_generation)
    select ${sql.lit(`00000000-${place}-4000-8000-`)} || (n + 100000000000), ${sql.lit(id)}, 'first-party', 'profile:read', ${sql.lit(now)}, ${sql.lit(now)},
      ${sql.lit(now + 90_000)}, ${sql.lit(now + 90_000)}, 0 from numbers`.execute(db);
}

/** Milliseconds of each `/users/me` of somebody else, one after the other, until `signal` says so. */
async function watch(origin: string, token: string, signal: AbortSignal): Promise<number[]> {
  const waits: number[] = [];
  while (!signal.aborted) {
    const begin = performance.now();
    await must(await ask(`${origin}/users/me`, 'GET', token));
    waits.push(performance.now() - begin);
    await sleep(3);
  }
  return waits;
}

async function watchFor(origin: string, token: string, work: Promise<unknown>): Promise<number[]> {
  const over = new AbortController();
  const watching = watch(origin, token, over.signal);
  await work.finally(() => {
    over.abort();
  });
  return watching;
}

async function measure(server: Server, db: Database): Promise<boolean> {
  const origin = `http://${server.target.host}:${server.target.port}`;
  const bystander = (await newAccount(origin, 'bystander')).token;
  const { id } = await newAccount(origin, admin);
  await db.updateTable('users').set({ roles: '["admin"]' }).where('id', '=', id).execute();
  const adminToken = await login(origin, admin);
  const usual = await watchFor(origin, bystander, sleep(3000));
  let isGood = true;
  for (const [at, { name, act, few = 1 }] of actions.entries()) {
    const times: Record<'one' | 'many', number[]> = { one: [], many: [] };
    const waits: number[] = [];
    for (let round = -1; round < rounds; round += 1)
      for (const kind of ['one', 'many'] as const) {
        const account = await newAccount(origin, `user-${at}-${round + 1}-${kind === 'many' ? 2 : 1}`);
        await addSessions(db, account, kind === 'many' ? many : few - 1);
        // What the rows themselves cost is not the question: SQLite moves them from its log with whichever write comes next.
        await must(await ask(`${origin}/users/me`, 'PATCH', account.token, { name: kind }));
        await sleep(500);
        const timed = (async () => {
          const begin = performance.now();
          const reply = await act(origin, account, adminToken);
          const took = performance.now() - begin;
          await must(reply);
          if (round >= 0) times[kind].push(took);
          // The rows of the many follow meanwhile.
          if (kind === 'many') await sleep(1500);
        })();
        waits.push(...(await watchFor(origin, bystander, timed)));
      }
    const ratio = median(times.many) / median(times.one);
    const longer = Math.max(...waits) - quantile(usual, 0.5);
    isGood &&= ratio <= 2 && longer <= 250;
    const medians = `${median(times.one).toFixed(1)} ms with ${few}, ${median(times.many).toFixed(1)} ms with ${many}`;
    console.log(
      `${name.padEnd(20)} ${ratio.toFixed(2)} (${medians}); others wait ${longer.toFixed(0)} ms longer at most`,
    );
  }
  return isGood;
}

const host = '127.0.0.1';
const port = await freePort();
const env = {
  ...{ PATH: process.env['PATH'] ?? '', HOST: host, PORT: String(port), DATABASE_URL: databaseUrl },
  ...{ KEYS_DIR: join(folder, 'keys'), LOG_LEVEL: 'warn', NODE_ENV: 'bench', RATE_LIMITS: 'off' },
};
const server = await startServer({
  args: ['src/main.ts'],
  cwd: resolve(import.meta.dirname, '..'),
  env,
  target: { host, port },
});
const engine = await placeOf(databaseUrl).open({ size: 2, statementTimeout: 0 });
try {
  process.exitCode = (await measure(server, engine.db)) ? 0 : 1;
} finally {
  await engine.db.destroy();
  await server.stop();
}
