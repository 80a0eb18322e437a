import { readFile } from 'node:fs/promises';
import type { Response } from 'supertest';
import { describe, expect } from 'vitest';
import { parse } from 'yaml';
import { rotateKeys } from '../../../src/keys/changes/rotation.ts';
import { expectProblem, matching } from '../../support/oauth.ts';
import { routes } from '../../../src/generated/routes.ts';
import { type Tessera, issuer, it, startTessera } from '../../support/tessera.ts';

const jwks = '/.well-known/jwks.json';
const metadata = '/.well-known/oauth-authorization-server';
const all = [jwks, metadata, '/openapi.json', '/openapi.yaml'] as const;

/** The headers that the operation chose: not those of the connection, nor those that every reply has. */
function chosen({ headers }: Response): Record<string, string> {
  const { date, connection, ...rest } = headers as Record<string, string>;
  expect(date).toBeDefined();
  expect(connection).toBeDefined();
  const everyReply = Object.keys(routes.everyReply).map((name) => name.toLowerCase());
  expect(Object.keys(rest)).toEqual(expect.arrayContaining(everyReply));
  return Object.fromEntries(Object.entries(rest).filter(([name]) => !everyReply.includes(name)));
}

async function etagOf(tessera: Tessera, path: string): Promise<string> {
  return (await tessera.request.get(path).expect(200)).headers['etag'] as string;
}

describe.for(all)('GET %s', (path) => {
  it('may be cached, compared and read by pages of any origin', async ({ tessera }) => {
    const reply = await tessera.request.get(path).set('Origin', 'https://app.example');
    expect(reply.status).toBe(200);
    expect(chosen(reply)).toEqual({
      'content-type': path.endsWith('.yaml') ? 'application/yaml' : 'application/json',
      'content-length': String(Buffer.byteLength(reply.text)),
      'cache-control': 'public, max-age=300',
      etag: matching(/^"[\w-]{43}"$/),
      'access-control-allow-origin': '*',
      'access-control-expose-headers': 'WWW-Authenticate, Retry-After, ETag, Location, Link, X-Request-Id',
    });
  });

  it.for([
    ['the tag', (tag: string) => tag],
    ['the tag as a weak one', (tag: string) => `W/${tag}`],
    ['a list with the tag in it', (tag: string) => `"one", W/"two",${tag} , "three"`],
    ['a star', () => '*'],
  ] as const)('answers 304 without content to %s (RFC 9110, 13.1.2)', async ([, write], { tessera }) => {
    const whole = await tessera.request.get(path);
    const reply = await tessera.request.get(path).set('If-None-Match', write(await etagOf(tessera, path)));
    expect(reply.status).toBe(304);
    expect(reply.text).toBe('');
    const { 'content-type': type, 'content-length': length, ...rest } = chosen(whole);
    expect([type, length]).not.toContain(undefined);
    expect(chosen(reply)).toEqual(rest);
  });

  it('answers 200 to the tag of another copy', async ({ tessera }) => {
    const tag = await etagOf(tessera, path);
    const bare = tag.slice(1, -1);
    for (const other of [
      '"other"',
      'W/"other"',
      bare,
      `"${bare.slice(1)}"`,
      `"${bare}x"`,
      `w/${tag}`,
      '"*"',
      `"a" ${tag}`,
    ])
      await tessera.request.get(path).set('If-None-Match', other).expect(200);
  });

  it('refuses a header that is too long, in a way that pages can read', async ({ tessera }) => {
    const reply = await tessera.request.get(path).set('If-None-Match', `"${'x'.repeat(1023)}"`);
    expectProblem(reply, 400, '/headers/if-none-match');
    expect(reply.headers['access-control-allow-origin']).toBe('*');
  });
});

describe('the tag of a document', () => {
  it('is the same at every replica, and another for any other content (RFC 9110, 8.8.3)', async ({ tessera }) => {
    const replica = await startTessera();
    const changed = await startTessera({ ISSUER: 'https://other.example.com' }, ({ contract: { document, yaml } }) => ({
      contract: { document: Object.assign({}, document, { 'x-more': true }), yaml: `${yaml}#` },
    }));
    for (const path of [metadata, '/openapi.json', '/openapi.yaml']) {
      const tag = await etagOf(tessera, path);
      expect(await etagOf(replica, path)).toBe(tag);
      expect(await etagOf(changed, path)).not.toBe(tag);
    }
    expect(new Set(await Promise.all(all.map((path) => etagOf(tessera, path)))).size).toBe(4);
  });
});

