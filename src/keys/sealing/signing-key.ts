import type { NewKey } from '../store.ts';
import { createPublicKey } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import * as jose from 'jose';
import { pickPublicMembers, type KeyKind, type PublicMembers } from '../algorithm.ts';
import { CorruptSealedKey, MismatchedKeyPair } from '../errors.ts';
import { nameOf } from './immutable-facts.ts';
import type { KeyEncryptionKey } from './key-encryption-key.ts';
import { isMacMade, unsealPrivateKey } from './seal.ts';

/** Makes a key pair. RSA takes a good part of a second, so never inside a transaction. */
export type GenerateKey = () => Promise<NewKey>;

/** A private part for signing, and for nothing else: it cannot be exported again. */
export type OpenedPart = {
  readonly privateKey: jose.CryptoKey;
  /** Whether it says that its row has a MAC of its facts: without one, somebody took it away. */
  readonly isMacMade: boolean;
};

/**
 * Opens the private part of a key. Throws `MismatchedKeyPair` where the public key beside it is another's. All calls with the same
 * `reading` go by the key-encryption keys that there were at the first.
 */
export type OpenPrivateKey = (key: NewKey, reading?: object) => Promise<OpenedPart>;

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
  const loaded = new WeakMap<object, ReturnType<typeof openingKeys>>();
  return async (key, reading = {}) => {
    const loading = loaded.get(reading) ?? openingKeys();
    loaded.set(reading, loading);
    const text = unsealPrivateKey(await loading, key.kid, key.sealedPrivateKey);
    return { privateKey: await importPrivateKey(key, text), isMacMade: isMacMade(text) };
  };
}

/** Takes an opened private part for that of the key. Throws `CorruptSealedKey`, or `MismatchedKeyPair` where it is that of another. */
export async function importPrivateKey(
  { kid, alg, publicJwk }: Pick<NewKey, 'kid' | 'alg' | 'publicJwk'>,
  text: string,
): Promise<jose.CryptoKey> {
  let privateKey, members;
  try {
    privateKey = await jose.importPKCS8(text, alg, { extractable: false });
    members = pickPublicMembers(createPublicKey(text).export({ format: 'jwk' }), alg);
  } catch {
    // The cause is dropped on purpose: it could quote what it failed to read.
    throw new CorruptSealedKey(
      `The sealed private key of ${nameOf(kid)} is corrupt: it is not a private key for ${alg}.`,
    );
  }
  if (!isPublicPart(publicJwk, members))
    throw new MismatchedKeyPair(`The private key of ${nameOf(kid)} is not that of the public key beside it.`);
  return privateKey;
}

function isPublicPart(publicJwk: jose.JWK, members: PublicMembers): boolean {
  try {
    return isDeepStrictEqual(pickPublicMembers(publicJwk, members.alg), members);
  } catch {
    return false;
  }
}
