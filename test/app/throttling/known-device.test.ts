import { describe, expect } from 'vitest';
import { policies } from '../../../src/throttling/policies.ts';
import {
  elsewhere,
  expectThrottled,
  failToLogIn,
  inTurn,
  it,
  logIn,
  statuses,
  times,
  use,
  via,
} from '../../support/attempts.ts';
import { refresh } from '../../support/oauth.ts';
import type { Tessera, Tokens } from '../../support/tessera.ts';

const oauth = { as: 'oauth', retryAfter: 900 } as const;

/** Somebody who has signed in at home, and whose account strangers have used up since. */
async function attacked(tessera: Tessera) {
  const { username } = await tessera.newUser();
  const home = elsewhere();
  const { refresh_token } = (await logIn(tessera, { username, from: home }).expect(200)).body as Tokens;
  const attack = await inTurn(11, () => failToLogIn(tessera, { username, from: elsewhere() }));
  expect(statuses(attack)).toEqual([...times(10, 400), 429]);
  return { username, home, refresh_token };
}

describe('the owner of an account that is under attack', () => {
  it('comes in from an address where a session began, and nobody from next door does', async ({ tessera }) => {
    const { username, home } = await attacked(tessera);
    expectThrottled(await logIn(tessera, { username, from: elsewhere() }), oauth);
    expectThrottled(await logIn(tessera, { username, from: home.replace(/1$/, '2') }), oauth);
    await logIn(tessera, { username, from: home }).expect(200);
  });

  it('is not where a refresh token came again from, were it only once', async ({ tessera }) => {
    const { username, home, refresh_token } = await attacked(tessera);
    const there = elsewhere();
    const replies = [];
    for (const from of [home, there, there.replace(/1$/, '2'), home.replace(/1$/, '2')])
      replies.push(await via(refresh(tessera, refresh_token), from).expect(200));
    expect(new Set(replies.map(({ body }) => (body as Tokens).refresh_token)).size).toBe(1);
    for (const from of [there, there.replace(/1$/, '2'), home.replace(/1$/, '2')])
      expectThrottled(await logIn(tessera, { username, from }), oauth);
    await logIn(tessera, { username, from: home }).expect(200);
  });

  it('comes in from anywhere with a refresh token of the account, used or not, ended or not', async ({ tessera }) => {
    const { username, refresh_token: first } = await attacked(tessera);
    await logIn(tessera, { username, from: elsewhere(), refresh_token: first }).expect(200);
    const { refresh_token: second } = (await refresh(tessera, first).expect(200)).body as Tokens;
    await logIn(tessera, { username, from: elsewhere(), refresh_token: first }).expect(200);
    await tessera.form('/revoke', { token: second }).expect(200);
    for (const refresh_token of [first, second])
      await logIn(tessera, { username, from: elsewhere(), refresh_token }).expect(200);
    tessera.clock.advance(1);
    await logIn(tessera, { username, from: elsewhere(), refresh_token: second }).expect(200);
  });

  it('does not come in with a refresh token that was issued to another account, or to nobody', async ({ tessera }) => {
    const { username } = await attacked(tessera);
    const other = await attacked(tessera);
    for (const refresh_token of [other.refresh_token, 'trt_gmbX5p2JSf9SxO4bgLcVZLkVDUQpXbnYzxRHOS6LKPU', '%00', "'"])
      expectThrottled(await logIn(tessera, { username, from: elsewhere(), refresh_token }), oauth);
  });

  it('does not come in through one client with a refresh token of another', async ({ tessera }) => {
    const { username, refresh_token } = await attacked(tessera);
    const client = await tessera.addClient('profile:read', { grantTypes: ['password', 'refresh_token'] });
    expectThrottled(await logIn(tessera, { username, from: elsewhere(), refresh_token, ...client }), oauth);
  });
});

describe('a known device', () => {
  it('has 10 failures of its own, by which nobody else is locked out [ASVS-6.1.1]', async ({ tessera }) => {
    const { username } = await tessera.newUser();
    const [home, work] = [elsewhere(), elsewhere()];
    for (const from of [home, work]) await logIn(tessera, { username, from }).expect(200);

    expect(statuses(await inTurn(10, () => failToLogIn(tessera, { username, from: home })))).toEqual(times(10, 400));
    expectThrottled(await logIn(tessera, { username, from: home }), oauth);

    expect(statuses(await inTurn(10, () => failToLogIn(tessera, { username, from: work })))).toEqual(times(10, 400));
    expectThrottled(await logIn(tessera, { username, from: work }), oauth);
    const strangers = await inTurn(10, () => failToLogIn(tessera, { username, from: elsewhere() }));
    expect(statuses(strangers)).toEqual(times(10, 400));
  });

  it('is one device with all refresh tokens of a session, wherever it is', async ({ tessera }) => {
    const { username, refresh_token: first } = await attacked(tessera);
    const { refresh_token: second } = (await refresh(tessera, first).expect(200)).body as Tokens;
    const failures = await inTurn(11, (n) =>
      failToLogIn(tessera, { username, from: elsewhere(), refresh_token: n % 2 === 0 ? first : second }),
    );
    expect(statuses(failures)).toEqual([...times(10, 400), 429]);
  });

  it('gets a try back with the right password, as everybody does, and no more than that', async ({ tessera }) => {
    const { username, home } = await attacked(tessera);
    expect(statuses(await inTurn(9, () => failToLogIn(tessera, { username, from: home })))).toEqual(times(9, 400));
    expect(statuses(await inTurn(12, () => logIn(tessera, { username, from: home })))).toEqual(times(12, 200));
    await failToLogIn(tessera, { username, from: home }).expect(400);
    expectThrottled(await failToLogIn(tessera, { username, from: home }), oauth);
  });

  it('counts with everybody else at its address, unless a refresh token tells it [ASVS-6.1.1]', async ({ tessera }) => {
    const { username, home, refresh_token } = await attacked(tessera);
    await use(tessera, policies.loginNetwork, home, 99);
    await failToLogIn(tessera, { username, from: home, refresh_token }).expect(400);
    await logIn(tessera, { username, from: home }).expect(200);
    await failToLogIn(tessera, { username, from: home }).expect(400);
    // Nor does a guess tell any more who has signed in here.
    for (const name of [username, 'nobody-at-all'])
      expectThrottled(await failToLogIn(tessera, { username: name, from: home }), oauth);
    await logIn(tessera, { username, from: home, refresh_token }).expect(200);
  });

  it('is not what one account knows to another', async ({ tessera }) => {
    const { home } = await attacked(tessera);
    const { username } = await tessera.newUser();
    const failures = await inTurn(10, () => failToLogIn(tessera, { username, from: elsewhere() }));
    expect(statuses(failures)).toEqual(times(10, 400));
    expectThrottled(await logIn(tessera, { username, from: home }), oauth);
  });
});
