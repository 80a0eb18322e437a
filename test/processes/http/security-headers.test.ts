import { describe, expect } from 'vitest';
import { routes } from '../../../src/generated/routes.ts';
import { apiHeaders } from '../../../src/http/reply/security-headers.ts';
import { expectContractKept } from '../../support/contract-check.ts';
import { sharedServer } from '../../support/server-process.ts';
import { it } from '../../support/variant.ts';
import { ask, requestText, sendRaw } from '../../support/wire.ts';

const server = sharedServer();

const expected = {
  'content-security-policy': "default-src 'none';frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};
const never = ['x-powered-by', 'server', 'x-xss-protection', 'origin-agent-cluster', 'x-dns-prefetch-control'];

function expectSecured(headers: Readonly<Record<string, unknown>>): void {
  expect(headers).toMatchObject(expected);
  for (const name of never) expect(headers).not.toHaveProperty(name);
}

describe('the security headers', () => {
  it('are those that the contract declares for every reply, with https all of them', () => {
    const declared = Object.entries(routes.everyReply);
    const all = Object.fromEntries(declared.map(([name, { value }]) => [name, value]));
    expect(apiHeaders('https://tokens.example.com')).toEqual(all);
    const { 'Strict-Transport-Security': onlyHttps, ...others } = all;
    expect(apiHeaders('http://127.0.0.1:8080')).toEqual(others);
    expect(onlyHttps).toBe('max-age=31536000');
    expect(declared.filter(([, { required }]) => !required).map(([name]) => name)).toEqual([
      'Strict-Transport-Security',
    ]);
  });

  it.each(Object.entries(routes.operations))('are in what %s answers', async (_, { method, path }) => {
    const target = path.replaceAll(/\{\w+\}/g, 'x');
    for (const body of ['', 'x']) {
      const reply = await ask(server.port, method.toUpperCase(), target, {}, body);
      expectSecured(reply.headers);
      expect(reply.headers).not.toHaveProperty('strict-transport-security');
      expectContractKept(method.toUpperCase(), target, reply);
    }
  });

  it('are in replies to what reaches no operation', async () => {
    const asked: [method: string, target: string, status: number][] = [
      ['GET', '/nothing', 404],
      ['GET', '/users/me/', 404],
      ['DELETE', '/token', 405],
      ['OPTIONS', '/users', 204],
      ['OPTIONS', '/nothing', 404],
      ['HEAD', '/token', 405],
    ];
    for (const [method, target, status] of asked) {
      const reply = await ask(server.port, method, target);
      expect(reply.status).toBe(status);
      expectSecured(reply.headers);
    }
    const [withoutHost] = await sendRaw(server.port, 'GET /livez HTTP/1.1\r\n\r\n');
    expect(withoutHost?.status).toBe(400);
    expectSecured(withoutHost?.headers ?? {});
  });

  it('are in what is said to a message that never became a request', async () => {
    const messages: [message: Buffer | string, status: number][] = [
      ['HELO there\r\n\r\n', 400],
      [requestText('GET', '/livez', { 'X-Large': 'x'.repeat(20_000) }), 431],
    ];
    for (const [message, status] of messages) {
      const [reply] = await sendRaw(server.port, message);
      expect(reply?.status).toBe(status);
      expectSecured(reply?.headers ?? {});
      expect(reply?.headers).not.toHaveProperty('strict-transport-security');
    }
  });

  it('are in refusals, failures and outages, too, where the issuer is https with the order to keep to it', async ({
    variants,
  }) => {
    const broken = await variants.variant(({ stores }) => ({
      stores: { ...stores, ping: () => Promise.reject(new Error('away')) },
    }));
    const lost = await variants.variant(({ stores }) => ({
      stores: {
        ...stores,
        accessTokens: { ...stores.accessTokens, findTokenUser: () => Promise.reject(new Error('lost')) },
      },
    }));
    const { username } = await variants.newUser();
    const { access_token: token } = await variants.login(username);
    const replies = [
      await variants.request.get('/livez').expect(200),
      await variants.request.get('/users/me').expect(401),
      await variants.request.post('/token').type('form').send({}).expect(400),
      await broken.request.get('/readyz').expect(503),
      await lost.request.get('/users/me').set('Authorization', `Bearer ${token}`).expect(500),
    ];
    for (const { headers } of replies) {
      expectSecured(headers);
      expect(headers).toHaveProperty('strict-transport-security', 'max-age=31536000');
    }
  });
});
