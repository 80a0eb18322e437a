/** A refresh token that comes again within the grace: who is forgiven, what is told of it, and who is out. */
import { describe, expect } from 'vitest';
import { elsewhere, via } from '../../support/attempts.ts';
import { connectTo } from '../../support/database.ts';
import { parseMetrics, valueOf } from '../../support/metrics.ts';
import { expectAlive, expectDead, expectOAuthError, refresh, signIn } from '../../support/oauth.ts';
import { prometheusMeter } from '../../../src/telemetry/prometheus.ts';
import { type Tessera, type Tokens, it, openTessera, startTessera } from '../../support/tessera.ts';

/** After a jump of the clock a server looks at its keys again, which takes a quarter of a second, unless it may do so later. */
const looksSeldom = { KEY_PUBLISH_BEFORE: '3d', REPLICA_REFRESH: '2d' };
const proxied = { TRUST_PROXY: 'loopback', SESSION_LIFETIME: '400d', ...looksSeldom };
const home = '192.0.2.1';
const quarter = 900;
const day = 86_400;

const test = it.extend('tessera', { scope: 'file' }, async ({}, { onCleanup }) => {
  const tessera = await openTessera(proxied);
  onCleanup(() => tessera.close());
  return tessera;
});

async function refreshFrom(tessera: Tessera, token: string, from: string): Promise<string> {
  return ((await via(refresh(tessera, token), from).expect(200)).body as Tokens).refresh_token;
}

/** A session of somebody at home. */
async function signInAtHome(tessera: Tessera): Promise<{ id: string; tokens: Tokens; held: string }> {
  const { id, tokens } = await signIn(tessera);
  return { id, tokens, held: await refreshFrom(tessera, tokens.refresh_token, home) };
}

async function eventsOf({ database }: Tessera, { access_token }: Tokens) {
  const claims = Buffer.from(access_token.split('.')[1] ?? '', 'base64url').toString();
  const { sid } = JSON.parse(claims) as { sid: string };
  const events = (await database.audit.listEvents({ before: null, limit: 200, subject: sid })) ?? [];
  return events.filter(({ type }) => type !== 'session.started').reverse();
}

