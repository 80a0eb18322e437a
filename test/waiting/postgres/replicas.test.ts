/** Three servers over one database: what is done on one holds on all. */
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, form } from '../../support/ask.ts';
import { fetchKeys, kidOf, verify } from '../../support/jwks.ts';
import { password } from '../../support/passwords.ts';
import { type Place, newPlace } from '../../support/place.ts';
import {
  type Replica,
  type Replicas,
  newUser,
  publishedBy,
  startReplicas,
  withDatabase,
} from '../../support/postgres/replicas.ts';

/** Milliseconds within which a change to the keys holds everywhere, and for what a busy machine adds. */
/** Milliseconds. Who is not told looks by itself after 30 seconds; a second is what it takes where nothing else runs. */
const told = 10_000;

let place: Place;
let replicas: Replicas;
let one: Replica;
let others: Replica[];

beforeAll(async () => {
  place = await newPlace('postgres');
  // Slow to look by themselves, so that it is seen that they are told.
  replicas = await startReplicas(place.url, 3, (environment) => ({ ...environment, REPLICA_REFRESH: '1m' }));
  const [first, ...rest] = replicas.all;
  if (first === undefined) throw new Error('no server');
  one = first;
  others = rest;
});

afterAll(async () => {
  await replicas.end();
  await place.remove();
});

async function tokenBy({ url }: Replica): Promise<string> {
  const { status, body } = await form(`${url}/token`, { grant_type: 'client_credentials', ...replicas.operator });
  expect([status, body]).toEqual([200, expect.anything()]);
  return String(body['access_token']);
}

const login = async ({ url }: Replica, username: string) =>
  (await form(`${url}/token`, { grant_type: 'password', username, password, ...replicas.operator })).body as Record<
    'access_token' | 'refresh_token',
    string
  >;

const statusWith = async ({ url }: Replica, token: string, path = '/keys') => (await ask(url + path, { token })).status;

/** What each of the others says about a token, by both ways that look at one. */
const verdictsOn = (token: string) =>
  Promise.all(
    others.map(async (replica) => ({
      status: await statusWith(replica, token),
      active: (await form(`${replica.url}/introspect`, { token, ...replicas.operator })).body['active'],
    })),
  );

async function rotate(replica: Replica): Promise<void> {
  const token = await tokenBy(replica);
  const body = JSON.stringify({ force: true });
  const { status, body: reply } = await ask(`${replica.url}/keys/rotate`, { method: 'POST', token, body });
  expect([status, reply]).toEqual([200, expect.anything()]);
}

async function revoke(replica: Replica, kid: string): Promise<void> {
  const token = await tokenBy(replica);
  const { status } = await ask(`${replica.url}/keys/${kid}/revoke`, { method: 'POST', token, body: '{}' });
  expect(status).toBe(200);
}

/** Milliseconds until all others publish the key, or do not any more. */
async function untilAllPublish(kid: string, isIn = true, begunAt = performance.now()): Promise<number> {
  for (const replica of others)
    while ((await publishedBy(replica)).includes(kid) !== isIn) {
      if (performance.now() - begunAt > 60_000) throw new Error('never');
      await sleep(5);
    }
  return performance.now() - begunAt;
}

const newestOf = async (replica: Replica) => (await publishedBy(replica)).at(-1) ?? '';

/** The connections that listen: the last that they said was that, or whether they are still there. */
const listeners = (what: string) => `select ${what} from pg_stat_activity
  where datname = current_database() and query in ('listen tessera_keys', 'select 1')`;

describe('three that start at the same moment over a database with the schema and no keys', () => {
  it('have one line of keys between them: a signer and one standby', async () => {
    const sets = await Promise.all(replicas.all.map(publishedBy));
    expect(sets[0]).toHaveLength(2);
    expect(new Set(sets.map((kids) => kids.join()))).toHaveLength(1);
    const { body } = await ask(`${one.url}/keys`, { token: await tokenBy(one) });
    const states = (body['keys'] as { state: string }[]).map(({ state }) => state);
    expect(states.toSorted()).toEqual(['active', 'standby']);
    expect(new Set(await Promise.all(replicas.all.map(async (each) => kidOf(await tokenBy(each)))))).toHaveLength(1);
  });
});

describe('a token that one has just issued', () => {
  it('is taken by all at once, whatever has become of the keys in that second', async () => {
    for (let round = 0; round < 5; round += 1) {
      // The signer has been a standby, its successor is made in this very moment; so it signs by the second rotation.
      await rotate(one);
      await rotate(one);
      const token = await tokenBy(one);
      expect(await verdictsOn(token)).toEqual(others.map(() => ({ status: 200, active: true })));
      await verify(token, await fetchKeys(one.url));
    }
  });

  it('is taken by all at once also while nobody hears of a change, since all connections that listen are ended', async () => {
    let isOver = false;
    const ending = withDatabase(place.url, async (query) => {
      while (!isOver) {
        await query(listeners('pg_terminate_backend(pid)'));
        await sleep(10);
      }
    });
    for (let round = 0; round < 5; round += 1) {
      await rotate(one);
      await rotate(one);
      expect(await verdictsOn(await tokenBy(one))).toEqual(others.map(() => ({ status: 200, active: true })));
    }
    isOver = true;
    await ending;
  });

  it('is taken by all at once also while somebody sends kids that nobody knows', async () => {
    let isOver = false;
    const [header = '', ...rest] = (await tokenBy(one)).split('.');
    const forged = (count: number) => {
      const { alg, typ } = JSON.parse(Buffer.from(header, 'base64url').toString()) as Record<string, string>;
      return [Buffer.from(JSON.stringify({ alg, typ, kid: `x${count}` })).toString('base64url'), ...rest].join('.');
    };
    const seen = new Set<number>();
    const noise = others.map(async (replica) => {
      for (let count = 0; !isOver; count += 1) seen.add(await statusWith(replica, forged(count)));
    });
    for (let round = 0; round < 4; round += 1) {
      await rotate(one);
      await rotate(one);
      expect(await verdictsOn(await tokenBy(one))).toEqual(others.map(() => ({ status: 200, active: true })));
    }
    isOver = true;
    await Promise.all(noise);
    expect([...seen]).toEqual([401]);
  });
});

