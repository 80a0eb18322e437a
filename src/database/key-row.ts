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
    publicJwk: JSON.parse(row.public_jwk) as JWK,
    sealedPrivateKey: row.sealed_private_key,
    destroyedAt: row.destroyed_at,
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
  };
}
