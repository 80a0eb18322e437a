import { randomBytes } from 'node:crypto';

/** A password of 128 random bits that is easy to copy: five groups of base32 letters, as in `kq3vd-…`. */
export function newPassword(): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
  const letters = Array.from(randomBytes(26), (byte) => alphabet[byte % 32]).join('');
  return letters.match(/.{1,6}/g)?.join('-') ?? letters;
}
