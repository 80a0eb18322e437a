/** The limits as part of a server: on and off, shared, kept, failing, and quiet. */
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../../src/database/open.ts';
import { policies } from '../../../src/throttling/policies.ts';
import { Overloaded, Unavailable } from '../../../src/unavailable.ts';
import {
  elsewhere,
  expectThrottled,
  failToLogIn,
  inTurn,
  limited,
  logIn,
  statuses,
  times,
  use,
} from '../../support/attempts.ts';
import { holdUp, rowsOf } from '../../support/database.ts';
import { expectOAuthError } from '../../support/oauth.ts';
import { startTessera } from '../../support/tessera.ts';
import { type Changes, it as itWithVariants } from '../../support/variant.ts';

const on = { rateLimits: 'on', trustedProxies: ['loopback'] } as const;
const oauth = { as: 'oauth', retryAfter: 900 } as const;

describe('the limits', () => {
  itWithVariants('are the same at every server of one database, and after a restart', async ({ variants }) => {
    const { username } = await variants.newUser();
    const one = await variants.variant(() => on);
    const second = await openDatabase(variants.databaseUrl);
    const other = await variants.variant(() => ({ ...on, stores: second }));
    const replies = await inTurn(10, (n) => failToLogIn(n % 2 === 0 ? one : other, { username, from: elsewhere() }));
    expect(statuses(replies)).toEqual(times(10, 400));
    expectThrottled(await logIn(one, { username, from: elsewhere() }), oauth);
    expectThrottled(await logIn(other, { username, from: elsewhere() }), oauth);
    await second.close();

    const third = await openDatabase(variants.databaseUrl);
    const restarted = await variants.variant(() => ({ ...on, stores: third }));
    expectThrottled(await logIn(restarted, { username, from: elsewhere() }), oauth);
    await third.close();
  });

  it('are on unless they are turned off', async () => {
    const tessera = await startTessera({ RATE_LIMITS: '' });
    const { username } = await tessera.newUser();
    const replies = await inTurn(11, () => failToLogIn(tessera, { username }));
    expect(statuses(replies)).toEqual([...times(10, 400), 429]);
  });

  it('limit and write nothing when they are off', async () => {
    const tessera = await startTessera({ ...limited, RATE_LIMITS: 'off' });
    const { username } = await tessera.newUser();
    expect(statuses(await inTurn(20, () => failToLogIn(tessera, { username })))).toEqual(times(20, 400));
    await logIn(tessera, { username }).expect(200);
    expect(await rowsOf(tessera.databaseUrl, 'rate_limits')).toEqual([]);
  });

  it('are not dodged by who says to come from elsewhere, where no proxy is trusted to say so [RFC9700-4.13] [HOSTILE/forwarded-for]', async () => {
    const tessera = await startTessera({ RATE_LIMITS: 'on' });
    await use(tessera, policies.loginNetwork, '127.0.0.1', 95);
    const replies = await inTurn(6, (n) => failToLogIn(tessera, { username: `nobody-${n}`, from: elsewhere() }));
    expect(statuses(replies)).toEqual([...times(5, 400), 429]);
  });

  it.each([
    ['with the port', (host: string, port: number) => `203.0.113.${host}:${port}`],
    ['in brackets, with the port', (host: string, port: number) => `[2001:db8:0:${host}::1]:${port}`],
    ['between quotes', (host: string, port: number) => `"[2001:db8:0:${host}::1]:${port}"`],
    [
      'behind a claim of its own',
      (host: string, port: number) => `"198.51.100.${port % 250}, 203.0.113.${host}:${port}`,
    ],
  ])(
    'count a client that a proxy names %s as the one it is: whoever guesses locks nobody else out [HOSTILE/forwarded-for]',
    async (_, named) => {
      const tessera = await startTessera(limited);
      const { username } = await tessera.newUser();
      const guess = (n: number) => failToLogIn(tessera, { username: `nobody-${n}`, from: named('9', 40_000 + n) });
      expect(statuses(await inTurn(100, guess))).toEqual(times(100, 400));
      expectThrottled(await guess(100), oauth);
      expectThrottled(await logIn(tessera, { username, from: named('9', 50_000) }), oauth);
      await logIn(tessera, { username, from: named('10', 40_000) }).expect(200);
      expect(tessera.log).toEqual([]);
    },
  );

  it('count clients as one that a trusted proxy does not tell, which is logged once', async () => {
    const tessera = await startTessera(limited);
    await use(tessera, policies.loginNetwork, '127.0.0.1', 95);
    const from = ['unknown', '203.0.113.9:0', '203.0.113.9, 203.0.113.9:65536', '[203.0.113.9]:1', '"203.0.113.9'];
    const replies = await inTurn(6, (n) => failToLogIn(tessera, { username: `nobody-${n}`, from: from[n % 5] }));
    expect(statuses(replies)).toEqual([...times(5, 400), 429]);
    expect(tessera.log.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { level: 40, msg: 'client-address-unknown', reason: 'malformed', proxy: '127.0.0.1', hop: 'unknown' },
    ]);
  });

  it('let nobody in while they cannot be written', async () => {
    const tessera = await startTessera(limited);
    const { username } = await tessera.newUser();
    const letGo = await holdUp(tessera.databaseUrl);
    const reply = await logIn(tessera, { username, from: elsewhere() });
    expectOAuthError(reply, 503, 'temporarily_unavailable');
    expect(reply.headers['retry-after']).toBe('1');
    await letGo();
    await logIn(tessera, { username, from: elsewhere() }).expect(200);
  });

  it('are no matter for the log, which an attacker could fill', async () => {
    const tessera = await startTessera(limited);
    const { username } = await tessera.newUser();
    await inTurn(10, () => failToLogIn(tessera, { username, from: elsewhere() }));
    tessera.log.length = 0;
    expectThrottled(await failToLogIn(tessera, { username, from: elsewhere() }), oauth);
    expect(tessera.log).toEqual([]);
  });
});

describe('a login that breaks off', () => {
  const failing =
    (fault: Error): Changes =>
    ({ stores }) => ({
      ...on,
      stores: { ...stores, users: { ...stores.users, findUserByUsername: () => Promise.reject(fault) } },
    });

  itWithVariants('is not counted when it was not begun', async ({ variants }) => {
    const { username } = await variants.newUser();
    const { request } = await variants.variant(failing(new Overloaded('Too much waits.')));
    const replies = await inTurn(15, () => logIn({ request }, { username, from: elsewhere() }));
    expect(statuses(replies)).toEqual(times(15, 503));
    const limits = await variants.variant(() => on);
    const failures = await inTurn(10, () => failToLogIn(limits, { username, from: elsewhere() }));
    expect(statuses(failures)).toEqual(times(10, 400));
  });

  itWithVariants('is counted when the password may have been looked at', async ({ variants }) => {
    const { username } = await variants.newUser();
    const { request } = await variants.variant(failing(new Unavailable('The database is unavailable.')));
    const replies = await inTurn(11, () => logIn({ request }, { username, from: elsewhere() }));
    expect(statuses(replies)).toEqual([...times(10, 503), 429]);
  });
});
