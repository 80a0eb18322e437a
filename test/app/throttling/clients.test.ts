import { describe, expect } from 'vitest';
import { policies } from '../../../src/throttling/policies.ts';
import {
  elsewhere,
  expectThrottled,
  failToLogIn,
  inTurn,
  it,
  limited,
  statuses,
  times,
  use,
  via,
} from '../../support/attempts.ts';
import { newKeyPair, present, sign } from '../../support/clients.ts';
import { basic, refresh, signIn } from '../../support/oauth.ts';
import { type Tokens, startTessera } from '../../support/tessera.ts';
import { it as itWithVariants } from '../../support/variant.ts';

const oauth = { as: 'oauth', retryAfter: 900 } as const;
const notASecret = 'tcs_l6hZbQyDOmSZjH7X0o5uY0dJt0fGJwzfI3yPqTn1mKs';
const notAToken = 'trt_gmbX5p2JSf9SxO4bgLcVZLkVDUQpXbnYzxRHOS6LKPU';
const service = { grant_type: 'client_credentials' };

describe('a client at an address', () => {
  it('may fail to authenticate 30 times in 15 minutes, at all operations together; what is right always works [RFC6749-2.3.1/guessing]', async ({
    tessera,
  }) => {
    const client = await tessera.addClient('orders:read tokens:introspect');
    const wrong = { ...client, client_secret: notASecret };
    const from = elsewhere();
    const ask = (n: number, who: typeof client) =>
      [
        () => tessera.form('/token', { ...service, ...who }),
        () => tessera.form('/revoke', { token: notAToken, ...who }),
        () => tessera.form('/introspect', { token: notAToken, ...who }),
        () => tessera.form('/token', service).set('Authorization', basic(who)),
      ][n % 4]?.() ?? tessera.form('/token', {});

    const failures = await inTurn(30, (n) => via(ask(n, wrong), from));
    expect(statuses(failures)).toEqual(times(30, 401));
    for (const n of [0, 1, 2, 3]) {
      expectThrottled(await via(ask(n, wrong), from), oauth);
      await via(ask(n, client), from).expect(200);
      await via(ask(n, wrong), elsewhere()).expect(401);
    }
    tessera.clock.advance(900);
    await via(ask(0, wrong), from).expect(401);
  });

  it('is not another client there, until all of them have failed 100 times', async ({ tessera }) => {
    const from = elsewhere();
    const fail = (client_id: string) =>
      via(tessera.form('/token', { ...service, client_id, client_secret: notASecret }), from);
    const registered = await Promise.all(['a', 'b', 'c'].map((scope) => tessera.addClient(scope)));
    for (const { client_id } of registered)
      expect(statuses(await inTurn(31, () => fail(client_id)))).toEqual([...times(30, 401), 429]);
    // Those that are not registered are one.
    expect(statuses(await inTurn(11, (n) => fail(`cli_${n}`)))).toEqual([...times(10, 401), 429]);
    await via(tessera.form('/token', { ...service, ...(await tessera.addClient('orders:read')) }), from).expect(200);
  });

  it('leaves an event of each failure that was looked at, and of no other', async ({ tessera }) => {
    const { client_id } = await tessera.addClient('orders:read');
    const from = elsewhere();
    await inTurn(35, () => via(tessera.form('/token', { ...service, client_id, client_secret: notASecret }), from));
    const page = { before: null, limit: 100, subject: client_id, types: ['client.refused'] as const };
    expect(await tessera.database.audit.listEvents(page)).toHaveLength(30);
  });

  it('fails by no request that is malformed, nor by one that it may not make', async ({ tessera }) => {
    const client = await tessera.addClient('orders:read');
    const from = elsewhere();
    const malformed = await inTurn(40, () =>
      via(tessera.form('/token', { ...service, ...client }).set('Authorization', basic(client)), from),
    );
    expect(statuses(malformed)).toEqual(times(40, 400));
    const refused = await inTurn(40, () => via(tessera.form('/token', { ...service, ...client, scope: 'x' }), from));
    expect(statuses(refused)).toEqual(times(40, 400));
    await via(tessera.form('/token', { ...service, ...client, client_secret: 'x' }), from).expect(401);
  });
});

