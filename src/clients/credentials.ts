/**
 * What a client authenticates with, and the names that its access tokens have for it: they work as long as the client has it.
 * A secret goes by its id. A registered key goes by its RFC 7638 thumbprint: its `kid` may be that of another key later.
 * Published keys go by their URL, all of them: only a fetch could tell which of them are published now, and no request that
 * brings a token waits for somebody else's server.
 */
import { createHash } from 'node:crypto';
import { type JWK, calculateJwkThumbprint } from 'jose';
import type { Client } from './store.ts';

/** That a client has authenticated, and with what; null for a public client, which has nothing. */
export type Proof = { readonly credentialId: string | null };

/** What a client has: the secret that is asked about, its keys, or where they are published. */
export type Held = Pick<Client, 'jwks' | 'jwksUri'> & { readonly secretId: string | null };

export async function credentialOfKey(jwk: JWK): Promise<string> {
  return `key_${await calculateJwkThumbprint(jwk, 'sha256')}`;
}

export function credentialOfJwksUri(uri: string): string {
  return `uri_${createHash('sha256').update(uri).digest('base64url')}`;
}

/** Whether a client still has the credential that an access token names. */
export async function isHeld(credentialId: string, { secretId, jwks, jwksUri }: Held): Promise<boolean> {
  if (secretId === credentialId) return true;
  if (jwksUri !== null) return credentialOfJwksUri(jwksUri) === credentialId;
  for (const jwk of jwks?.keys ?? []) if ((await credentialOfKey(jwk)) === credentialId) return true;
  return false;
}
