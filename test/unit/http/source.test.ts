import supertest from 'supertest';
import { describe, expect, it } from 'vitest';
import { expressApp } from '../../../src/http/express-app.ts';
import { sourceOf } from '../../../src/http/source.ts';

/** Where a server that trusts `proxies` takes a request to come from, which comes over loopback. */
async function addressOf(proxies: string[], forwarded: string | undefined): Promise<unknown> {
  const app = expressApp(
    (request, response) => {
      response.json(sourceOf(request));
    },
    { trustedProxies: proxies, issuer: 'https://tokens.example.com' },
  );
  const request = supertest(app).get('/');
  const reply = await (forwarded === undefined ? request : request.set('X-Forwarded-For', forwarded));
  return (reply.body as { address: unknown }).address;
}

describe('the address of a request', () => {
  it.each([undefined, '203.0.113.9', '127.0.0.1, 203.0.113.9', 'nonsense'])(
    'is that of the connection when no proxy is trusted, whatever X-Forwarded-For says: %s [RFC9700-4.13] [HOSTILE/forwarded-for]',
    async (forwarded) => {
      expect(await addressOf([], forwarded)).toBe('127.0.0.1');
      expect(await addressOf(['10.0.0.0/8'], forwarded)).toBe('127.0.0.1');
    },
  );

  it.each([
    ['the one that the proxy saw', '203.0.113.9', '203.0.113.9'],
    ['the last one, where the client claims to come from elsewhere', '198.51.100.1, 203.0.113.9', '203.0.113.9'],
    ['the last one that is no proxy', '198.51.100.1,203.0.113.9, 10.1.2.3,10.9.9.9', '203.0.113.9'],
    ['the last one that is no proxy, which no claim of the client can change', '10.1.1.1, 203.0.113.9', '203.0.113.9'],
    ['the last of very many', `${'198.51.100.1, '.repeat(500)}203.0.113.9`, '203.0.113.9'],
    ['that of the connection, where the proxy says nothing', undefined, '127.0.0.1'],
    ['that of the connection, where the proxy says nothing of sense', 'nonsense', '127.0.0.1'],
    ['that of the connection, rather than one that was claimed behind nonsense', '203.0.113.9, nonsense', '127.0.0.1'],
    ['that of the connection for an empty list', ' , ,', '127.0.0.1'],
    ['that of the connection for more than an address', '203.0.113.9:443', '127.0.0.1'],
    ['IPv4 where it is written as IPv6', '::ffff:203.0.113.9', '203.0.113.9'],
    ['IPv4 where it is written as IPv6 in hexadecimal', '::FFFF:cb00:7109', '203.0.113.9'],
    ['spelled in one way', '2001:0DB8:0:0::0:1', '2001:db8::1'],
    ['without a zone', `fe80::1%${'x'.repeat(5000)}`, 'fe80::1'],
  ])('is, behind trusted proxies, %s', async (_, forwarded, expected) => {
    expect(await addressOf(['loopback', '10.0.0.0/8'], forwarded)).toBe(expected);
  });
});
