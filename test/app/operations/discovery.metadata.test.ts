import { describe, expect } from 'vitest';
import { type AlgorithmName, algorithmOf } from '../../../src/keys/algorithm.ts';
import { basic, expectOAuthError, signIn } from '../../support/oauth.ts';
import { addSigner, assertionType, forUsers, newKeyPair, sign } from '../../support/clients.ts';
import { type Tessera, it, startTessera } from '../../support/tessera.ts';
import { issuer, password } from '../../support/tessera.ts';

const confidential = ['client_secret_basic', 'client_secret_post', 'private_key_jwt'];
const algorithms = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'];

const path = '/.well-known/oauth-authorization-server';

type Endpoint = 'token' | 'revocation' | 'introspection';
type Metadata = Record<`${Endpoint}_endpoint` | 'jwks_uri' | 'service_documentation', string> &
  Record<
    | `${Endpoint}_endpoint_auth_${'methods' | 'signing_alg_values'}_supported`
    | 'grant_types_supported'
    | 'scopes_supported',
    string[]
  >;

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
  const client = await tessera.addClient('profile:read', forUsers);
  const request = tessera.request.post(pathIn(url)).type('form');
  if (method === 'client_secret_basic') return request.set('Authorization', basic(client)).send(form);
  if (method === 'client_secret_post') return request.send({ ...form, ...client });
  if (method === 'none') return request.send(form);
  if (method === 'private_key_jwt') {
    const pair = newKeyPair('ES256');
    const client_assertion = await sign(tessera, await addSigner(tessera, pair, forUsers), pair);
    return request.send({ ...form, client_assertion, client_assertion_type: assertionType });
  }
  throw new Error(`The test does not know ${method}`);
}

describe('the authorization server metadata (RFC 8414)', () => {
  it('is what RFC 8414, 2 asks for, under the configured issuer [RFC8414-2/members] [RFC9700-2.6/metadata]', async ({
    tessera,
  }) => {
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
        'users:read',
        'users:manage',
        'clients:manage',
        'tokens:introspect',
        'audit:read',
      ],
      token_endpoint_auth_methods_supported: [...confidential, 'none'],
      token_endpoint_auth_signing_alg_values_supported: algorithms,
      revocation_endpoint_auth_methods_supported: [...confidential, 'none'],
      revocation_endpoint_auth_signing_alg_values_supported: algorithms,
      introspection_endpoint_auth_methods_supported: confidential,
      introspection_endpoint_auth_signing_alg_values_supported: algorithms,
    });
  });

  it('follows the configured issuer and not the host of the request [RFC8414-3.3]', async () => {
    const tessera = await startTessera({ ISSUER: 'http://localhost:9999' });
    const reply = await tessera.request.get(path).set('Host', 'evil.example');
    expect(reply.body).toMatchObject({
      issuer: 'http://localhost:9999',
      token_endpoint: 'http://localhost:9999/token',
    });
    expect(reply.text).not.toContain('evil');
  });

  it('names pages that are there [RFC9068-4/keys]', async ({ tessera }) => {
    const { jwks_uri, service_documentation } = await metadataOf(tessera);
    for (const url of [jwks_uri, service_documentation]) await tessera.request.get(pathIn(url)).expect(200);
  });

  it('lists grants that work [RFC8414-2/members]', async ({ tessera }) => {
    const { grant_types_supported: grants, token_endpoint } = await metadataOf(tessera);
    const client = await tessera.addClient('profile:read', forUsers);
    const { username, tokens } = await signIn(tessera, { client });
    for (const grant_type of grants) {
      const form = { grant_type, username, password, refresh_token: tokens.refresh_token, ...client };
      await tessera.form(pathIn(token_endpoint), form).expect(200);
    }
    expect(grants).not.toHaveLength(0);
  });

  it('lists algorithms that client assertions may be signed with, at each endpoint (RFC 8414, 2) [RFC8414-2/algorithms]', async ({
    tessera,
  }) => {
    const metadata = await metadataOf(tessera);
    for (const alg of algorithms as AlgorithmName[]) {
      const pair = newKeyPair(algorithmOf(alg));
      const id = await addSigner(tessera, pair);
      const forms = [
        ['token', { grant_type: 'client_credentials' }],
        ['revocation', { token: 'unknown' }],
        ['introspection', { token: 'unknown' }],
      ] as const;
      for (const [endpoint, form] of forms) {
        expect(metadata[`${endpoint}_endpoint_auth_signing_alg_values_supported`]).toContain(alg);
        const client_assertion = await sign(tessera, id, pair, { header: { alg } });
        const fields = { ...form, client_assertion, client_assertion_type: assertionType };
        await tessera.form(pathIn(metadata[`${endpoint}_endpoint`]), fields).expect(200);
      }
    }
  });

  it('does not list the password grant where it is turned off, and it does not work there (RFC 6749, 5.2) [RFC6749-5.2/unsupported-grant-type] [RFC9700-2.4]', async () => {
    const tessera = await startTessera({ PASSWORD_GRANT: 'off' });
    expect((await metadataOf(tessera)).grant_types_supported).toEqual(['refresh_token', 'client_credentials']);
    const { username } = await tessera.newUser();
    for (const client of [{}, await tessera.addClient('profile:read', forUsers)]) {
      const reply = await tessera.form('/token', { grant_type: 'password', username, password, ...client });
      expectOAuthError(reply, 400, 'unsupported_grant_type');
    }
    const service = await tessera.addClient('orders:read');
    await tessera.form('/token', { grant_type: 'client_credentials', ...service }).expect(200);
  });

  it('lists scopes that somebody can be granted', async ({ tessera }) => {
    const { scopes_supported: scopes } = await metadataOf(tessera);
    const { username } = await tessera.newUser(['admin']);
    expect((await tessera.login(username, scopes.join(' '))).scope).toBe(scopes.join(' '));
  });

  it('lists methods of client authentication that work at each endpoint [RFC8414-2/members]', async ({ tessera }) => {
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
