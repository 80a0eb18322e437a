import { randomBytes } from 'node:crypto';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** A password of 125 random bits that is easy to copy: five groups of five base32 letters, as in `kq3vd-…`. */
export function newPassword(): string {
  // 256 is a multiple of 32, so every letter is as likely as any other.
  const letters = Array.from(randomBytes(25), (byte) => ALPHABET.charAt(byte % ALPHABET.length)).join('');
  return letters.replaceAll(/.{5}(?=.)/g, '$&-');
}
