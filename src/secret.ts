import { createHash, randomBytes } from 'node:crypto';

/** A fresh identifier of 128 random bits, such as `usr_…`. */
export function newId(prefix: 'usr_' | 'cli_' | 'sec_' | 'evt_' | 'end_'): string {
  return prefix + randomBytes(16).toString('base64url');
}

/** A fresh secret of 256 random bits: `trt_…` is a refresh token, `tcs_…` a client secret. */
export function newSecret(prefix: 'trt_' | 'tcs_'): string {
  return prefix + randomBytes(32).toString('base64url');
}

/** How a secret is stored: SHA-256 is enough for 256 random bits. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}
