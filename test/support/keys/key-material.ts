/** Keys as other issuers hand them over. */
import { type JsonWebKey, type KeyObject, generateKeyPairSync, randomBytes } from 'node:crypto';

export type Pair = { readonly privateKey: KeyObject; readonly publicKey: KeyObject };

export const newEc = (namedCurve = 'P-256'): Pair => generateKeyPairSync('ec', { namedCurve });
export const newEd25519 = (): Pair => generateKeyPairSync('ed25519');
export const newRsa = (modulusLength = 2048, publicExponent = 65537): Pair =>
  generateKeyPairSync('rsa', { modulusLength, publicExponent });

export const jwkOf = (key: KeyObject): JsonWebKey => key.export({ format: 'jwk' });

export function pemOf(key: KeyObject, type: 'pkcs8' | 'pkcs1' | 'sec1' | 'spki' = 'pkcs8'): string {
  return String(key.export({ type: key.type === 'public' && type === 'pkcs8' ? 'spki' : type, format: 'pem' }));
}

/** A public key of that size whose private part nobody knows: large ones take long to make. */
export function publicRsa(bits: number): JsonWebKey {
  const modulus = randomBytes(Math.ceil(bits / 8));
  const top = (bits - 1) % 8;
  modulus[0] = ((modulus[0] ?? 0) & (2 ** top - 1)) | (2 ** top);
  modulus[modulus.length - 1] = (modulus.at(-1) ?? 0) | 1;
  return { kty: 'RSA', n: modulus.toString('base64url'), e: 'AQAB' };
}

/** A certificate (X.509) for a key on P-256. */
export const certificate = `-----BEGIN CERTIFICATE-----
MIIBhzCCAS2gAwIBAgIUWTHkKLM3eYMvdzsncq4K+I5inKYwCgYIKoZIzj0EAwIw
GDEWMBQGA1UEAwwNYW4gb2xkIGlzc3VlcjAgFw0yNjExMjQwOTMwMzlaGA8yMTI2
MTAzMTA5MzAzOVowGDEWMBQGA1UEAwwNYW4gb2xkIGlzc3VlcjBZMBMGByqGSM49
AgEGCCqGSM49AwEHA0IABPj81x15YsyLySXAgeZ9WGRMiSLDQWdtQIGUB6pi1i7z
13djp/n2NCifstMXBeW5HHEq/anEWW5YewSrL/ZrQ1yjUzBRMB0GA1UdDgQWBBTb
Snf2hQKhRTtGRb8f5k7k9FqrjTAfBgNVHSMEGDAWgBTbSnf2hQKhRTtGRb8f5k7k
9FqrjTAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIBepFwvVyY0j
kIM3HmZwXZ5+jQdY8fAEtuxlrXqNPxckAiEA2rORSRUEkIukcZ59OgIsCud+xC3U
Lz9NXL/QGg0/ILg=
-----END CERTIFICATE-----
`;