describe('a repeat', () => {
  test('from the same network is told as an event, once an hour and session at most', async ({ tessera }) => {
    const { id, tokens, held: first } = await signInAtHome(tessera);
    const began = tessera.clock();
    let held = first;
    for (let minutes = 0; minutes < 120; minutes += 15) {
      tessera.clock.advance(quarter);
      const next = await refreshFrom(tessera, held, home);
      for (const from of [home, '192.0.2.200', home]) expect(await refreshFrom(tessera, held, from)).toBe(next);
      held = next;
    }
    expect(await eventsOf(tessera, tokens)).toMatchObject(
      [quarter, quarter + 3600].map((after) => ({
        type: 'session.repeated',
        at: began + after,
        actor: { kind: 'anonymous' },
        address: home,
        detail: `from the same network, of ${id}`,
      })),
    );
  });

  test('from elsewhere is told of each rotation, and answered for two of ten; the third ends the session [RFC9700-4.14.2/reuse]', async ({
    tessera,
  }) => {
    const { id, tokens, held: first } = await signInAtHome(tessera);
    let held = first;
    const others = [elsewhere(), elsewhere()];
    for (const from of others) {
      tessera.clock.advance(quarter);
      const next = await refreshFrom(tessera, held, home);
      // However often, and back and forth.
      for (const each of [from, home, from, from]) expect(await refreshFrom(tessera, held, each)).toBe(next);
      held = next;
    }
    tessera.clock.advance(quarter);
    const last = (await via(refresh(tessera, held), home).expect(200)).body as Tokens;
    const thief = elsewhere();
    expectOAuthError(await via(refresh(tessera, held), thief), 400, 'invalid_grant');
    await expectDead(tessera, last.access_token);
    expectOAuthError(await via(refresh(tessera, last.refresh_token), home), 400, 'invalid_grant');
    expect(await eventsOf(tessera, tokens)).toMatchObject([
      { type: 'session.repeated', address: others[0], detail: `from another network, of ${id}` },
      { type: 'session.repeated', address: home, detail: `from the same network, of ${id}` },
      { type: 'session.repeated', address: others[1], detail: `from another network, of ${id}` },
      {
        type: 'session.reused',
        actor: { kind: 'anonymous' },
        address: thief,
        detail: `used refresh token, again and again from another network, of ${id}`,
      },
    ]);
  });

  test('from elsewhere is told though a second tab has just been, and hides none of those', async ({ tessera }) => {
    const { tokens, held } = await signInAtHome(tessera);
    const next = await refreshFrom(tessera, held, home);
    const thief = elsewhere();
    for (const from of [thief, home, thief]) expect(await refreshFrom(tessera, held, from)).toBe(next);
    tessera.clock.advance(quarter);
    const last = await refreshFrom(tessera, next, home);
    for (const from of [home, thief]) expect(await refreshFrom(tessera, next, from)).toBe(last);
    expect((await eventsOf(tessera, tokens)).map(({ address, type }) => [type, address])).toEqual([
      ['session.repeated', thief],
      ['session.repeated', home],
      ['session.repeated', thief],
    ]);
  });

  test('from elsewhere is forgiven again once ten rotations have passed', async ({ tessera }) => {
    const { held: first } = await signInAtHome(tessera);
    let held = first;
    for (let rotations = 0; rotations < 32; rotations += 1) {
      tessera.clock.advance(quarter);
      const next = await refreshFrom(tessera, held, home);
      if (rotations % 10 < 2) await refreshFrom(tessera, held, elsewhere());
      held = next;
    }
    await refreshFrom(tessera, held, home);
  });

  test('is never forgiven once the successor has been used, wherever it comes from', async ({ tessera }) => {
    const { tokens, held } = await signInAtHome(tessera);
    const next = await refreshFrom(tessera, held, home);
    await refreshFrom(tessera, next, home);
    expectOAuthError(await via(refresh(tessera, held), home), 400, 'invalid_grant');
    await expectDead(tessera, tokens.access_token);
    expect((await eventsOf(tessera, tokens)).map(({ type }) => type)).toEqual(['session.reused']);
  });

  test('that is refused for its scope is none', async ({ tessera }) => {
    const { tokens, held } = await signInAtHome(tessera);
    await refreshFrom(tessera, held, home);
    for (let times = 0; times < 3; times += 1) {
      const reply = await via(refresh(tessera, held, { scope: 'tokens:introspect' }), elsewhere());
      expectOAuthError(reply, 400, 'invalid_scope');
    }
    expect(await eventsOf(tessera, tokens)).toEqual([]);
  });

  test('of one session is nothing to another of the same user', async ({ tessera }) => {
    const { username, tokens } = await signIn(tessera);
    const sessions = [tokens, await tessera.login(username), await tessera.login(username)];
    for (const session of sessions) {
      const next = await refreshFrom(tessera, session.refresh_token, home);
      expect(await refreshFrom(tessera, session.refresh_token, elsewhere())).toBe(next);
    }
    for (const session of sessions) {
      await expectAlive(tessera, session.access_token);
      expect(await eventsOf(tessera, session)).toHaveLength(1);
    }
  });

  it('is counted by network, apart from the reuse that ends a session', async () => {
    const { meter, registry } = prometheusMeter({ operations: [], grants: [], policies: [] });
    const tessera = await startTessera(proxied, () => ({ meter }));
    let { held } = await signInAtHome(tessera);
    for (const from of [home, home, elsewhere(), elsewhere(), elsewhere()]) {
      const next = await refreshFrom(tessera, held, home);
      await via(refresh(tessera, held), from);
      held = next;
    }
    const samples = parseMetrics(await registry.metrics());
    expect(valueOf(samples, 'tessera_refresh_repeats_total', { network: 'same' })).toBe(2);
    expect(valueOf(samples, 'tessera_refresh_repeats_total', { network: 'other' })).toBe(2);
    expect(valueOf(samples, 'tessera_refresh_reuse_total')).toBe(1);
  });
});

