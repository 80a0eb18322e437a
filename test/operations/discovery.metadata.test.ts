import { describe, expect } from 'vitest';
import { basic, signIn } from '../support/oauth.ts';
import { type Tessera, it, startTessera } from '../support/tessera.ts';
import { issuer, password } from '../support/tessera.ts';

const path = '/.well-known/oauth-authorization-server';

type Endpoint = 'token' | 'revocation' | 'introspection';
type Metadata = Record<`${Endpoint}_endpoint` | 'jwks_uri' | 'service_documentation', string> &
  Record<`${Endpoint}_endpoint_auth_methods_supported` | 'grant_types_supported' | 'scopes_supported', string[]>;

async function metadataOf(tessera: Tessera): Promise<Metadata> {
  return (await tessera.request.get(path).expect(200)).body as Metadata;
}

/** The way to what a URL of the metadata names, once the issuer's host is this server. */
function pathIn(url: string): string {
  expect(url.startsWith(`${issuer}/`)).toBe(true);
  return url.slice(issuer.length);
}

/** Sends the form with client authentication by `method` (RFC 8414, 2). */
async function send(tessera: Tessera, url: string, method: string, form: Record<string, string>) {
  const client = await tessera.addClient('profile:read');
  const request = tessera.request.post(pathIn(url)).type('form');
  if (method === 'client_secret_basic') return request.set('Authorization', basic(client)).send(form);
  if (method === 'client_secret_post') return request.send({ ...form, ...client });
  if (method === 'none') return request.send(form);
  throw new Error(`The test does not know ${method}`);
}

describe('the authorization server metadata (RFC 8414)', () => {
  it('is what RFC 8414, 2 asks for, under the configured issuer', async ({ tessera }) => {
    expect(await metadataOf(tessera)).toEqual({
      issuer,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/.well-known/jwks.json`,
      revocation_endpoint: `${issuer}/revoke`,
      introspection_endpoint: `${issuer}/introspect`,
      service_documentation: `${issuer}/docs`,
      response_types_supported: [],
      grant_types_supported: ['password', 'refresh_token', 'client_credentials'],
      scopes_supported: [
        'profile:read',
        'profile:write',
        'keys:read',
        'keys:manage',
        'tokens:introspect',
        'audit:read',
      ],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
      revocation_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
      introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    });
  });

  it('follows the configured issuer and not the host of the request', async () => {
    const tessera = await startTessera({ ISSUER: 'http://localhost:9999' });
    const reply = await tessera.request.get(path).set('Host', 'evil.example');
    expect(reply.body).toMatchObject({
      issuer: 'http://localhost:9999',
      token_endpoint: 'http://localhost:9999/token',
    });
    expect(reply.text).not.toContain('evil');
  });

  it('names pages that are there', async ({ tessera }) => {
    const { jwks_uri, service_documentation } = await metadataOf(tessera);
    for (const url of [jwks_uri, service_documentation]) await tessera.request.get(pathIn(url)).expect(200);
  });

  it('lists grants that work', async ({ tessera }) => {
    const { grant_types_supported: grants, token_endpoint } = await metadataOf(tessera);
    const client = await tessera.addClient('profile:read');
    const { username, tokens } = await signIn(tessera, { client });
    for (const grant_type of grants) {
      const form = { grant_type, username, password, refresh_token: tokens.refresh_token, ...client };
      await tessera.form(pathIn(token_endpoint), form).expect(200);
    }
    expect(grants).not.toHaveLength(0);
  });

  it('lists scopes that somebody can be granted', async ({ tessera }) => {
    const { scopes_supported: scopes } = await metadataOf(tessera);
    const { username } = await tessera.newUser(['admin']);
    expect((await tessera.login(username, scopes.join(' '))).scope).toBe(scopes.join(' '));
  });

  it('lists methods of client authentication that work at each endpoint', async ({ tessera }) => {
    const metadata = await metadataOf(tessera);
    const { username } = await tessera.newUser();
    const forms = {
      token: { grant_type: 'password', username, password },
      revocation: { token: 'unknown' },
      introspection: { token: 'unknown' },
    };
    for (const endpoint of ['token', 'revocation', 'introspection'] as const) {
      const methods = metadata[`${endpoint}_endpoint_auth_methods_supported`];
      expect(methods).not.toHaveLength(0);
      for (const method of methods) {
        const reply = await send(tessera, metadata[`${endpoint}_endpoint`], method, forms[endpoint]);
        expect(`${endpoint} ${method} ${reply.status}`).toBe(`${endpoint} ${method} 200`);
      }
    }
  });

  it('does not list a method that does not work', async ({ tessera }) => {
    const metadata = await metadataOf(tessera);
    const reply = await send(tessera, metadata.introspection_endpoint, 'none', { token: 'unknown' });
    expect(reply.status).toBe(401);
    expect(metadata.introspection_endpoint_auth_methods_supported).not.toContain('none');
  });
});
