import type { KeyPolicy } from '../../../src/keys/timeline/policy.ts';
import type { NewKey, KeyRecord } from '../../../src/keys/store.ts';

/** A policy whose durations are small, and just long enough. */
export const policy: KeyPolicy = {
  algorithm: 'RS256',
  rotateEvery: 100,
  publishBefore: 24,
  jwksMaxAge: 6,
  verifierCache: 4,
  replicaRefresh: 10,
  clockSkew: 2,
  tokenLifetime: 20,
  keepRevoked: 500,
};

/** No key with a corrupt private part. */
export const none: ReadonlySet<string> = new Set();

/** A key that no cryptography stands behind, for tests of rules. */
export function fakeKey(name: string, alg: NewKey['alg'] = 'RS256'): NewKey {
  const publicJwk = { kty: 'RSA', n: name, e: 'AQAB' };
  return { kid: name, alg, publicJwk, sealedPrivateKey: `sealed ${name}` };
}

/** A line of succession, one key for each set of facts, called k1, k2, and so on. */
export function line(...facts: readonly Partial<KeyRecord>[]): KeyRecord[] {
  return facts.map((fact, index) => ({
    ...fakeKey(`k${index + 1}`),
    succeeds: index === 0 ? '' : `k${index}`,
    publishedAt: 0,
    activatesAt: 0,
    tookOverAt: null,
    revokedAt: null,
    tokensExpireAt: null,
    destroyedAt: null,
    factsMac: null,
    ...fact,
  }));
}