describe('refresh tokens', () => {
  it('may be wrong 30 times in 15 minutes for one client at one address; a right one always works [RFC7662-2.1/caller]', async ({
    tessera,
  }) => {
    const { tokens } = await signIn(tessera);
    const from = elsewhere();
    const failures = await inTurn(31, () => via(refresh(tessera, notAToken), from));
    expect(statuses(failures)).toEqual([...times(30, 400), 429]);
    expectThrottled(await via(refresh(tessera, notAToken), from), oauth);
    await via(refresh(tessera, notAToken), elsewhere()).expect(400);
    await via(refresh(tessera, tokens.refresh_token, { scope: 'keys:manage' }), from).expect(400);
    await via(refresh(tessera, tokens.refresh_token), from).expect(200);
  });

  it('are wrong when nobody was ever given them, not when they have been used, have expired or were ended', async () => {
    const tessera = await startTessera(limited);
    const { tokens } = await signIn(tessera);
    const from = elsewhere();
    const { refresh_token: last } = (await refresh(tessera, tokens.refresh_token).expect(200)).body as Tokens;
    const expired = (await signIn(tessera)).tokens.refresh_token;
    tessera.clock.advance(30 * 86_400);
    const known = [tokens.refresh_token, last, expired];
    const replies = await inTurn(45, (n) => via(refresh(tessera, known[n % 3] ?? ''), from));
    expect(statuses(replies)).toEqual(times(45, 400));
    const failures = await inTurn(31, () => via(refresh(tessera, notAToken), from));
    expect(statuses(failures)).toEqual([...times(30, 400), 429]);
    expect(statuses(await inTurn(3, (n) => via(refresh(tessera, known[n] ?? ''), from)))).toEqual(times(3, 400));
  });

  it('leave the logins at that address alone', async ({ tessera }) => {
    const from = elsewhere();
    const failures = await inTurn(31, () => via(refresh(tessera, notAToken), from));
    expect(statuses(failures)).toEqual([...times(30, 400), 429]);
    await failToLogIn(tessera, { username: 'somebody', from }).expect(400);
  });
});

describe('access tokens at introspection', () => {
  it('may fail 30 times in 15 minutes at one address; a right one always works', async ({ tessera }) => {
    const { tokens } = await signIn(tessera, { roles: ['admin'] });
    const { tokens: lesser } = await signIn(tessera);
    const from = elsewhere();
    const ask = (token: string) =>
      via(tessera.form('/introspect', { token: notAToken }).set('Authorization', `Bearer ${token}`), from);
    // A token that lacks the scope works; it is not counted.
    expect(statuses(await inTurn(40, () => ask(lesser.access_token)))).toEqual(times(40, 403));
    expect(statuses(await inTurn(31, () => ask(`${tokens.access_token}x`)))).toEqual([...times(30, 401), 429]);
    expectThrottled(await ask('x'), oauth);
    await ask(tokens.access_token).expect(200);
    await ask(lesser.access_token).expect(403);
  });

  it('do not fail by having expired', async () => {
    const tessera = await startTessera(limited);
    const { tokens } = await signIn(tessera, { roles: ['admin'] });
    const from = elsewhere();
    const ask = (token: string) =>
      via(tessera.form('/introspect', { token: notAToken }).set('Authorization', `Bearer ${token}`), from);
    tessera.clock.advance(900);
    expect(statuses(await inTurn(40, () => ask(tokens.access_token)))).toEqual(times(40, 401));
    expect(statuses(await inTurn(31, () => ask(`${tokens.access_token}x`)))).toEqual([...times(30, 401), 429]);
    await ask(tokens.access_token).expect(401);
  });

  it('are not counted anywhere else', async ({ tessera }) => {
    const from = elsewhere();
    const failures = await inTurn(40, () => via(tessera.bearer('get', '/users/me', 'x'), from));
    expect(statuses(failures)).toEqual(times(40, 401));
  });
});

describe('assertions that cannot be looked at', () => {
  it('are failures of their address, and one line of the log', async () => {
    const tessera = await startTessera(limited);
    const pair = newKeyPair('ES256');
    const jwksUri = 'http://127.0.0.1:9/jwks';
    const members = { authMethod: 'private_key_jwt', jwksUri } as const;
    const { client_id } = await tessera.addClient('orders:read', members);
    const from = elsewhere();
    await use(tessera, policies.clientNetwork, from, 60);
    const tries = await Promise.all(Array.from({ length: 40 }, () => sign(tessera, client_id, pair)));
    tessera.log.length = 0;
    const replies = await inTurn(40, (n) => via(present(tessera, tries[n] ?? ''), from));
    expect(statuses(replies)).toEqual(times(40, 503));
    expect(tessera.log).toHaveLength(1);
    const assertion = await sign(tessera, client_id, pair);
    expectThrottled(await via(present(tessera, assertion), from), oauth);
    expect((await via(present(tessera, assertion), elsewhere())).status).toBe(503);
    expect(tessera.log).toHaveLength(1);
  });
});

describe('what is right, and leaves nothing behind', () => {
  itWithVariants('costs no work for the limits: it works where they cannot be kept', async ({ variants }) => {
    const client = await variants.addClient('orders:read tokens:introspect');
    const { tokens } = await signIn(variants, { roles: ['admin'] });
    const asked: unknown[] = [];
    const { request } = await variants.variant(({ stores }) => ({
      rateLimits: 'on',
      stores: {
        ...stores,
        rateLimits: new Proxy(stores.rateLimits, { get: (_, name) => () => Promise.reject(noted(name)) }),
      },
    }));
    const noted = (name: string | symbol) => {
      asked.push(name);
      return new Error('there are no limits');
    };
    const form = (path: string, fields: Record<string, string>) => request.post(path).type('form').send(fields);
    await form('/token', { ...service, ...client }).expect(200);
    await form('/introspect', { token: tokens.access_token, ...client }).expect(200);
    await form('/introspect', { token: 'x' }).set('Authorization', `Bearer ${tokens.access_token}`).expect(200);
    expect(asked).toEqual([]);
    await form('/token', { ...service, ...client, client_secret: 'x' }).expect(500);
    expect(asked).toEqual(['take']);
  });
});