describe('a change to the keys on one', () => {
  it('is published by the others as soon as they are told, mostly within a second', async () => {
    const times: number[] = [];
    for (let round = 0; round < 20; round += 1) {
      await rotate(one);
      times.push(await untilAllPublish(await newestOf(one)));
    }
    times.sort((a, b) => a - b);
    expect(times.at(-1)).toBeLessThan(told);
    expect(times[10]).toBeLessThan(1000);
  });

  it('revokes on all as soon as they are told: the key is in no set, and what it signed is refused', async () => {
    const times: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const token = await tokenBy(one);
      const kid = kidOf(token);
      expect((await verdictsOn(token)).map(({ status }) => status)).toEqual([200, 200]);
      await revoke(one, kid);
      times.push(await untilAllPublish(kid, false));
      expect(await verdictsOn(token)).toEqual(others.map(() => ({ status: 401, active: false })));
      for (const replica of replicas.all) expect(kidOf(await tokenBy(replica))).not.toBe(kid);
    }
    expect(Math.max(...times)).toBeLessThan(told);
    expect(Math.min(...times)).toBeLessThan(1000);
  });

  it('reaches those whose connection was ended within about a second as well', async () => {
    for (let round = 0; round < 3; round += 1) {
      const kid = kidOf(await tokenBy(one));
      await expect.poll(() => withDatabase(place.url, (query) => query(listeners('pid')))).toHaveLength(3);
      await withDatabase(place.url, (query) => query(listeners('pg_terminate_backend(pid)')));
      await revoke(one, kid);
      expect(await untilAllPublish(kid, false)).toBeLessThan(told);
    }
  });
});

describe('what is ended on one has ended on all', () => {
  it('a session, a disabled user', async () => {
    const { id, username } = await newUser(place.url);
    const tokens = await login(one, username);
    for (const replica of others) expect(await statusWith(replica, tokens.access_token, '/users/me')).toBe(200);
    const { sid } = decodeJwt(tokens.access_token);
    const end = await ask(`${one.url}/users/me/sessions/${String(sid)}`, {
      method: 'DELETE',
      token: tokens.access_token,
    });
    expect(end.status).toBe(204);
    for (const replica of others) {
      expect(await statusWith(replica, tokens.access_token, '/users/me')).toBe(401);
      const refresh = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token, ...replicas.operator };
      expect((await form(`${replica.url}/token`, refresh)).body).toMatchObject({ error: 'invalid_grant' });
    }

    const again = await login(one, username);
    const { headers } = await ask(`${one.url}/users/${id}`, { token: await tokenBy(one) });
    const disabled = await ask(`${one.url}/users/${id}`, {
      method: 'PATCH',
      token: await tokenBy(one),
      body: JSON.stringify({ disabled: true }),
      headers: { 'If-Match': headers.get('ETag') ?? '*' },
    });
    expect([disabled.status, disabled.body]).toEqual([200, expect.anything()]);
    for (const replica of others) {
      expect(await statusWith(replica, again.access_token, '/users/me')).toBe(401);
      expect(await login(replica, username)).toMatchObject({ error: 'invalid_grant' });
    }
  });

  it('a revoked token, a deleted client', async () => {
    const token = await tokenBy(one);
    expect((await form(`${one.url}/revoke`, { token, ...replicas.operator })).status).toBe(200);
    expect(await verdictsOn(token)).toEqual(others.map(() => ({ status: 401, active: false })));

    const made = await ask(`${one.url}/clients`, {
      method: 'POST',
      token: await tokenBy(one),
      body: JSON.stringify({ client_name: 'short-lived', scope: 'keys:read' }),
    });
    expect([made.status, made.body]).toEqual([201, expect.anything()]);
    const client = { client_id: String(made.body['client_id']), client_secret: String(made.body['client_secret']) };
    const theirs = await form(`${one.url}/token`, { grant_type: 'client_credentials', ...client });
    expect(theirs.status).toBe(200);
    const gone = await ask(`${one.url}/clients/${client.client_id}`, { method: 'DELETE', token: await tokenBy(one) });
    expect(gone.status).toBe(204);
    for (const replica of others) {
      expect(await statusWith(replica, String(theirs.body['access_token']))).toBe(401);
      expect((await form(`${replica.url}/token`, { grant_type: 'client_credentials', ...client })).status).toBe(401);
    }
  });
});

it('none of them had anything to complain about', () => {
  for (const { server } of replicas.all) expect(server.printed.stderr).toBe('');
});
