/** Servers over one database whose clocks differ by as much as CLOCK_SKEW allows. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { readConfig } from '../../../src/config/config.ts';
import { type RunningServer, startServer } from '../../../src/server/server.ts';
import { ask, form } from '../../support/ask.ts';
import { type ClientCredentials, kidOf } from '../../support/jwks.ts';
import { type Place, newPlace } from '../../support/place.ts';
import { newEnvironment, newOperatorOf } from '../../support/postgres/replicas.ts';

/** Seconds by which each is ahead. */
const skews = [-25, 0, 25];

let place: Place;
let servers: RunningServer[];
let urls: string[];
let operator: ClientCredentials;

beforeAll(async () => {
  place = await newPlace('postgres');
  const environments = await Promise.all(skews.map(() => newEnvironment(place.url)));
  // So that they hear of a change, and do not merely come across it.
  for (const each of environments) each['REPLICA_REFRESH'] = '1m';
  urls = environments.map((each) => `http://127.0.0.1:${each['PORT'] ?? ''}`);
  servers = await Promise.all(
    environments.map((each, number) =>
      startServer(readConfig(each), { clock: () => systemClock() + (skews[number] ?? 0) }),
    ),
  );
  operator = await newOperatorOf(place.url);
});

afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  await place.remove();
});

const issue = async (url: string) =>
  String((await form(`${url}/token`, { grant_type: 'client_credentials', ...operator })).body['access_token']);

it('take what any of them has issued, at once, before and after each of them has rotated twice', async () => {
  for (const rotating of [null, ...urls]) {
    for (let count = 0; rotating !== null && count < 2; count += 1) {
      const rotation = { method: 'POST', token: await issue(rotating), body: JSON.stringify({ force: true }) };
      expect((await ask(`${rotating}/keys/rotate`, rotation)).status).toBe(200);
    }
    for (const issuing of urls) {
      const token = await issue(issuing);
      for (const url of urls) expect((await ask(`${url}/keys`, { token })).status).toBe(200);
    }
  }
});

it('revoke for all of them', async () => {
  for (const url of urls) {
    const token = await issue(url);
    const revocation = { method: 'POST', token, body: '{}' };
    expect((await ask(`${url}/keys/${kidOf(token)}/revoke`, revocation)).status).toBe(200);
    for (const each of urls)
      await expect.poll(async () => (await ask(`${each}/keys`, { token })).status, { timeout: 10_000 }).toBe(401);
  }
});
