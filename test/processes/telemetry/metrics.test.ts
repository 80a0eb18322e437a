import { beforeAll, describe, expect, it } from 'vitest';
import { routes } from '../../../src/generated/routes.ts';
import { form } from '../../support/ask.ts';
import { freePort } from '../../support/free-port.ts';
import { type Sample, parseMetrics, scrape, valueOf } from '../../support/metrics.ts';
import { runCommand } from '../../support/command.ts';
import type { Installation } from '../../support/installation.ts';
import { password } from '../../support/passwords.ts';
import { sharedServer } from '../../support/server-process.ts';

const managementPort = await freePort();
const server = sharedServer({
  MANAGEMENT_PORT: String(managementPort),
  RATE_LIMITS: 'on',
  TRUST_PROXY: 'loopback',
  REFRESH_REUSE_GRACE: '0s',
  LOG_LEVEL: 'silent',
});
const management = `http://127.0.0.1:${managementPort}`;

let client = { client_id: '', client_secret: '' };

type Tokens = { access_token: string; refresh_token: string };

const askForTokens = (fields: Record<string, string>) => form<Tokens>(`${server.url}/token`, fields);
const login = (username: string, text = password) => askForTokens({ grant_type: 'password', username, password: text });
const refresh = (token: string) => askForTokens({ grant_type: 'refresh_token', refresh_token: token });

/** How much each of the numbers grew while `work` was done. */
async function growth(
  work: () => Promise<unknown>,
): Promise<(name: string, labels?: Record<string, string>) => number> {
  const before = await scrape(managementPort);
  await work();
  const after = await scrape(managementPort);
  return (name, labels) => (valueOf(after, name, labels) ?? 0) - (valueOf(before, name, labels) ?? 0);
}

beforeAll(async () => {
  const installation: Installation = server;
  const made = await runCommand('clients', ['create', '--name', 'a', '--scope', 'a', '--json'], installation);
  client = JSON.parse(made.stdout) as typeof client;
  for (const username of ['augusta-ada', 'amazing-grace'])
    await runCommand('users', ['create', '--username', username, '--password-stdin'], installation, password);
});

