/**
 * The successor of a refresh token, kept for whoever comes again with the token before it. The key is made from that
 * token, of which the database holds nothing but a hash: the database alone cannot open what is sealed here.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const VERSION = 'v1';
const PURPOSE = 'tessera refresh token successor v1';
const IV_BYTES = 12;
const TAG_BYTES = 16;
const FORMAT = /^v1\.([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]{23,})$/;

/**
 * Seals `successor` for the holder of `token`: AES-256-GCM (NIST SP 800-38D) under a random 96-bit IV. The result is
 * `v1.<IV>.<ciphertext and tag>`, binary parts in base64url.
 */
export function sealSuccessor(token: string, successor: string): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', keyFrom(token), iv, { authTagLength: TAG_BYTES });
  const sealed = Buffer.concat([cipher.update(successor, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return [VERSION, iv.toString('base64url'), sealed.toString('base64url')].join('.');
}

/** Opens what `sealSuccessor` sealed for `token`; undefined for anything else. */
export function openSuccessor(token: string, sealed: string): string | undefined {
  const [, iv, body] = FORMAT.exec(sealed) ?? [];
  if (iv === undefined || body === undefined) return undefined;
  const bytes = Buffer.from(body, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', keyFrom(token), Buffer.from(iv, 'base64url'), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}

/** RFC 5869. A token has 256 random bits, so it needs no salt. */
function keyFrom(token: string): Buffer {
  return Buffer.from(hkdfSync('sha256', token, '', PURPOSE, 32));
}
