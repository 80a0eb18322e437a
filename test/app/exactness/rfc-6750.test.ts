import { describe, expect } from 'vitest';
import { routes } from '../../../src/generated/routes.ts';
import { expectContractKept } from '../../support/contract-check.ts';
import { it as base } from '../../support/tessera.ts';
import { type Headers, ask, listen } from '../../support/wire.ts';

const it = base
  .extend('port', { scope: 'file' }, async ({ tessera }, { onCleanup }) => {
    const { port, close } = await listen(tessera.app);
    onCleanup(close);
    return port;
  })
  .extend('admin', { scope: 'file' }, async ({ tessera }) => (await tessera.newUser(['admin'])).username);

const realm = 'Bearer realm="tessera"';

/** Every operation that takes an access token and nothing else, with a path on which something might be. */
const secured = Object.values(routes.operations)
  .filter((route) => route.access === 'bearer')
  .map(({ method, path, mediaTypes, scopes: [scope = ''] }) => ({
    method: method.toUpperCase(),
    path,
    scope: scope,
    typed: mediaTypes.length === 0 ? {} : { 'Content-Type': mediaTypes[0] },
    target: path
      .replace('{userId}', 'usr_AAAAAAAAAAAAAAAAAAAAAA')
      .replace('{clientId}', 'cli_AAAAAAAAAAAAAAAAAAAAAA')
      .replace('{secretId}', 'sec_AAAAAAAAAAAAAAAAAAAAAA')
      .replace('{sessionId}', '00000000-0000-4000-8000-000000000000')
      .replace('{kid}', 'unknown'),
  }));

describe.for(secured)('$method $path', ({ method, target, scope, typed }) => {
  it('has a bare challenge for a request without credentials, or of another scheme (RFC 6750, 3 and 3.1) [RFC6750-3/no-credentials]', async ({
    port,
  }) => {
    for (const headers of [{}, { Authorization: 'Basic eDp4' }, { Authorization: 'DPoP x' }] as Headers[]) {
      const reply = await ask(port, method, target, { ...typed, ...headers });
      expectContractKept(method, target, reply);
      expect(reply.status).toBe(401);
      expect(reply.headers['www-authenticate']).toBe(realm);
      expect(reply.body).not.toContain('invalid_token');
    }
  });

  it('answers a token that does not work with 401 and invalid_token (RFC 6750, 3.1) [RFC6750-3.1/invalid-token] [RFC9068-4/invalid-token]', async ({
    port,
  }) => {
    for (const token of ['x', 'a.b.c', '!', '']) {
      const reply = await ask(port, method, target, { ...typed, Authorization: `Bearer ${token}` });
      expectContractKept(method, target, reply);
      expect(reply.status).toBe(401);
      expect(reply.headers['www-authenticate']).toBe(
        `${realm}, error="invalid_token", error_description="The access token does not work."`,
      );
    }
  });

  it('answers a token without its scope with 403, insufficient_scope and the scope (RFC 6750, 3.1) [RFC6750-3/challenge] [RFC6750-3.1/insufficient-scope] [ASVS-10.3.2]', async ({
    port,
    tessera,
    admin,
  }) => {
    const all = (await tessera.login(admin)).scope.split(' ');
    const { access_token: token } = await tessera.login(admin, all.filter((each) => each !== scope).join(' '));
    const reply = await ask(port, method, target, { ...typed, Authorization: `Bearer ${token}` });
    expectContractKept(method, target, reply);
    expect(reply.status).toBe(403);
    expect(reply.headers['www-authenticate']).toBe(`${realm}, error="insufficient_scope", scope="${scope}"`);
  });
});

describe('the operations that take access tokens', () => {
  it('are all those of the contract but /introspect, each with one scope', () => {
    const bearers = Object.values(routes.operations).filter((route) => route.scopes.length > 0);
    expect(secured).toHaveLength(bearers.length - 1);
    for (const { scope } of secured) expect(scope).toMatch(/^[a-z]+:[a-z]+$/);
  });
});