describe('the numbers of a running server', () => {
  it('count requests by operation and status, and how long they took', async () => {
    const grown = await growth(async () => {
      for (let times = 0; times < 3; times += 1) await fetch(`${server.url}/.well-known/jwks.json`);
      await fetch(`${server.url}/users/me`);
      await fetch(`${server.url}/users/usr_${'A'.repeat(22)}`, { method: 'DELETE' });
      for (const path of ['/nowhere', '/nowhere/else']) await fetch(server.url + path);
      await fetch(`${server.url}/livez`);
    });
    const requests = 'tessera_http_requests_total';
    expect(grown(requests, { operation: 'getJwks', status: '200' })).toBe(3);
    expect(grown(requests, { operation: 'getCurrentUser', status: '401' })).toBe(1);
    expect(grown(requests, { operation: 'deleteUser', status: '401' })).toBe(1);
    expect(grown(requests, { operation: 'none', status: '404' })).toBe(2);
    expect(grown(requests, { operation: 'getLiveness', status: '200' })).toBe(1);
    expect(grown(requests)).toBe(8);
    const durations = 'tessera_http_request_duration_seconds';
    expect(grown(`${durations}_count`, { operation: 'getJwks' })).toBe(3);
    expect(grown(`${durations}_bucket`, { operation: 'getJwks', le: '+Inf' })).toBe(3);
    expect(grown(`${durations}_sum`, { operation: 'getJwks' })).toBeGreaterThan(0);
    expect(grown(`${durations}_sum`, { operation: 'getJwks' })).toBeLessThan(10);
  });

  it('count tokens by grant, refused logins and used refresh tokens that come again', async () => {
    const grown = await growth(async () => {
      const { body } = await login('augusta-ada');
      expect((await refresh(body.refresh_token)).status).toBe(200);
      expect((await refresh(body.refresh_token)).status).toBe(400);
      await askForTokens({ grant_type: 'client_credentials', ...client });
      expect(
        (await askForTokens({ grant_type: 'client_credentials', client_id: 'x', client_secret: 'y' })).status,
      ).toBe(401);
      expect((await login('augusta-ada', 'not the password')).status).toBe(400);
      expect((await login('nobody')).status).toBe(400);
    });
    for (const grant of ['password', 'refresh_token', 'client_credentials'])
      expect(grown('tessera_tokens_issued_total', { grant })).toBe(1);
    expect(grown('tessera_refresh_reuse_total')).toBe(1);
    expect(grown('tessera_login_failures_total')).toBe(2);
    expect(grown('tessera_throttled_total')).toBe(0);
  });

  it('count refresh tokens from other clients than their own, and what is denied to who may do more than every user', async () => {
    const made = await runCommand('clients', ['create', '--name', 'b', '--scope', 'keys:read', '--json'], server);
    const { client_id, client_secret } = JSON.parse(made.stdout) as typeof client;
    const grown = await growth(async () => {
      const { body } = await login('augusta-ada');
      for (let times = 0; times < 2; times += 1)
        await form(`${server.url}/revoke`, { token: body.refresh_token, ...client });
      const asUser = { headers: { Authorization: `Bearer ${body.access_token}` } };
      expect((await fetch(`${server.url}/keys`, asUser)).status).toBe(403);
      const { body: own } = await askForTokens({ grant_type: 'client_credentials', client_id, client_secret });
      const asClient = { headers: { Authorization: `Bearer ${own.access_token}` } };
      for (let times = 0; times < 3; times += 1)
        expect((await fetch(`${server.url}/audit-events`, asClient)).status).toBe(403);
    });
    expect(grown('tessera_refresh_misuse_total')).toBe(2);
    expect(grown('tessera_access_denied_total')).toBe(3);
  });

  it('count who tries too often, by policy, and not as another failed login', async () => {
    const grown = await growth(async () => {
      for (let times = 0; times < 10; times += 1) await login('amazing-grace', 'not the password');
      for (let times = 0; times < 2; times += 1) expect((await login('amazing-grace')).status).toBe(429);
    });
    expect(grown('tessera_throttled_total', { policy: 'login-account' })).toBe(2);
    expect(grown('tessera_throttled_total')).toBe(2);
    expect(grown('tessera_login_failures_total')).toBe(10);
  });

  it('count requests of which a trusted proxy does not tell the client, by reason', async () => {
    const from = (forwarded?: string) =>
      form(
        `${server.url}/token`,
        { grant_type: 'password', username: 'nobody', password },
        forwarded === undefined ? {} : { 'X-Forwarded-For': forwarded },
      );
    const grown = await growth(async () => {
      for (const forwarded of ['unknown', '203.0.113.9:0', undefined, '203.0.113.9:4711']) await from(forwarded);
      // Nothing depends on where this one comes from.
      await fetch(`${server.url}/livez`);
    });
    expect(grown('tessera_client_address_unknown_total', { reason: 'malformed' })).toBe(2);
    expect(grown('tessera_client_address_unknown_total', { reason: 'missing' })).toBe(1);
  });

  it('say how the keys stand, and how long it is to the next rotation', async () => {
    const list = JSON.parse((await runCommand('keys', ['list', '--json'], server)).stdout) as {
      keys: { kid: string; state: string }[];
    };
    const samples = await scrape(managementPort);
    for (const state of ['standby', 'active', 'retiring', 'retired', 'revoked'])
      expect(valueOf(samples, 'tessera_keys', { state })).toBe(list.keys.filter((key) => key.state === state).length);
    expect(valueOf(samples, 'tessera_keys', { state: 'active' })).toBe(1);
    for (const verdict of ['rejected', 'waiting'])
      expect(valueOf(samples, 'tessera_keys_left_out', { verdict })).toBe(0);
    const ages = samples.filter(({ name }) => name === 'tessera_key_age_seconds');
    expect(ages.map(({ labels }) => labels)).toEqual(
      expect.arrayContaining(list.keys.map(({ kid, state }) => ({ kid, state }))),
    );
    for (const { value } of ages) expect(value >= 0 && value < 300).toBe(true);
    const next = valueOf(samples, 'tessera_key_next_rotation_seconds') ?? 0;
    expect(next > 29 * 86_400 && next <= 30 * 86_400).toBe(true);
  });

  it('say what is still to follow from decisions, by kind', async () => {
    const samples = await scrape(managementPort);
    for (const kind of ['sessions', 'accounts']) expect(valueOf(samples, 'tessera_follow_up_owed', { kind })).toBe(0);
  });

  it('say what is under way: passwords, readiness, and the event loop', async () => {
    const work = Array.from({ length: 12 }, (_, at) => login(`nobody-${at}`));
    let busiest = 0;
    let waiting = 0;
    for (let looks = 0; looks < 20; looks += 1) {
      const samples = await scrape(managementPort);
      busiest = Math.max(busiest, valueOf(samples, 'tessera_password_hashes', { state: 'running' }) ?? 0);
      waiting = Math.max(waiting, valueOf(samples, 'tessera_password_hashes', { state: 'waiting' }) ?? 0);
      expect(valueOf(samples, 'tessera_ready')).toBe(1);
      expect(valueOf(samples, 'nodejs_eventloop_lag_p99_seconds')).toBeGreaterThan(0);
    }
    await Promise.all(work);
    expect(busiest).toBeGreaterThanOrEqual(1);
    expect(waiting).toBeGreaterThanOrEqual(1);
    expect(valueOf(await scrape(managementPort), 'tessera_password_hashes')).toBe(0);
  });

  it('have labels from a closed list, and nobody in them, whatever was asked', async () => {
    for (const path of ['/a', '/b?c=d', `/users/usr_${'B'.repeat(22)}`, '/%00', '/clients/cli_x/secrets/sec_y'])
      for (const method of ['GET', 'DELETE', 'PURGE', 'OPTIONS']) await fetch(server.url + path, { method });
    const text = await (await fetch(`${management}/metrics`)).text();
    for (const secret of [
      'augusta-ada',
      'amazing-grace',
      'nobody',
      client.client_id,
      client.client_secret,
      'usr_',
      '127.0.0.1',
    ])
      expect(text).not.toContain(secret);
    const allowed: Record<string, (value: string) => boolean> = {
      operation: (value) => ['none', 'preflight'].includes(value) || value in routes.operations,
      status: (value) => /^([1-5][0-9]{2}|aborted)$/.test(value),
      grant: (value) => ['password', 'refresh_token', 'client_credentials'].includes(value),
      policy: (value) => /^[a-z-]+$/.test(value),
      state: (value) => /^(standby|active|retiring|retired|revoked|running|waiting|open|idle)$/.test(value),
      verdict: (value) => ['rejected', 'waiting'].includes(value),
      kid: (value) => value.length > 0,
      reason: (value) => ['missing', 'malformed'].includes(value),
      network: (value) => ['same', 'other'].includes(value),
      kind: (value) => ['sessions', 'accounts'].includes(value),
      le: (value) => value === '+Inf' || Number(value) > 0,
    };
    const ours = parseMetrics(text).filter(({ name }) => name.startsWith('tessera_'));
    expect(ours.length).toBeGreaterThan(50);
    const strays = ours.flatMap(({ labels }: Sample) =>
      Object.entries(labels).filter(([label, value]) => allowed[label]?.(value) !== true),
    );
    expect(strays).toEqual([]);
  });
});