describe('a thief in another network, with one stolen pair', () => {
  test.for([
    ['behind the client', 'polls', quarter],
    ['before the client', 'is first', quarter],
    ['behind the client, once a month', 'polls', 29 * day],
  ] as const)('who comes %s is out within five rotations [ASVS-10.4.5]', async ([, how, pause], { tessera }) => {
    const { tokens, held: first } = await signInAtHome(tessera);
    let held = first;
    let rotations = 0;
    for (; rotations < 5; rotations += 1) {
      tessera.clock.advance(pause);
      const order = how === 'polls' ? [home, elsewhere()] : [elsewhere(), home];
      const replies = [await via(refresh(tessera, held), order[0]), await via(refresh(tessera, held), order[1])];
      const [reply] = replies;
      if (replies.some(({ status }) => status !== 200)) break;
      held = (reply?.body as Tokens).refresh_token;
    }
    expect(rotations).toBeLessThan(5);
    await expectDead(tessera, tokens.access_token);
    expect((await eventsOf(tessera, tokens)).at(-1)).toMatchObject({ type: 'session.reused' });
  });
});

describe('on two servers over one database', () => {
  async function startTwo(): Promise<readonly [Tessera, Tessera]> {
    const one = await startTessera(proxied);
    const two = await startTessera({ ...proxied, DATABASE_URL: one.databaseUrl });
    return [one, two];
  }

  it('a thief who repeats at one what the client had from the other is out within five', async () => {
    const [one, two] = await startTwo();
    let { held } = await signInAtHome(one);
    const statuses: number[] = [];
    for (let n = 0; n < 5 && !statuses.includes(400); n += 1) {
      for (const { clock } of [one, two]) clock.advance(quarter);
      const [before, behind] = n % 2 === 0 ? [one, two] : [two, one];
      const next = await refreshFrom(before, held, home);
      statuses.push((await via(refresh(behind, held), elsewhere())).status);
      held = next;
    }
    expect(statuses).toEqual([200, 200, 400]);
    for (const tessera of [one, two]) expectOAuthError(await refresh(tessera, held), 400, 'invalid_grant');
  });

  it('two tabs that refresh at the same moment for months are never out, and told of once an hour at most', async () => {
    const [one, two] = await startTwo();
    const { tokens, held: first } = await signInAtHome(one);
    let held = first;
    for (let n = 0; n < 45; n += 1) {
      const pause = n % 3 === 0 ? 6 * day : quarter;
      for (const { clock } of [one, two]) clock.advance(pause);
      const from = `192.0.${Math.floor(n / 5)}.7`;
      const tabs = await Promise.all([one, two].map((tessera) => refreshFrom(tessera, held, from)));
      expect(new Set(tabs).size).toBe(1);
      held = tabs[0] ?? '';
    }
    const told = (await eventsOf(two, tokens)).map(({ type, at }) => {
      expect(type).toBe('session.repeated');
      return at;
    });
    // The two refreshes after each that is told are of the same hour.
    expect(told).toHaveLength(15);
  });

  it('ten repeats at the same moment from as many networks are one rotation, told of once', async () => {
    const [one, two] = await startTwo();
    const { tokens, held } = await signInAtHome(one);
    const next = await refreshFrom(one, held, home);
    const replies = await Promise.all(
      Array.from({ length: 10 }, (_, at) => refreshFrom(at % 2 === 0 ? one : two, held, elsewhere())),
    );
    expect(new Set(replies)).toEqual(new Set([next]));
    expect(await eventsOf(one, tokens)).toHaveLength(1);
    await refreshFrom(two, next, home);
  });

  it('what one remembers is not lost when the other rotates just then', async () => {
    const [one, two] = await startTwo();
    let { held } = await signInAtHome(one);
    const outcomes: string[] = [];
    for (let n = 0; n < 8 && !outcomes.includes('out'); n += 1) {
      const next = await refreshFrom(one, held, home);
      const [stolen, rotated] = await Promise.all([
        via(refresh(one, held), elsewhere()),
        via(refresh(two, next), home),
      ]);
      // Either the thief was there before the successor was used, or the session is over.
      outcomes.push(stolen.status === 200 && rotated.status === 200 ? 'forgiven' : 'out');
      held = (rotated.body as Tokens).refresh_token;
    }
    expect(outcomes.at(-1)).toBe('out');
    expect(outcomes.length).toBeLessThanOrEqual(5);
  });
});

