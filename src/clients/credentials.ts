/**
 * What a client authenticates with, and the names that its access tokens have for it: they work as long as the client has it.
 * A secret goes by its id. A registered key goes by its RFC 7638 thumbprint: its `kid` may be that of another key later.
 * Published keys go by their URL, all of them: only a fetch could tell which of them are published now, and no request that
 * brings a token waits for somebody else's server.
 */
import { createHash } from 'node:crypto';
import { type JWK, calculateJwkThumbprint } from 'jose';
import { LRUCache } from 'lru-cache';

/** That a client has authenticated, and with what; null for a public client, which has nothing. */
export type Proof = { readonly credentialId: string | null };

/** What a client has: the secret of that name, its keys as JSON, or where they are published. */
export type Held = { readonly [Name in 'secretId' | 'jwks' | 'jwksUri']: string | null };

/** Of how many clients the names of the keys are remembered. To work them out takes some ten hashes, which clients could ask for at will. */
const mostRemembered = 1000;

export async function credentialOfKey(jwk: JWK): Promise<string> {
  return `key_${await calculateJwkThumbprint(jwk, 'sha256')}`;
}

export function credentialOfJwksUri(uri: string): string {
  return `uri_${createHash('sha256').update(uri).digest('base64url')}`;
}

/** Creates a function that tells whether a client still has the credential that an access token names. */
export function createCredentialCheck(): (credentialId: string, held: Held) => Promise<boolean> {
  /** By the keys themselves, so that none is taken for those of another moment. */
  const namesOfKeys = new LRUCache<string, ReadonlySet<string>>({ max: mostRemembered });

  async function nameKeys(jwks: string): Promise<ReadonlySet<string>> {
    const known = namesOfKeys.get(jwks);
    if (known !== undefined) return known;
    const { keys } = JSON.parse(jwks) as { keys: JWK[] };
    const names = new Set(await Promise.all(keys.map(credentialOfKey)));
    namesOfKeys.set(jwks, names);
    return names;
  }

  return async function isHeld(credentialId, { secretId, jwks, jwksUri }) {
    if (secretId === credentialId) return true;
    if (jwksUri !== null) return credentialOfJwksUri(jwksUri) === credentialId;
    return jwks !== null && (await nameKeys(jwks)).has(credentialId);
  };
}
