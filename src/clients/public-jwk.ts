import { createPublicKey, type KeyObject } from 'node:crypto';
import type { JWK } from 'jose';
import { type SigningAlgorithm, algorithmNames, algorithmOf, signingAlgorithms } from '../keys/algorithm.ts';

/** Members of a JWK that only a private or symmetric key has (RFC 7518, 6.2.2, 6.3.2 and 6.4). */
const secretMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/**
 * Reads the public key that a client signs its assertions with: its public members, and the names that it goes by. What is
 * wrong with it comes as a text that quotes nothing of the key.
 */
export function readPublicJwk(value: unknown): { readonly jwk: JWK } | { readonly fault: string } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { fault: 'is no JWK' };
  const jwk = value as Record<string, unknown>;
  if (jwk['kty'] === 'oct' || secretMembers.some((member) => member in jwk)) return { fault: 'is no public key' };
  const { kid, alg, use = 'sig', key_ops: operations = ['verify'] } = jwk;
  if (use !== 'sig' || !Array.isArray(operations) || !operations.includes('verify'))
    return { fault: 'is not for verifying signatures (use, key_ops)' };
  if (kid !== undefined && (typeof kid !== 'string' || kid.length < 1 || kid.length > 256))
    return { fault: 'has a kid that is no text of 1 to 256 characters' };
  const key = tryImport(jwk);
  const fault = key === undefined ? 'cannot be read' : faultOf(key);
  if (key === undefined || fault !== null) return { fault: fault ?? '' };
  const named = { ...(kid !== undefined && { kid }), ...(alg !== undefined && { alg: alg as string }), use };
  const read = { ...key.export({ format: 'jwk' }), ...named } as JWK;
  if (!signingAlgorithms.some((each) => fitsAlgorithm(read, each)))
    return { fault: `has an alg that it cannot sign with, or that is none of ${algorithmNames.join(', ')}` };
  return { jwk: read };
}

/** Whether signatures by `alg` may be verified with the key: it is of that kind, and not meant for another (RFC 8725, 3.1). */
export function fitsAlgorithm({ kty, crv, alg: meant }: JWK, alg: SigningAlgorithm): boolean {
  if (meant !== undefined && algorithmOf(meant) !== alg) return false;
  if (alg === 'ES256') return kty === 'EC' && crv === 'P-256';
  if (alg === 'EdDSA') return kty === 'OKP' && crv === 'Ed25519';
  return kty === 'RSA';
}

function tryImport(jwk: Record<string, unknown>): KeyObject | undefined {
  const { kty, n, e, crv, x, y } = jwk as JWK;
  const members = Object.fromEntries(Object.entries({ kty, n, e, crv, x, y }).filter(([, each]) => each !== undefined));
  try {
    return createPublicKey({ key: members, format: 'jwk' });
  } catch {
    // The cause could quote what it failed to read.
    return undefined;
  }
}

/** RFC 7518, 3.3 wants 2048 bits or more; beyond 4096, and with a large exponent, a key is a burden to whoever verifies. */
function faultOf({ asymmetricKeyType: type, asymmetricKeyDetails: details = {} }: KeyObject): string | null {
  if (type === 'ed25519' || (type === 'ec' && details.namedCurve === 'prime256v1')) return null;
  if (type !== 'rsa') return 'is neither RSA, nor EC on P-256, nor Ed25519';
  const { modulusLength = 0, publicExponent = 0n } = details;
  if (modulusLength < 2048 || modulusLength > 4096) return 'is an RSA key of less than 2048 or more than 4096 bits';
  if (publicExponent < 65537n || publicExponent >= 2n ** 32n || publicExponent % 2n === 0n)
    return 'is an RSA key whose exponent is not odd, at least 65537 and below 2^32';
  return null;
}
