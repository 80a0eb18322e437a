/**
 * By what a client proves who it is, and how its access tokens name that: they work as long as the client has it. A secret
 * goes by its id. A registered key goes by its RFC 7638 thumbprint: the `kid` that the client chose may be that of another key
 * later. Published keys go by where they are published: which of them are there at this moment only a fetch could tell, and
 * no request waits for somebody else's server to find out whether a token works.
 */
import { createHash } from 'node:crypto';
import { type JWK, calculateJwkThumbprint } from 'jose';
import type { Client } from './store.ts';

/** Of a client that has proved who it is, or need not; null where it need not. */
export type Proof = { readonly credentialId: string | null };

/** What a client has of the credential that is asked about, and its keys, or where they are published. */
export type Held = Pick<Client, 'jwks' | 'jwksUri'> & { readonly secretId: string | null };

export async function credentialOfKey(jwk: JWK): Promise<string> {
  return `key_${await calculateJwkThumbprint(jwk, 'sha256')}`;
}

export function credentialOfJwksUri(uri: string): string {
  return `uri_${createHash('sha256').update(uri).digest('base64url')}`;
}

/** Whether what an access token names is still the client's. */
export async function isHeld(credentialId: string, { secretId, jwks, jwksUri }: Held): Promise<boolean> {
  if (secretId === credentialId) return true;
  if (jwksUri !== null) return credentialOfJwksUri(jwksUri) === credentialId;
  for (const jwk of jwks?.keys ?? []) if ((await credentialOfKey(jwk)) === credentialId) return true;
  return false;
}
