import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { CorruptSealedKey, WrongKeyEncryptionKey } from '../errors.ts';
import { nameOf } from './immutable-facts.ts';
import { idsOf, type KeyEncryptionKey, wrongKeyMessage } from './key-encryption-key.ts';

const VERSION = 'v1';
const IV_BYTES = 12;
const TAG_BYTES = 16;
const FORMAT = /^v1\.([0-9a-f]{16})\.([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]{23,})$/;

/**
 * Seals `privateKey` (a PKCS #8 PEM text) for the key `kid`: AES-256-GCM (NIST SP 800-38D) under a random 96-bit IV.
 *
 * The result is `v1.<id of the key-encryption key>.<IV>.<ciphertext and tag>`, binary parts in base64url. Version, id and
 * kid are authenticated with it, so a sealed key opens in its own row only.
 */
export function sealPrivateKey(kek: KeyEncryptionKey, kid: string, privateKey: string): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', kek.secret, iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(describeSeal(kek.id, kid));
  const sealed = Buffer.concat([cipher.update(privateKey, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return [VERSION, kek.id, iv.toString('base64url'), sealed.toString('base64url')].join('.');
}

/** Opens what `sealPrivateKey` sealed for `kid`, under whichever of `keks` it was sealed. */
export function unsealPrivateKey(keks: readonly KeyEncryptionKey[], kid: string, sealed: string): string {
  const [, kekId, ivText, bodyText] = FORMAT.exec(sealed) ?? [];
  const body = Buffer.from(bodyText ?? '', 'base64url');
  // The last character of base64url may carry bits that decoding drops: only the one canonical spelling is taken.
  if (kekId === undefined || ivText === undefined || body.toString('base64url') !== bodyText)
    throw new CorruptSealedKey(
      `The sealed private key of ${nameOf(kid)} is corrupt: it is not in the format ${VERSION}.`,
    );
  const kek = keks.find((known) => known.id === kekId);
  if (kek === undefined)
    throw new WrongKeyEncryptionKey(
      wrongKeyMessage(`The private key of ${nameOf(kid)} is sealed under`, kekId, keks),
      idsOf(keks),
    );
  const decipher = createDecipheriv('aes-256-gcm', kek.secret, Buffer.from(ivText, 'base64url'), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(describeSeal(kekId, kid));
  decipher.setAuthTag(body.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(body.subarray(0, -TAG_BYTES)), decipher.final()]).toString('utf8');
  } catch {
    throw new CorruptSealedKey(`The sealed private key of ${nameOf(kid)} is corrupt: it fails authentication.`);
  }
}

/**
 * What a private part ends with that was sealed when its row got its MAC (`facts-mac.ts`). It tells a row whose MAC was taken
 * away from one that a version before wrote, which knew of no MAC. Whoever reads PEM passes over blank lines, and so does that version.
 */
const MAC_MADE = '\n\n';

export function markMacMade(privateKey: string): string {
  return privateKey.trimEnd() + MAC_MADE;
}

export function isMacMade(privateKey: string): boolean {
  return privateKey.endsWith(MAC_MADE);
}

/** The id of the key-encryption key that a private part was sealed under; null for what is in no known format. */
export function sealedUnder(sealed: string): string | null {
  return FORMAT.exec(sealed)?.[1] ?? null;
}

function describeSeal(kekId: string, kid: string): Buffer {
  return Buffer.from([VERSION, kekId, kid].join('.'));
}
