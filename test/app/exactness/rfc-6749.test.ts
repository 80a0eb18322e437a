import { describe, expect } from 'vitest';
import { routes } from '../../../src/generated/routes.ts';
import { expectOAuthError, signIn } from '../../support/oauth.ts';
import { it, password } from '../../support/tessera.ts';

const endpoints = ['/token', '/revoke', '/introspect'];

describe.for(endpoints)('%s', (path) => {
  it('is for POST alone, with Allow to say so (RFC 6749, 3.2; RFC 7009, 2.1; RFC 7662, 2.1) [RFC6749-3.2/post]', async ({
    tessera,
  }) => {
    for (const method of ['get', 'put', 'patch', 'delete'] as const) {
      const reply = await tessera.request[method](`${path}?grant_type=password&token=x`);
      expectOAuthError(reply, 405, 'invalid_request');
      expect(reply.headers['allow']).toBe('POST, OPTIONS');
    }
  });

  it('has nothing that a cache may keep, whatever it answers (RFC 6749, 5.1 and 5.2) [RFC6749-5.1] [RFC6750-5.3] [RFC7662-4/no-cache]', async ({
    tessera,
  }) => {
    const { username, tokens } = await signIn(tessera);
    const observer = await tessera.addClient('tokens:introspect');
    const token = tokens.access_token;
    const requests = [
      tessera.form(path, {
        grant_type: 'password',
        username,
        password,
        token,
        ...(path === '/introspect' && observer),
      }),
      tessera.form(path, {}),
      tessera.form(path, { client_id: 'cli_x', client_secret: 'x', grant_type: 'password', token }),
      tessera.request.post(path).type('text').send('x'),
      tessera.request.post(path).type('form').send('x'.repeat(20_000)),
    ];
    const statuses: number[] = [];
    for (const request of requests) {
      const reply = await request;
      expect(reply.headers['cache-control']).toBe('no-store');
      statuses.push(reply.status);
    }
    expect(statuses).toEqual([200, 400, 401, 415, 413]);
  });
});

describe('the token endpoint', () => {
  it('is one operation, and there is no authorization endpoint beside it (RFC 6749, 3)', async ({ tessera }) => {
    const paths = Object.values(routes.operations).map((route) => route.path as string);
    expect(paths.filter((path) => /token|auth/.test(path))).toEqual([
      '/token',
      '/.well-known/oauth-authorization-server',
    ]);
    for (const path of ['/authorize', '/oauth/authorize', '/auth']) await tessera.request.get(path).expect(404);
  });

  it('has no grant but those of the contract: no code, no implicit, no device (RFC 6749, 4.1 and 4.2) [RFC6749-4.1] [RFC7523-2.1] [RFC9700-2.1.2] [ASVS-6.1.3]', async ({
    tessera,
  }) => {
    for (const grant_type of [
      'authorization_code',
      'implicit',
      'token',
      'urn:ietf:params:oauth:grant-type:device_code',
      'urn:ietf:params:oauth:grant-type:jwt-bearer',
      'urn:ietf:params:oauth:grant-type:token-exchange',
    ])
      expectOAuthError(await tessera.form('/token', { grant_type, code: 'x' }), 400, 'unsupported_grant_type');
  });

  it('says what was granted, be it what was asked for or not (RFC 6749, 3.3 and 5.1) [RFC6749-3.3/granted]', async ({
    tessera,
  }) => {
    const { username } = await tessera.newUser();
    for (const [asked, granted] of [
      ['', 'profile:read profile:write'],
      ['profile:write', 'profile:write'],
      ['profile:write profile:read', 'profile:write profile:read'],
    ] as const) {
      const reply = await tessera.form('/token', { grant_type: 'password', username, password, scope: asked });
      expect(reply.body).toMatchObject({ scope: granted, token_type: 'Bearer', expires_in: 900 });
      expect(reply.headers['content-type']).toBe('application/json');
    }
  });
});
