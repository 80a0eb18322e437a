import { importJWK, type CryptoKey } from 'jose';
import { pickPublicMembers } from '../algorithm.ts';
import type { KeyRecord } from '../store.ts';

/**
 * The public key of a row, by its public members alone: its MAC says nothing of others, and some of those (`key_ops`, `d`) would
 * have it be another key, or none. Null for what is no key.
 */
export async function importPublicKey({
  publicJwk,
  alg,
}: Pick<KeyRecord, 'publicJwk' | 'alg'>): Promise<CryptoKey | null> {
  try {
    const key = await importJWK(pickPublicMembers(publicJwk, alg), alg);
    return key instanceof Uint8Array ? null : key;
  } catch {
    return null;
  }
}