describe('a client', () => {
  test('that loses each 20th reply, moves at each loss, or loses two in a row, is never out for months', async ({
    tessera,
  }) => {
    const { tokens, held: first } = await signInAtHome(tessera);
    let held = first;
    let at = home;
    for (let n = 1; n <= 62; n += 1) {
      tessera.clock.advance(n % 10 === 0 ? 20 * day : quarter);
      const next = await refreshFrom(tessera, held, at);
      for (let lost = 0; n % 20 < 2 && lost < 2; lost += 1) {
        at = elsewhere();
        tessera.clock.advance(4);
        expect(await refreshFrom(tessera, held, at)).toBe(next);
      }
      held = next;
    }
    const types = new Set((await eventsOf(tessera, tokens)).map(({ type }) => type));
    expect(types).toEqual(new Set(['session.repeated']));
  });
});

describe('a server of the version before, over the same database', () => {
  /** What it writes when it rotates. */
  async function rotateAsBefore({ databaseUrl, clock }: Tessera, { access_token }: Tokens): Promise<void> {
    const { sid } = JSON.parse(Buffer.from(access_token.split('.')[1] ?? '', 'base64url').toString()) as {
      sid: string;
    };
    const connection = await connectTo(databaseUrl);
    const now = clock();
    const newest = `session_id = '${sid}' and used_at is null`;
    await connection.all(`update sessions set last_used_at = ${now}, tokens_expire_at = ${now + day}, user_agent = null,
      address = '${home}' where id = '${sid}'`);
    await connection.all(`update refresh_tokens set sealed_successor = null where session_id = '${sid}'`);
    await connection.all(`insert into refresh_tokens (hash, session_id, issued_at, expires_at, used_at, sealed_successor)
      select hash || '.${now}', session_id, issued_at, expires_at, ${now}, null from refresh_tokens where ${newest}`);
    await connection.all(`update refresh_tokens set issued_at = ${now} where ${newest}`);
    await connection.close();
  }

  test('makes rotations that count, so that nobody is out for what was long before', async ({ tessera }) => {
    const { tokens, held: first } = await signInAtHome(tessera);
    let held = first;
    for (let n = 0; n < 5; n += 1) {
      tessera.clock.advance(quarter);
      const next = await refreshFrom(tessera, held, home);
      expect(await refreshFrom(tessera, held, elsewhere())).toBe(next);
      held = next;
      for (let rotations = 0; rotations < 9; rotations += 1) {
        tessera.clock.advance(quarter);
        await rotateAsBefore(tessera, tokens);
      }
    }
    await refreshFrom(tessera, held, home);
  });

  test('makes nobody forget: three from elsewhere among ten rotations are too many, whoever rotated between', async ({
    tessera,
  }) => {
    const { tokens, held: first } = await signInAtHome(tessera);
    let held = first;
    const statuses: number[] = [];
    for (let n = 0; n < 3; n += 1) {
      tessera.clock.advance(quarter);
      const next = await refreshFrom(tessera, held, home);
      statuses.push((await via(refresh(tessera, held), elsewhere())).status);
      held = next;
      for (let rotations = 0; rotations < 3; rotations += 1) {
        tessera.clock.advance(quarter);
        await rotateAsBefore(tessera, tokens);
      }
    }
    expect(statuses).toEqual([200, 200, 400]);
  });
});
