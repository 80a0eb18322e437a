import * as jose from 'jose';
import { pickPublicMembers, type KeyKind } from './algorithm.ts';
import { CorruptSealedKey } from './errors.ts';
import type { KeyEncryptionKey } from './key-encryption-key.ts';
import { unsealPrivateKey } from './seal.ts';
import type { KeyRecord } from './store.ts';

/** A new key that has no place in the line yet. */
export type NewKey = Pick<KeyRecord, 'kid' | 'alg' | 'publicJwk'> & { readonly sealedPrivateKey: string };

/** Makes a key pair. RSA takes a good part of a second, so never inside a transaction. */
export type GenerateKey = () => Promise<NewKey>;

/** Opens the private part of a key for signing, and for nothing else: it cannot be exported again. */
export type OpenPrivateKey = (key: NewKey) => Promise<jose.CryptoKey>;

/** Seals a private part (a PKCS #8 PEM text) for the key `kid`. */
export type SealPrivateKey = (kid: string, privateKey: string) => Promise<string>;

/** A pair before its private part is sealed: a public JWK, and a PKCS #8 PEM text. */
export type KeyPair = { readonly publicJwk: jose.JWK; readonly privateKey: string };

export type GenerateKeyPair = (kind: KeyKind) => Promise<KeyPair>;

export async function generateKeyPair({ algorithm, modulusBits }: KeyKind): Promise<KeyPair> {
  const pair = await jose.generateKeyPair(algorithm, { modulusLength: modulusBits, extractable: true });
  return { publicJwk: await jose.exportJWK(pair.publicKey), privateKey: await jose.exportPKCS8(pair.privateKey) };
}

/** Makes keys of one kind, named by their RFC 7638 thumbprint, of pairs that `generatePair` makes. */
export function keyGenerator(
  seal: SealPrivateKey,
  kind: KeyKind,
  generatePair: GenerateKeyPair = generateKeyPair,
): GenerateKey {
  return async function generate(): Promise<NewKey> {
    const { algorithm: alg } = kind;
    const { publicJwk, privateKey } = await generatePair(kind);
    const members = pickPublicMembers(publicJwk, alg);
    const kid = await jose.calculateJwkThumbprint(members, 'sha256');
    // On a command line that would be an option, and in an emergency nobody should have to know how to quote it.
    if (kid.startsWith('-')) return generate();
    const sealedPrivateKey = await seal(kid, privateKey);
    return { kid, alg, publicJwk: { ...members, kid, use: 'sig' }, sealedPrivateKey };
  };
}

/** Opens keys that were sealed under any of the key-encryption keys that there are at that moment. */
export function keyOpener(openingKeys: () => Promise<readonly KeyEncryptionKey[]>): OpenPrivateKey {
  return async ({ kid, alg, sealedPrivateKey }) => {
    const privateKey = unsealPrivateKey(await openingKeys(), kid, sealedPrivateKey);
    try {
      return await jose.importPKCS8(privateKey, alg, { extractable: false });
    } catch {
      // The cause is dropped on purpose: it could quote what it failed to read.
      throw new CorruptSealedKey(`The sealed private key of ${kid} is corrupt: it is not a private key for ${alg}.`);
    }
  };
}

/** Gives a new key its place at the end of the line. Moments are epoch seconds. */
export function placeKey(
  { kid, alg, publicJwk, sealedPrivateKey }: NewKey,
  place: { succeeds: string; publishedAt: number; activatesAt: number },
): KeyRecord {
  return {
    kid,
    alg,
    publicJwk,
    sealedPrivateKey,
    tookOverAt: null,
    revokedAt: null,
    tokensExpireAt: null,
    destroyedAt: null,
    ...place,
  };
}
