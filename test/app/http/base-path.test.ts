/** An issuer with a path, behind a proxy that takes it off, and behind one that leaves it on. */
import { decodeJwt } from 'jose';
import { describe, expect } from 'vitest';
import { addSigner, assertionType, newKeyPair, sign } from '../../support/clients.ts';
import { type Tessera, openTessera, password, startTessera, it as withTessera } from '../../support/tessera.ts';
import { type WireReply, ask, listen } from '../../support/wire.ts';

const issuer = 'https://example.com/auth';
const metadata = '/.well-known/oauth-authorization-server';

type Way = { readonly tessera: Tessera; readonly port: number; readonly prefix: string };

const it = withTessera.extend('ways', { scope: 'file' }, async ({}, { onCleanup }) => {
  const opened: (() => Promise<void>)[] = [];
  onCleanup(async () => {
    for (const close of opened) await close();
  });
  const open = async (prefix: string, environment: Record<string, string>): Promise<Way> => {
    const tessera = await openTessera({ ISSUER: issuer, ...environment });
    const { port, close } = await listen(tessera.app);
    opened.push(async () => {
      close();
      await tessera.close();
    });
    return { tessera, port, prefix };
  };
  return { 'takes it off': await open('', {}), 'leaves it on': await open('/auth', { BASE_PATH: '/auth' }) };
});

function jsonOf({ body }: WireReply): Record<string, unknown> {
  return JSON.parse(body) as Record<string, unknown>;
}

