import { describe, expect } from 'vitest';
import { decode } from '../../support/forgery.ts';
import { expectContractKept } from '../../support/contract-check.ts';
import { it as base, issuer, password } from '../../support/tessera.ts';
import { type Headers, type WireReply, ask, listen } from '../../support/wire.ts';

const it = base.extend('port', { scope: 'file' }, async ({ tessera }, { onCleanup }) => {
  const { port, close } = await listen(tessera.app);
  onCleanup(close);
  return port;
});

const evil = 'evil.example';

/** Whatever might pass for the name of this server. */
const poisons: Headers[] = [
  { Host: evil },
  { Host: `${evil}:443` },
  { 'X-Forwarded-Host': evil, 'X-Forwarded-Proto': 'http', 'X-Forwarded-Port': '81', 'X-Forwarded-Prefix': '/evil' },
  { Forwarded: `host=${evil};proto=http;for=192.0.2.1` },
  { 'X-Original-Host': evil, 'X-Host': evil, 'X-Forwarded-Server': evil, 'X-HTTP-Host-Override': evil },
  { 'X-Original-URL': `http://${evil}/livez`, 'X-Rewrite-URL': '/livez', 'X-Original-URI': '/livez' },
  { Origin: `https://${evil}`, Referer: `https://${evil}/` },
];
const targets = (path: string) => [path, `http://${evil}${path}`];

/** Every reply to the request with each of the poisons, in both forms of its target. */
async function poisonAll(
  port: number,
  method: string,
  path: string,
  [headers, body]: readonly [Headers, string] = [{}, ''],
): Promise<WireReply[]> {
  const replies: WireReply[] = [];
  for (const poison of poisons) {
    for (const target of targets(path)) {
      const reply = await ask(port, method, target, { ...headers, ...poison }, body);
      expectContractKept(method, target, reply);
      expect(JSON.stringify(reply)).not.toContain(evil);
      replies.push(reply);
    }
  }
  return replies;
}

describe('the name that a request gives the server', () => {
  const form = { 'Content-Type': 'application/x-www-form-urlencoded' };

  it('is in no metadata, nor in the tag or the caching of them [RFC8414-6.2] [HOSTILE/host]', async ({ port }) => {
    for (const path of ['/.well-known/oauth-authorization-server', '/.well-known/jwks.json', '/openapi.json']) {
      const plain = await ask(port, 'GET', path);
      for (const reply of await poisonAll(port, 'GET', path)) {
        expect(reply.body).toBe(plain.body);
        expect({ ...reply.headers, date: '' }).toEqual({ ...plain.headers, date: '' });
      }
    }
    const metadata = await ask(port, 'GET', '/.well-known/oauth-authorization-server', { Host: evil });
    expect(JSON.parse(metadata.body)).toMatchObject({ issuer, token_endpoint: `${issuer}/token` });
  });

  it('is in no token, neither as its issuer nor as its audience [HOSTILE/host]', async ({ port, tessera }) => {
    const { username } = await tessera.newUser();
    const body = new URLSearchParams({ grant_type: 'password', username, password }).toString();
    for (const reply of await poisonAll(port, 'POST', '/token', [form, body])) {
      const { access_token: token } = JSON.parse(reply.body) as { access_token: string };
      expect(decode(token).payload).toMatchObject({ iss: issuer, aud: issuer });
      const me = await ask(port, 'GET', '/users/me', { Host: evil, Authorization: `Bearer ${token}` });
      expect(me.status).toBe(200);
    }
  });

  it('is not where the new account is [HOSTILE/host]', async ({ port }) => {
    let count = 0;
    for (const poison of poisons) {
      const body = JSON.stringify({ username: `poisoned-${(count += 1)}`, password });
      const headers = { 'Content-Type': 'application/json', ...poison };
      const reply = await ask(port, 'POST', '/users', headers, body);
      expect(reply).toMatchObject({ status: 201, headers: { location: '/users/me' } });
      expect(JSON.stringify(reply)).not.toContain(evil);
    }
  });

  it('is in no refusal, and does not lead to another path [HOSTILE/host]', async ({ port }) => {
    for (const { status } of await poisonAll(port, 'GET', '/users/me')) expect(status).toBe(401);
    for (const { status } of await poisonAll(port, 'POST', '/token', [form, ''])) expect(status).toBe(400);
    for (const { status } of await poisonAll(port, 'GET', '/nothing')) expect(status).toBe(404);
    for (const { status } of await poisonAll(port, 'PUT', '/livez')) expect(status).toBe(405);
  });
});
