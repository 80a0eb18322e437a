/** Limits that are reached: who goes on costs no transaction each time, and nobody is refused longer than that limit lasts. */
import { expect } from 'vitest';
import { networkOf } from '../../../src/throttling/network.ts';
import { policies } from '../../../src/throttling/policies.ts';
import { Unavailable } from '../../../src/unavailable.ts';
import { failToLogIn, inTurn, statuses, times, useUp } from '../../support/attempts.ts';
import { sessionOf, signIn } from '../../support/oauth.ts';
import { type Variants, it } from '../../support/variant.ts';

/** A server with limits. `breakDown` has it find the table of budgets away. */
async function startServer(variants: Variants) {
  let isAway = false;
  const { request } = await variants.variant(({ stores }) => {
    const { rateLimits } = stores;
    const take: typeof rateLimits.take = (...given) =>
      isAway ? Promise.reject(new Unavailable('The database is unavailable.')) : rateLimits.take(...given);
    return { rateLimits: 'on', stores: { ...stores, rateLimits: { ...rateLimits, take } } };
  });
  return { request, breakDown: () => (isAway = true) };
}

const here = networkOf('127.0.0.1');

it('of clients that are not there are known for five seconds without a look, and no longer', async ({ variants }) => {
  const { request, breakDown } = await startServer(variants);
  const client = { grant_type: 'client_credentials', client_id: 'cli_guessed', client_secret: 'x' };
  const guess = () => request.post('/token').type('form').send(client);
  await useUp(variants, { policy: policies.client, of: ['', here] }, 29);
  expect(statuses(await inTurn(2, guess))).toEqual([401, 429]);
  breakDown();
  variants.clock.advance(4);
  const known = await guess();
  expect([known.status, known.headers['retry-after']]).toEqual([429, '896']);
  variants.clock.advance(1);
  expect((await guess()).status).toBe(503);
});

it('begin anew when their time is over, however lately that was known', async ({ variants }) => {
  const { request } = await startServer(variants);
  const { tokens } = await signIn(variants);
  await useUp(variants, { policy: policies.refresh, of: [sessionOf(tokens)] }, 60);
  const form = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token };
  const refresh = () => request.post('/token').type('form').send(form);
  variants.clock.advance(58);
  expect(statuses(await inTurn(2, refresh))).toEqual([429, 429]);
  variants.clock.advance(2);
  expect((await refresh()).status).toBe(200);
});

it('of passwords are looked at each time: a try comes back when one was right', async ({ variants }) => {
  const { request, breakDown } = await startServer(variants);
  const { username } = await variants.newUser();
  const guess = () => failToLogIn({ request }, { username });
  expect(statuses(await inTurn(11, guess))).toEqual([...times(10, 400), 429]);
  breakDown();
  expect((await guess()).status).toBe(503);
});