describe.for(['takes it off', 'leaves it on'] as const)('behind a proxy that %s', (name) => {
  const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
  const json = { 'Content-Type': 'application/json' };

  it('metadata is where RFC 8414 has it, and below the issuer, with the URLs of the issuer [RFC8414-3.1]', async ({
    ways,
  }) => {
    const { port, prefix } = ways[name];
    const appended = await ask(port, 'GET', prefix + metadata);
    const inserted = await ask(port, 'GET', `${metadata}/auth`);
    expect([appended.status, inserted.status]).toEqual([200, 200]);
    expect(inserted.body).toBe(appended.body);
    expect(jsonOf(inserted)).toMatchObject({
      issuer,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/.well-known/jwks.json`,
      revocation_endpoint: `${issuer}/revoke`,
      introspection_endpoint: `${issuer}/introspect`,
      service_documentation: `${issuer}/docs`,
    });
    for (const other of [`${metadata}/auth/`, `${metadata}/other`, `${metadata}/`, `${prefix}${metadata}/other`])
      expect({ other, status: (await ask(port, 'GET', other)).status }).toEqual({ other, status: 404 });
    const head = await ask(port, 'HEAD', `${metadata}/auth?x=1`, { Origin: 'https://app.example' });
    expect(head).toMatchObject({ status: 200, headers: { 'access-control-allow-origin': '*' } });
    expect((await ask(port, 'OPTIONS', `${metadata}/auth`)).status).toBe(204);
  });

  it('every URL of the metadata and every Location is there, once the prefix is what arrives', async ({ ways }) => {
    const { tessera, port, prefix } = ways[name];
    const arriving = (url: unknown) => String(url).replace(/^(https:\/\/example\.com)?\/auth/, prefix);
    const { jwks_uri, service_documentation } = jsonOf(await ask(port, 'GET', prefix + metadata));
    for (const url of [jwks_uri, service_documentation])
      expect((await ask(port, 'GET', arriving(url))).status).toBe(200);

    const account = JSON.stringify({ username: `user-${name.replaceAll(' ', '-')}`, password });
    const registered = await ask(port, 'POST', `${prefix}/users`, json, account);
    expect(registered).toMatchObject({ status: 201, headers: { location: '/auth/users/me' } });
    const { username } = jsonOf(registered) as { username: string };
    const login = new URLSearchParams({ grant_type: 'password', username, password }).toString();
    const { access_token: token } = jsonOf(await ask(port, 'POST', `${prefix}/token`, form, login)) as {
      access_token: string;
    };
    expect(decodeJwt(token)).toMatchObject({ iss: issuer, aud: issuer });
    const authorization = { Authorization: `Bearer ${token}` };
    const me = await ask(port, 'GET', arriving(registered.headers['location']), authorization);
    expect(jsonOf(me)).toMatchObject({ username });

    const admin = await tessera.newUser(['admin']);
    const asAdmin = new URLSearchParams({
      grant_type: 'password',
      username: admin.username,
      password,
      scope: 'clients:manage',
    });
    const { access_token: all } = jsonOf(await ask(port, 'POST', `${prefix}/token`, form, asAdmin.toString())) as {
      access_token: string;
    };
    const client = JSON.stringify({ client_name: 'a', scope: 'a' });
    const made = await ask(port, 'POST', `${prefix}/clients`, { ...json, Authorization: `Bearer ${all}` }, client);
    expect(made.headers['location']).toMatch(/^\/auth\/clients\/cli_/);
    expect(
      (await ask(port, 'GET', arriving(made.headers['location']), { Authorization: `Bearer ${all}` })).status,
    ).toBe(200);
  });

  it('the contract and client assertions go by the issuer', async ({ ways }) => {
    const { tessera, port, prefix } = ways[name];
    expect(jsonOf(await ask(port, 'GET', `${prefix}/openapi.json`))).toMatchObject({
      servers: [{ url: issuer }],
      components: { securitySchemes: { bearerAuth: { flows: { password: { tokenUrl: `${issuer}/token` } } } } },
    });
    const pair = newKeyPair('ES256');
    const id = await addSigner(tessera, pair);
    for (const [aud, status] of [
      [issuer, 200],
      ['https://example.com', 401],
    ] as const) {
      const client_assertion = await sign(tessera, id, pair, { claims: { aud } });
      const fields = { grant_type: 'client_credentials', client_assertion, client_assertion_type: assertionType };
      const reply = await ask(port, 'POST', `${prefix}/token`, form, new URLSearchParams(fields).toString());
      expect({ aud, status: reply.status }).toEqual({ aud, status });
    }
  });

  it('probes answer past the proxy', async ({ ways }) => {
    const { port, prefix } = ways[name];
    for (const path of ['/livez', '/readyz?verbose', `${prefix}/livez`])
      expect({ path, status: (await ask(port, 'GET', path)).status }).toEqual({ path, status: 200 });
  });
});

describe('a prefix that requests carry', () => {
  it('has to be there, exactly, in front of the path and nowhere else [HOSTILE/paths]', async ({ ways }) => {
    const { port } = ways['leaves it on'];
    const strangers = [
      ...['/', '/token', '/users/me', '/docs', '/openapi.json', '/.well-known/jwks.json', metadata],
      ...['/auth', '/auth/', '/authtoken', '/AUTH/users/me', '/%61uth/users/me', '/auth//users/me', '//auth/users/me'],
      ...['/auth/auth/users/me', '/x/auth/users/me', '/auth/../users/me', '/livez/', '*', '/auth/*', '/*'],
      ...['http://localhost', 'http://localhost/users/me', 'http://auth/users/me'],
    ];
    for (const target of strangers) {
      const reply = await ask(port, 'GET', target);
      expect({ target, status: reply.status }).toEqual({ target, status: 404 });
      expect(reply.headers['content-type']).toBe('application/problem+json');
    }
    for (const target of ['/auth/users/me', 'http://localhost/auth/users/me', 'HTTP://x.example:1/auth/users/me?x=1'])
      expect({ target, status: (await ask(port, 'GET', target)).status }).toEqual({ target, status: 401 });
    const refused = await ask(port, 'DELETE', '/auth/token');
    expect(refused).toMatchObject({ status: 405, headers: { allow: 'POST, OPTIONS' } });
  });

  it('need not be the path of the issuer', async () => {
    const { request } = await startTessera({ BASE_PATH: '/internal/tessera' });
    const reply = await request.get(`/internal/tessera${metadata}`).expect(200);
    expect(reply.body).toMatchObject({ jwks_uri: 'https://tokens.example.com/.well-known/jwks.json' });
    await request.get(metadata).expect(404);
  });
});
