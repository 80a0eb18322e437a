import { calculateJwkThumbprint, exportJWK, exportPKCS8, generateKeyPair, importPKCS8, type CryptoKey } from 'jose';
import { CorruptSealedKey } from './errors.ts';
import type { KeyEncryptionKey } from './key-encryption-key.ts';
import { sealPrivateKey, unsealPrivateKey } from './seal.ts';
import type { KeyRecord } from './store.ts';

/** A new key that has no place in the line yet. */
export type NewKey = Pick<KeyRecord, 'kid' | 'alg' | 'publicJwk'> & { readonly sealedPrivateKey: string };

/** Makes a key pair. It takes a good part of a second, so never inside a transaction. */
export type GenerateKey = () => Promise<NewKey>;

/** Opens the private part of a key for signing, and for nothing else: it cannot be exported again. */
export type OpenPrivateKey = (key: NewKey) => Promise<CryptoKey>;

const ALG = 'RS256';
/** RFC 7518, 3.3: a key of size 2048 bits or larger. */
const MODULUS_BITS = 2048;

/** Makes RSA keys for RS256, named by their RFC 7638 thumbprint and sealed under `kek`. */
export function generateKeysUnder(kek: KeyEncryptionKey): GenerateKey {
  return async () => {
    const pair = await generateKeyPair(ALG, { modulusLength: MODULUS_BITS, extractable: true });
    const { kty, n, e } = await exportJWK(pair.publicKey);
    if (kty !== 'RSA' || n === undefined || e === undefined) throw new TypeError('expected an RSA public key');
    const kid = await calculateJwkThumbprint({ kty, n, e }, 'sha256');
    const sealedPrivateKey = sealPrivateKey(kek, kid, await exportPKCS8(pair.privateKey));
    return { kid, alg: ALG, publicJwk: { kty, n, e, kid, alg: ALG, use: 'sig' }, sealedPrivateKey };
  };
}

/** Opens keys that were sealed under any of `keks`. */
export function openKeysUnder(...keks: readonly KeyEncryptionKey[]): OpenPrivateKey {
  return async ({ kid, alg, sealedPrivateKey }) => {
    const privateKey = unsealPrivateKey(keks, kid, sealedPrivateKey);
    try {
      return await importPKCS8(privateKey, alg, { extractable: false });
    } catch {
      // The cause is dropped on purpose: it could quote what it failed to read.
      throw new CorruptSealedKey(`The sealed private key of ${kid} is corrupt: it is not a private key for ${alg}.`);
    }
  };
}

/** Gives a new key its place at the end of the line. Moments are epoch seconds. */
export function placeKey(
  { kid, alg, publicJwk, sealedPrivateKey }: NewKey,
  place: { succeeds: string; publishedAt: number; activatesAt: number; tokensLiveFor: number },
): KeyRecord {
  return { kid, alg, publicJwk, sealedPrivateKey, revokedAt: null, ...place };
}
