import type { JWK } from 'jose';
import type { KeyRecord } from '../keys/store.ts';
import type { SigningKeyRow } from './schema.ts';

export function keyOf(row: Omit<SigningKeyRow, 'place'>): KeyRecord {
  return {
    kid: row.kid,
    succeeds: row.succeeds,
    alg: row.alg as KeyRecord['alg'], // written by rowOf alone
    publishedAt: row.published_at,
    activatesAt: row.activates_at,
    tookOverAt: row.took_over_at,
    revokedAt: row.revoked_at,
    tokensExpireAt: row.tokens_expire_at,
    publicJwk: parseJwk(row.public_jwk),
    sealedPrivateKey: row.sealed_private_key,
    destroyedAt: row.destroyed_at,
    factsMac: row.facts_mac,
  };
}

export function rowOf(key: KeyRecord): Omit<SigningKeyRow, 'place'> {
  return {
    kid: key.kid,
    succeeds: key.succeeds,
    alg: key.alg,
    published_at: key.publishedAt,
    activates_at: key.activatesAt,
    took_over_at: key.tookOverAt,
    revoked_at: key.revokedAt,
    tokens_expire_at: key.tokensExpireAt,
    public_jwk: JSON.stringify(key.publicJwk),
    sealed_private_key: key.sealedPrivateKey,
    destroyed_at: key.destroyedAt,
    facts_mac: key.factsMac,
  };
}

/** What is no JSON object was not written here, and is no key: it is not to keep the others from being read. */
export function parseJwk(text: string): JWK {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  } catch {
    return {};
  }
}
