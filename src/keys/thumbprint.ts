import { calculateJwkThumbprint } from 'jose';
import { pickPublicMembers } from './algorithm.ts';
import type { KeyRecord } from './store.ts';

/** The RFC 7638 thumbprint, which tells a key by whatever name. Null for what is no key at all: anything may be in a row. */
export async function thumbprintOf({ publicJwk, alg }: Pick<KeyRecord, 'publicJwk' | 'alg'>): Promise<string | null> {
  try {
    return await calculateJwkThumbprint(pickPublicMembers(publicJwk, alg), 'sha256');
  } catch {
    return null;
  }
}