describe.for(all)('HEAD and OPTIONS %s', (path) => {
  it('HEAD answers with the headers of GET, and no content (RFC 9110, 9.3.2)', async ({ tessera }) => {
    const requests: [query: string, ifNoneMatch: string][] = [
      ['', '"other"'],
      ['', await etagOf(tessera, path)],
      ['?v=1', '"other"'],
    ];
    for (const [query, tag] of requests) {
      const get = await tessera.request.get(path + query).set('If-None-Match', tag);
      const head = await tessera.request.head(path + query).set('If-None-Match', tag);
      expect(head.status).toBe(get.status);
      expect(head.text).toBeFalsy();
      expect(chosen(head)).toEqual(chosen(get));
    }
  });

  it('OPTIONS tells pages of any origin what they may do', async ({ tessera }) => {
    const reply = await tessera.request
      .options(path)
      .set('Origin', 'https://app.example')
      .set('Access-Control-Request-Method', 'GET')
      .set('Access-Control-Request-Headers', 'if-none-match,traceparent');
    expect(reply.status).toBe(204);
    expect(reply.text).toBe('');
    expect(chosen(reply)).toEqual({
      allow: 'GET, HEAD, OPTIONS',
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET, HEAD',
      'access-control-allow-headers':
        'Authorization, Content-Type, If-None-Match, Traceparent, Tracestate, X-Requested-With',
      'access-control-max-age': '86400',
    });
  });
});

describe('the key set', () => {
  type Keys = { keys: Record<string, string>[] };

  it('holds the signing key and its standby, with public members alone (RFC 7518, 6.3)', async ({ tessera }) => {
    const { keys } = (await tessera.request.get(jwks)).body as Keys;
    const { signer, standbys } = tessera.keys.keyring.plan;
    expect(keys.map(({ kid }) => kid)).toEqual([signer?.kid, ...standbys.map(({ kid }) => kid)]);
    expect(keys).toHaveLength(2);
    for (const key of keys) {
      expect(Object.keys(key).toSorted()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
      expect(key).toMatchObject({ kty: 'RSA', use: 'sig', alg: 'RS256', e: 'AQAB' });
      expect(Buffer.from(key['n'] ?? '', 'base64url')).toHaveLength(256);
    }
  });

  it('keeps its tag while nothing changes, and has another once the keys have rotated', async () => {
    const tessera = await startTessera();
    const cause = { actor: { kind: 'script', name: 'ada' }, reason: null } as const;
    const before = await tessera.request.get(jwks);
    expect(await etagOf(tessera, jwks)).toBe(before.headers['etag']);

    expect(await rotateKeys(tessera.keys, { force: true, cause })).toMatchObject({ kind: 'rotated' });

    const after = await tessera.request.get(jwks).set('If-None-Match', String(before.headers['etag']));
    expect(after.status).toBe(200);
    expect(after.headers['etag']).not.toBe(before.headers['etag']);
    const kids = ({ keys }: Keys) => keys.map(({ kid }) => kid);
    expect(kids(after.body as Keys)).toHaveLength(3);
    expect(kids(after.body as Keys)).toEqual(expect.arrayContaining(kids(before.body as Keys)));
  });
});

describe('the contract', () => {
  const textOf = async (tessera: Tessera) =>
    ((await tessera.request.get('/openapi.yaml').buffer().parse(asBuffer)).body as Buffer).toString();

  it('is served as it was written, comments included, but for the URLs of the server', async ({ tessera }) => {
    const file = await readFile(new URL('../../../openapi.yaml', import.meta.url), 'utf8');
    const [written, served] = [file.split('\n'), (await textOf(tessera)).split('\n')];
    expect(file).toContain('#');
    expect(served).toHaveLength(written.length);
    const changed = served.filter((line, at) => line !== written[at]).map((line) => line.trim());
    expect(changed).toEqual([
      `- url: ${issuer}`,
      `tokenUrl: ${issuer}/token`,
      `refreshUrl: ${issuer}/token`,
      `tokenUrl: ${issuer}/token`,
    ]);
  });

  it('is the same document as JSON', async ({ tessera }) => {
    const reply = await tessera.request.get('/openapi.json').expect(200);
    expect(reply.body).toEqual(parse(await textOf(tessera)));
    expect(reply.body).toMatchObject({ servers: [{ url: issuer }] });
  });
});

function asBuffer(reply: Response, done: (error: Error | null, body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  reply.on('data', (chunk: Buffer) => chunks.push(chunk));
  reply.on('end', () => {
    done(null, Buffer.concat(chunks));
  });
}
