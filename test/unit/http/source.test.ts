import supertest from 'supertest';
import { describe, expect, it } from 'vitest';
import { expressApp } from '../../../src/http/express-app.ts';
import { createSourceReader } from '../../../src/http/request/source.ts';
import fc from '../../support/property.ts';

/** A server that trusts `proxies`, which is asked over loopback, and whom it takes its requests to come from. */
function serverBehind(proxies: string[]) {
  const counted: string[] = [];
  const logged: [detail: object, message: string][] = [];
  const sourceOf = createSourceReader({
    trustedProxies: proxies,
    log: { warn: (detail, message) => void logged.push([detail, message]) },
    meter: { clientAddressUnknown: (reason) => void counted.push(reason) },
  });
  const app = expressApp(
    (request, response) => {
      expect(sourceOf(request)).toEqual(sourceOf(request));
      response.json(sourceOf(request));
    },
    { issuer: 'https://tokens.example.com' },
  );
  return {
    counted,
    logged,
    async addressOf(forwarded: string | undefined): Promise<unknown> {
      const request = supertest(app).get('/');
      const reply = await (forwarded === undefined ? request : request.set('X-Forwarded-For', forwarded));
      return (reply.body as { address: unknown }).address;
    },
  };
}

/** Where a server that trusts `proxies` takes a request to come from, which comes over loopback. */
function addressOf(proxies: string[], forwarded: string | undefined): Promise<unknown> {
  return serverBehind(proxies).addressOf(forwarded);
}

const proxies = ['loopback', '10.0.0.0/8'];

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
    ['that of the connection, where the proxy has added nothing to what was claimed', '203.0.113.9, ', '127.0.0.1'],
    ['the one that the proxy saw, without the port that it saw, too', '203.0.113.9:443', '203.0.113.9'],
    ['IPv4 where it is written as IPv6', '::ffff:203.0.113.9', '203.0.113.9'],
    ['IPv4 where it is written as IPv6 in hexadecimal', '::FFFF:cb00:7109', '203.0.113.9'],
    ['spelled in one way', '2001:0DB8:0:0::0:1', '2001:db8::1'],
    ['without a zone', `fe80::1%${'x'.repeat(5000)}`, 'fe80::1'],
  ])('is, behind trusted proxies, %s', async (_, forwarded, expected) => {
    expect(await addressOf(proxies, forwarded)).toBe(expected);
  });
});

/** All that proxies write of one hop: bare, with the port, in brackets, and between quotes. */
function formsOf(address: string, port: number): string[] {
  const forms = address.includes(':')
    ? [address, `[${address}]`, `[${address}]:${port}`]
    : [address, `${address}:${port}`];
  return [...forms, ...forms.map((form) => `"${form}"`)];
}

