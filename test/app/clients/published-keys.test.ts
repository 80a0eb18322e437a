import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { type RequestListener, createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import type { Response } from 'supertest';
import { describe, expect, onTestFinished } from 'vitest';
import { type KeyPair, eventsOf, newKeyPair, present, sign } from '../../support/clients.ts';
import { expectInvalidClient, expectOAuthError } from '../../support/oauth.ts';
import { type Tessera, it, startTessera } from '../../support/tessera.ts';

const [first, second] = [newKeyPair('ES256', 'first'), newKeyPair('ES256', 'second')];

/** A client's own server, on this machine. Counts who comes. */
async function serve(answer: RequestListener): Promise<{ url: string; count: () => number }> {
  let count = 0;
  const server = createServer((request, response) => {
    count += 1;
    answer(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`, count: () => count };
}

function setOf(...pairs: KeyPair[]): string {
  return JSON.stringify({ keys: pairs.map(({ jwk }) => jwk) });
}

/** A server that publishes whatever text stands in `published.text`. */
async function publish(text: string) {
  const published = { text };
  const server = await serve((_, response) => response.end(published.text));
  return { published, ...server };
}

async function addFollower(tessera: Tessera, jwksUri: string): Promise<string> {
  return (await tessera.addClient('orders:read', { authMethod: 'private_key_jwt', jwksUri })).client_id;
}

async function show(tessera: Tessera, id: string, pair: KeyPair, changes?: Parameters<typeof sign>[3]) {
  return present(tessera, await sign(tessera, id, pair, changes));
}

function expectUnavailable(reply: Response): void {
  expectOAuthError(reply, 503, 'temporarily_unavailable');
  expect(reply.headers['retry-after']).toMatch(/^[1-5]$/);
}

describe('the keys that a client publishes at its jwks_uri (RFC 7523, 3; RFC 7591, 2)', () => {
  it('are fetched when the first assertion comes, and kept for ten minutes', async () => {
    const tessera = await startTessera();
    const { url, count } = await publish(setOf(first));
    const id = await addFollower(tessera, url);
    expect(count()).toBe(0);
    await Promise.all(Array.from({ length: 5 }, async () => (await show(tessera, id, first)).ok)).then((all) => {
      expect(all).toEqual([true, true, true, true, true]);
    });
    tessera.clock.advance(599);
    expect((await show(tessera, id, first)).status).toBe(200);
    expect(count()).toBe(1);
    tessera.clock.advance(1);
    expect((await show(tessera, id, first)).status).toBe(200);
    expect(count()).toBe(2);
  });

  it('may rotate: an unknown kid has them fetched again, once in thirty seconds', async () => {
    const tessera = await startTessera();
    const { published, url, count } = await publish(setOf(first));
    const id = await addFollower(tessera, url);
    expect((await show(tessera, id, first)).status).toBe(200);
    published.text = setOf(first, second);
    tessera.clock.advance(29);
    expectInvalidClient(await show(tessera, id, second));
    expect(count()).toBe(1);
    tessera.clock.advance(1);
    expect((await show(tessera, id, second)).status).toBe(200);
    expect((await show(tessera, id, first)).status).toBe(200);
    expect(count()).toBe(2);
    for (let tries = 0; tries < 5; tries += 1)
      expectInvalidClient(await show(tessera, id, newKeyPair('ES256', 'unknown')));
    expect(count()).toBe(2);
    tessera.clock.advance(30);
    expectInvalidClient(await show(tessera, id, newKeyPair('ES256', 'unknown')));
    expect(count()).toBe(3);
  });

  it('stop working once they are published no more, ten minutes later at the latest', async () => {
    const tessera = await startTessera();
    const { published, url } = await publish(setOf(first));
    const id = await addFollower(tessera, url);
    expect((await show(tessera, id, first)).status).toBe(200);
    published.text = setOf(second);
    tessera.clock.advance(600);
    expectInvalidClient(await show(tessera, id, first));
    expect((await show(tessera, id, second)).status).toBe(200);
  });

  it('may rotate without names, too', async () => {
    const tessera = await startTessera();
    const [old, next] = [newKeyPair('EdDSA'), newKeyPair('EdDSA')];
    const { published, url } = await publish(setOf(old));
    const id = await addFollower(tessera, url);
    expect((await show(tessera, id, old)).status).toBe(200);
    published.text = setOf(next);
    tessera.clock.advance(30);
    expect((await show(tessera, id, next)).status).toBe(200);
    expectInvalidClient(await show(tessera, id, old));
  });

  it('may be for EdDSA or for Ed25519, which are one algorithm (RFC 9864, 2.2), but on no other curve', async () => {
    const tessera = await startTessera();
    const ed448 = generateKeyPairSync('ed448').publicKey.export({ format: 'jwk' });
    const strangers = ['EdDSA', 'Ed25519', 'Ed448'].map((alg) => ({ ...ed448, alg, kid: alg }));
    const pairs = [undefined, 'EdDSA', 'Ed25519'].map((registered) => {
      const pair = newKeyPair('EdDSA', `for ${registered ?? 'any'}`);
      return { ...pair, jwk: { ...pair.jwk, ...(registered !== undefined && { alg: registered }) } };
    });
    const { url } = await publish(JSON.stringify({ keys: [...strangers, ...pairs.map(({ jwk }) => jwk)] }));
    const id = await addFollower(tessera, url);
    for (const pair of pairs)
      for (const alg of ['EdDSA', 'Ed25519'])
        expect((await show(tessera, id, pair, { header: { alg } })).status).toBe(200);
    for (const { kid } of strangers)
      expectInvalidClient(await show(tessera, id, newKeyPair('EdDSA'), { header: { kid } }));
  });

  it('cannot be had from a server that answers with something that is no reply, which holds up nobody', async () => {
    const tessera = await startTessera();
    const server = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.write('HTTP/1.1 101 x\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'));
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const id = await addFollower(tessera, `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`);
    for (let tries = 0; tries < 3; tries += 1) expectUnavailable(await show(tessera, id, first));
  });

  it('are not fetched for an assertion that could not be right, nor again for a bad signature', async () => {
    const tessera = await startTessera();
    const { url, count } = await publish(setOf(first));
    const id = await addFollower(tessera, url);
    expectInvalidClient(await show(tessera, id, first, { claims: { aud: 'x' } }));
    expectInvalidClient(await show(tessera, id, first, { claims: { exp: tessera.clock() - 60 } }));
    expect(count()).toBe(0);
    tessera.clock.advance(60);
    expectInvalidClient(await show(tessera, id, first, { key: second.privateKey }));
    tessera.clock.advance(60);
    expectInvalidClient(await show(tessera, id, first, { key: second.privateKey }));
    expect(count()).toBe(1);
  });

  it('are not fetched by http in production, though they were registered for it elsewhere', async () => {
    const tessera = await startTessera({ NODE_ENV: 'production', RATE_LIMITS: 'on' });
    const { url, count } = await publish(setOf(first));
    const id = await addFollower(tessera, 'https://a.example/jwks');
    const occasion = { actor: { kind: 'schedule' }, reason: null, at: tessera.clock() } as const;
    await tessera.database.clients.updateClient(id, () => ({ jwksUri: url }), occasion);
    for (let tries = 0; tries < 3; tries += 1) expectInvalidClient(await show(tessera, id, first));
    expect(count()).toBe(0);
  });

  it('are those of the one client, and of the place that is registered now', async () => {
    const tessera = await startTessera();
    const [mine, others] = [await publish(setOf(first)), await publish(setOf(second))];
    const [id, other] = [await addFollower(tessera, mine.url), await addFollower(tessera, others.url)];
    expect((await show(tessera, id, first)).status).toBe(200);
    expect((await show(tessera, other, second)).status).toBe(200);
    expectInvalidClient(await show(tessera, id, second, { header: { jku: others.url } }));
    const occasion = { actor: { kind: 'schedule' }, reason: null, at: tessera.clock() } as const;
    await tessera.database.clients.updateClient(id, () => ({ jwksUri: others.url }), occasion);
    expectInvalidClient(await show(tessera, id, first));
    expect((await show(tessera, id, second)).status).toBe(200);
  });

  it('leave out what is no public key for signatures; the others work [RFC8725-3.4]', async () => {
    const tessera = await startTessera();
    const { kty, crv, x, y } = second.jwk;
    const d = second.privateKey.export({ format: 'jwk' }).d;
    const odd = [null, 1, {}, { kty: 'oct', k: 'AAAA' }, { kty: 'XYZ' }, { kty: 'EC', crv, x, y: x }];
    const keys = [...odd, { kty, crv, x, y, d, kid: 'second' }, first.jwk];
    const { url } = await publish(JSON.stringify({ keys }));
    const id = await addFollower(tessera, url);
    expect((await show(tessera, id, first)).status).toBe(200);
    expectInvalidClient(await show(tessera, id, second));
  });
});

describe('a jwks_uri that cannot be read: 503, since the client may be right', () => {
  const broken: [what: string, answer: RequestListener][] = [
    ['answers 404', (_, response) => response.writeHead(404).end(setOf(first))],
    ['answers 500', (_, response) => response.writeHead(500).end(setOf(first))],
    ['answers 204', (_, response) => response.writeHead(204).end()],
    ['is no JSON', (_, response) => response.end('<html>')],
    ['is no JWK Set', (_, response) => response.end(JSON.stringify(first.jwk))],
    ['holds no array', (_, response) => response.end('{"keys":{}}')],
    ['is not UTF-8', (_, response) => response.end(Buffer.concat([Buffer.from(setOf(first)), Buffer.of(0xff)]))],
    ['has more keys than anyone needs', (_, response) => response.end(setOf(...Array<KeyPair>(101).fill(first)))],
    [
      'is cut off',
      (_, response) => response.writeHead(200, { 'Content-Length': 1000 }).write('{', () => response.destroy()),
    ],
    ['hangs up', (_, response) => response.destroy()],
  ];

  it.for(broken)('when it %s [HOSTILE/jwks-uri]', async ([, answer], { tessera }) => {
    const { url } = await serve(answer);
    const id = await addFollower(tessera, url);
    expectUnavailable(await show(tessera, id, first));
    expect((await eventsOf(tessera, id)).map(({ type }) => type)).toEqual(['client.registered']);
  });

  it('when it redirects, which nobody follows [HOSTILE/jwks-uri]', async ({ tessera }) => {
    const target = await publish(setOf(first));
    for (const status of [301, 302, 303, 307, 308]) {
      const { url, count } = await serve((_, response) => response.writeHead(status, { Location: target.url }).end());
      expectUnavailable(await show(tessera, await addFollower(tessera, url), first));
      expect(count()).toBe(1);
    }
    expect(target.count()).toBe(0);
  });

  it('when nobody listens', async ({ tessera }) => {
    const id = await addFollower(tessera, 'http://127.0.0.1:9/jwks');
    expectUnavailable(await show(tessera, id, first));
  });

  it('when it is huge: it is given up early [HOSTILE/jwks-uri]', async ({ tessera }) => {
    let sent = 0;
    const { url } = await serve((_, response) => {
      const more = () => {
        while (!response.destroyed && sent < 50_000_000 && response.write(' '.repeat(16_384))) sent += 16_384;
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    });
    expectUnavailable(await show(tessera, await addFollower(tessera, url), first));
    expect(sent).toBeLessThan(10_000_000);
  });

  it('when it hangs, before or within the answer: for three seconds, while others are served [HOSTILE/jwks-uri]', async ({
    tessera,
  }) => {
    const silent = await serve(() => undefined);
    const slow = await serve((_, response) => {
      const timer = setInterval(() => response.write(' '), 100);
      response.on('close', () => {
        clearInterval(timer);
      });
    });
    const began = performance.now();
    const waiting = [silent, slow].map(async ({ url }) => show(tessera, await addFollower(tessera, url), first));
    const service = await tessera.addClient('orders:read');
    await tessera.form('/token', { grant_type: 'client_credentials', ...service }).expect(200);
    // Nobody has been answered yet.
    expect(await Promise.race([...waiting, Promise.resolve('still waiting')])).toBe('still waiting');
    for (const reply of await Promise.all(waiting)) expectUnavailable(reply);
    expect(performance.now() - began).toBeLessThan(15_000);
  });

  it('and works again when it is mended; until then it is asked every five seconds at most', async () => {
    const tessera = await startTessera();
    const { published, url, count } = await publish('broken');
    const id = await addFollower(tessera, url);
    for (let tries = 0; tries < 5; tries += 1) expectUnavailable(await show(tessera, id, first));
    expect(count()).toBe(1);
    published.text = setOf(first);
    tessera.clock.advance(4);
    expectUnavailable(await show(tessera, id, first));
    tessera.clock.advance(1);
    expect((await show(tessera, id, first)).status).toBe(200);
    expect(count()).toBe(2);
  });

  it('with one line in the log, however many wait for them or come again', async () => {
    const tessera = await startTessera();
    const { url, count } = await serve((_, response) => setTimeout(() => response.writeHead(500).end(), 500));
    const id = await addFollower(tessera, url);
    const assertions = await Promise.all(Array.from({ length: 10 }, () => sign(tessera, id, first)));
    tessera.log.length = 0;
    const replies = assertions.map(async (assertion) => present(tessera, assertion));
    for (const reply of await Promise.all(replies)) expectUnavailable(reply);
    expectUnavailable(await show(tessera, id, first));
    expect(count()).toBe(1);
    expect(tessera.log.map((line) => (JSON.parse(line) as { level: number }).level)).toEqual([50]);
  });

  it('while keys that are kept go on working', async () => {
    const tessera = await startTessera();
    const { published, url } = await publish(setOf(first));
    const id = await addFollower(tessera, url);
    expect((await show(tessera, id, first)).status).toBe(200);
    published.text = 'broken';
    tessera.clock.advance(60);
    expectUnavailable(await show(tessera, id, second));
    expect((await show(tessera, id, first)).status).toBe(200);
  });
});
