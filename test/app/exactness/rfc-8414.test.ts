import { describe, expect } from 'vitest';
import { it, issuer } from '../../support/tessera.ts';

const path = '/.well-known/oauth-authorization-server';

describe('the authorization server metadata', () => {
  it('is JSON at the well-known path of an issuer without a path (RFC 8414, 3 and 3.2) [RFC8414-3]', async ({
    tessera,
  }) => {
    const reply = await tessera.request.get(path).expect(200);
    expect(reply.headers['content-type']).toBe('application/json');
    for (const other of [`/x${path}`, `${path}/x`, '/.well-known/openid-configuration'])
      await tessera.request.get(other).expect(404);
  });

  it('has the issuer that it was asked of, to the letter, without a query or a fragment (RFC 8414, 2 and 3.3) [RFC8414-3.3]', async ({
    tessera,
  }) => {
    const { body } = (await tessera.request.get(path)) as { body: Record<string, unknown> };
    expect(body['issuer']).toBe(issuer);
    expect(issuer).toMatch(/^https:\/\/[^/?#]+$/);
  });

  it('has URLs of that issuer alone, and no member that is null (RFC 8414, 2)', async ({ tessera }) => {
    const { body } = (await tessera.request.get(path)) as { body: Record<string, unknown> };
    for (const [name, value] of Object.entries(body)) {
      expect(value).not.toBeNull();
      if (/_endpoint$|_uri$|_documentation$/.test(name)) expect(String(value).startsWith(`${issuer}/`)).toBe(true);
    }
  });

  it('has no empty list but response_types_supported, which section 2 asks for (RFC 8414, 2 and 3.2) [RFC8414-3.2]', async ({
    tessera,
  }) => {
    const { body } = (await tessera.request.get(path)) as { body: Record<string, unknown> };
    const empty = Object.entries(body).filter(([, value]) => Array.isArray(value) && value.length === 0);
    expect(empty.map(([name]) => name)).toEqual(['response_types_supported']);
  });

  it('names algorithms wherever it names private_key_jwt, and never none (RFC 8414, 2) [RFC8414-2/algorithms]', async ({
    tessera,
  }) => {
    const { body } = (await tessera.request.get(path)) as { body: Record<string, string[]> };
    for (const endpoint of ['token', 'revocation', 'introspection']) {
      expect(body[`${endpoint}_endpoint_auth_methods_supported`]).toContain('private_key_jwt');
      const algorithms = body[`${endpoint}_endpoint_auth_signing_alg_values_supported`] ?? [];
      expect(algorithms).toContain('RS256');
      expect(algorithms.join().toLowerCase()).not.toMatch(/none|hs\d/);
    }
  });
});