describe('a hop that a trusted proxy names', () => {
  const port = fc.integer({ min: 1, max: 65_535 });
  const ipv4 = fc.tuple(fc.constantFrom(192, 198, 203), fc.nat(255), fc.nat(255), fc.nat(255));
  const client = fc.oneof(
    ipv4.map((octets) => octets.join('.')),
    fc.nat(0xffff).map((last) => `2001:db8::${last.toString(16)}`),
  );
  /** What somebody sends who wants to be taken for another. */
  const claims = fc.constantFrom(
    '',
    '198.51.100.1, ',
    '"198.51.100.1, ',
    '198.51.100.1:1", ',
    '[, ',
    '10.1.1.1:80, ',
    '", ',
  );

  it('is read in every form, for the client and for each proxy, and nothing before the client counts', async () => {
    const behind = serverBehind(proxies);
    await fc.assert(
      fc.asyncProperty(client, port, fc.nat(5), fc.nat(5), claims, async (address, from, form, hopForm, claim) => {
        const forms = formsOf(address, from);
        const hops = formsOf('10.1.2.3', from);
        const named = `${claim}${forms[form % forms.length]}, ${hops[hopForm % hops.length]}`;
        const expected = address.includes(':') ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
        expect(await behind.addressOf(named)).toBe(expected);
      }),
    );
    expect([behind.counted, behind.logged]).toEqual([[], []]);
  });

  it.each([
    ['IPv4 within IPv6, with a port', '[::ffff:203.0.113.9]:443', '203.0.113.9'],
    ['a proxy within IPv6, with a port', '203.0.113.9:1,[::ffff:10.1.2.3]:2', '203.0.113.9'],
    ['a proxy in hexadecimal', '203.0.113.9:1,"[::ffff:a01:203]:2"', '203.0.113.9'],
    ['without a zone', '[fe80::1%eth0]:443', 'fe80::1'],
    ['whatever blanks are around it', '203.0.113.9:443\t ,\t10.1.2.3:443\t', '203.0.113.9'],
    ['the last and the first port', '203.0.113.9:65535, 10.1.2.3:1', '203.0.113.9'],
    ['with zeros before the port', '203.0.113.9:00443', '203.0.113.9'],
  ])('may be %s', async (_, forwarded, expected) => {
    expect(await addressOf(proxies, forwarded)).toBe(expected);
  });

  it.each([
    ...['203.0.113.9:0', '203.0.113.9:65536', '203.0.113.9:100000', '203.0.113.9:-1', '203.0.113.9:', '203.0.113.9:x'],
    ...['203.0.113.9:443x', '203.0.113.9:4 4', '203.0.113.9:443:1', '203.0.113.9:_port', '203.0.113.9;443', ':443'],
    ...['[203.0.113.9]', '[203.0.113.9]:443', '[2001:db8::1', '2001:db8::1]', '[2001:db8::1]443', '[2001:db8::1]:'],
    ...['[2001:db8::1]:0', '[2001:db8::1]:65536', '[]', '[]:443', '[[2001:db8::1]]', '[2001:db8::1]x', '[x]:443'],
    ...['1:2:3:4:5:6:7:8:443', '"203.0.113.9', '203.0.113.9"', '""203.0.113.9""', '"203.0.113.9":443', '"', '""'],
    ...["'203.0.113.9'", '203.0.113.9\\:443', 'for=203.0.113.9', 'for="203.0.113.9:443"', 'unknown', '_hidden'],
    ...['203.0.113.9%1', '203.0.113.9/32', '203.0.113', '203.0.113.256:443', '0xcb007109', '3405803785', '1', '127.1'],
    ...['http://203.0.113.9', 'client.example.com:443', '203.0.113.9 198.51.100.1'],
  ])('is nonsense, and nothing before it counts: %s', async (hop) => {
    for (const forwarded of [hop, `198.51.100.1, ${hop}`, `198.51.100.1:443, ${hop}, 10.1.2.3:443`]) {
      expect({ forwarded, address: await addressOf(proxies, forwarded) }).toEqual({ forwarded, address: '127.0.0.1' });
    }
  });

  it('is not looked at where whoever connects is no trusted proxy', async () => {
    const behind = serverBehind(['10.0.0.0/8']);
    for (const forwarded of [undefined, 'nonsense', '203.0.113.9:443', '"[2001:db8::1]:443"'])
      expect(await behind.addressOf(forwarded)).toBe('127.0.0.1');
    expect([behind.counted, behind.logged]).toEqual([[], []]);
  });
});

describe('a client that a trusted proxy does not tell', () => {
  it('is counted with each request, once however often it is asked for, and logged once for each reason', async () => {
    const behind = serverBehind(proxies);
    for (const forwarded of ['unknown', '203.0.113.9', 'hidden, 10.1.2.3', undefined, ' , ,'])
      await behind.addressOf(forwarded);
    expect(behind.counted).toEqual(['malformed', 'malformed', 'missing', 'missing']);
    expect(behind.logged).toEqual([
      [{ reason: 'malformed', proxy: '127.0.0.1', hop: 'unknown' }, 'client-address-unknown'],
      [{ reason: 'missing', proxy: '127.0.0.1', hop: '' }, 'client-address-unknown'],
    ]);
  });

  it('is logged with no more of what was sent than it takes, and nothing that is not printable', async () => {
    const behind = serverBehind(proxies);
    await behind.addressOf(`\u00e9\t${'x'.repeat(5000)}`);
    expect(behind.logged).toEqual([
      [{ reason: 'malformed', proxy: '127.0.0.1', hop: `??${'x'.repeat(62)}` }, 'client-address-unknown'],
    ]);
  });
});
