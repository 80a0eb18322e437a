/** A page of another origin that uses Tessera as an application in the browser does. */
import type { Page } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Unavailable } from '../../../src/unavailable.ts';
import { startBrowser } from '../../support/browser.ts';
import { password } from '../../support/passwords.ts';
import { startTessera } from '../../support/tessera.ts';
import { listen } from '../../support/wire.ts';

type Seen = { status: number; headers: Record<string, string>; body: Record<string, unknown> };
type Init = { method?: string; headers?: Record<string, string>; body?: string };

/** What the page can read of a reply, or why it can read nothing. */
const script = `
  const send = (url, init) => fetch(url, init).then(
    async (reply) => {
      const text = await reply.text();
      return { status: reply.status, headers: Object.fromEntries(reply.headers), body: text === '' ? {} : JSON.parse(text) };
    },
    (error) => String(error),
  );`;

/** A site of its own, whose one page has the script. */
async function servePage(): Promise<string> {
  const site = await listen((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html' }).end(`<!doctype html><script>${script}</script>`);
  });
  onTestFinished(site.close);
  return `http://127.0.0.1:${site.port}`;
}

async function open(site: string): Promise<(url: string, init?: Init) => Promise<Seen>> {
  const page: Page = await (await startBrowser()).newPage();
  await page.goto(site);
  return (url, init = {}) => page.evaluate<Seen>(`send(${JSON.stringify(url)}, ${JSON.stringify(init)})`);
}

function form(fields: Record<string, string>): Init {
  // As axios and Swagger UI send it; the last of the headers makes the browser ask first.
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded', 'X-Requested-With': 'XMLHttpRequest' };
  return { method: 'POST', headers, body: new URLSearchParams(fields).toString() };
}

function json(method: string, body: object): Init {
  return { method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
}

/** A Tessera that a browser on this machine may use without TLS, and whose accounts can be taken away. */
async function serveTessera(corsOrigins: string): Promise<{ url: string; setAway: (isAway: boolean) => void }> {
  let isAway = false;
  const environment = { ISSUER: 'http://127.0.0.1:8080', CORS_ORIGINS: corsOrigins, RATE_LIMITS: 'on' };
  const { app } = await startTessera(environment, ({ stores }) => {
    const away = () => Promise.reject(new Unavailable('away', { retryAfter: 7 }));
    const users = new Proxy(stores.users, {
      get: (store, name) => (isAway ? away : (Reflect.get(store, name) as unknown)),
    });
    return { stores: { ...stores, users } };
  });
  const { port, close } = await listen(app);
  onTestFinished(close);
  return { url: `http://127.0.0.1:${port}`, setAway: (value) => (isAway = value) };
}

describe('a page of an origin in CORS_ORIGINS, in a real browser', () => {
  it('registers, signs in, reads the account, refreshes and signs out, and can read what it is refused [RFC7009-2.3]', async () => {
    const site = await servePage();
    const { url, setAway } = await serveTessera(`https://app.example.com,${site}/`);
    const send = await open(site);
    const signIn = (secret: string) =>
      send(`${url}/token`, form({ grant_type: 'password', username: 'ada', password: secret }));
    const me = (token: unknown, more = {}) =>
      send(`${url}/users/me`, { headers: { Authorization: `Bearer ${String(token)}`, ...more } });

    const registered = await send(`${url}/users`, json('POST', { username: 'ada', password }));
    expect(registered).toMatchObject({ status: 201, body: { username: 'ada' }, headers: { location: '/users/me' } });

    const first = await signIn(password);
    expect(first).toMatchObject({ status: 200, body: { token_type: 'Bearer' } });
    const traced = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', tracestate: 'a=b' };
    expect(await me(first.body['access_token'], traced)).toMatchObject({ status: 200, body: { username: 'ada' } });
    const renamed = json('PATCH', { name: 'Ada' });
    const headers = { ...renamed.headers, Authorization: `Bearer ${String(first.body['access_token'])}` };
    expect(await send(`${url}/users/me`, { ...renamed, headers })).toMatchObject({
      status: 200,
      body: { name: 'Ada' },
    });

    const refresh_token = String(first.body['refresh_token']);
    const second = await send(`${url}/token`, form({ grant_type: 'refresh_token', refresh_token }));
    expect(second.status).toBe(200);
    const token = String(second.body['refresh_token']);
    expect(await send(`${url}/revoke`, form({ token, token_type_hint: 'refresh_token' }))).toMatchObject({
      status: 200,
    });

    const refused = await me(second.body['access_token']);
    expect(refused).toMatchObject({ status: 401, body: { title: 'Unauthorized' } });
    expect(refused.headers['www-authenticate']).toMatch(/^Bearer realm="tessera", error="invalid_token"/);
    expect(refused.headers['x-request-id']).toBe(refused.body['request_id']);

    expect(await send(`${url}/users`, json('POST', { username: 'x'.repeat(65), password }))).toMatchObject({
      status: 400,
    });
    expect(await send(`${url}/users`, json('POST', { username: 'x'.repeat(17_000), password }))).toMatchObject({
      status: 413,
    });
    expect(await send(`${url}/nothing`)).toMatchObject({ status: 404 });
    expect(await send(`${url}/users`, { method: 'GET', headers: { 'X-Requested-With': 'x' } })).toMatchObject({
      status: 401,
    });

    for (let tries = 0; tries < 10; tries += 1) expect((await signIn('not this one')).status).toBe(400);
    const throttled = await signIn('not this one');
    expect(throttled).toMatchObject({ status: 429, body: { error: 'temporarily_unavailable' } });
    expect(Number(throttled.headers['retry-after'])).toBeGreaterThan(0);

    setAway(true);
    const unavailable = await send(`${url}/users`, json('POST', { username: 'grace', password }));
    expect(unavailable).toMatchObject({ status: 503, body: { status: 503 }, headers: { 'retry-after': '7' } });
    expect(unavailable.headers['x-request-id']).toBe(unavailable.body['request_id']);
  });
});

describe('a page of any other origin, in a real browser', () => {
  it('may send nothing that a browser asks about first, and reads nothing but public documents', async () => {
    const site = await servePage();
    const { url } = await serveTessera(`${site.replace('127.0.0.1', 'localhost')},https://app.example.com`);
    const send = await open(site);
    const refused = 'TypeError: Failed to fetch';
    expect(await send(`${url}/users`, json('POST', { username: 'ada', password }))).toBe(refused);
    expect(await send(`${url}/users/me`, { headers: { Authorization: 'Bearer x' } })).toBe(refused);
    expect(await send(`${url}/users/me`)).toBe(refused);
    expect(await send(`${url}/livez`)).toBe(refused);
    const { headers, ...simple } = form({ grant_type: 'password', username: 'ada', password });
    expect(
      await send(`${url}/token`, { ...simple, headers: { 'Content-Type': headers?.['Content-Type'] ?? '' } }),
    ).toBe(refused);

    const traced = { headers: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' } };
    for (const path of ['/.well-known/jwks.json', '/.well-known/oauth-authorization-server', '/openapi.json']) {
      const reply = await send(url + path, traced);
      expect(reply.status).toBe(200);
      const again = { headers: { ...traced.headers, 'If-None-Match': reply.headers['etag'] ?? '' } };
      expect([200, 304]).toContain((await send(url + path, again)).status);
    }
  });
});