describe('the management listener', () => {
  it('has three pages, which can be read, and nothing else', async () => {
    const metrics = await fetch(`${management}/metrics`);
    expect(metrics.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(metrics.headers.get('cache-control')).toBe('no-store');
    expect((await fetch(`${management}/livez`)).status).toBe(200);
    expect((await fetch(`${management}/readyz`)).status).toBe(200);
    expect((await fetch(`${management}/metrics?a=b`)).status).toBe(200);
    for (const path of ['/', '/token', '/.well-known/jwks.json', '/metrics/', '/constructor', '/__proto__'])
      expect({ path, status: (await fetch(management + path)).status }).toEqual({ path, status: 404 });
    for (const method of ['POST', 'DELETE', 'OPTIONS']) {
      const reply = await fetch(`${management}/metrics`, { method });
      expect([reply.status, reply.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    }
    expect((await fetch(`${management}/readyz?verbose`)).status).toBe(200);
    const head = await fetch(`${management}/metrics`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    for (const path of ['/livez', '/readyz?verbose', '/nothing']) {
      const [read, asked] = await Promise.all(['GET', 'HEAD'].map((method) => fetch(management + path, { method })));
      expect(asked?.status).toBe(read?.status);
      const told = ['content-type', 'content-length', 'cache-control'].map((name) => asked?.headers.get(name));
      expect(told).toEqual(['content-type', 'content-length', 'cache-control'].map((name) => read?.headers.get(name)));
      expect(told).not.toContain(null);
    }
  });

  it('is apart from the one for everybody', async () => {
    expect((await fetch(`${server.url}/metrics`)).status).toBe(404);
  });
});
