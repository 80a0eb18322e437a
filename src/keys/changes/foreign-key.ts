import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { algorithmOf, pickPublicMembers, signingAlgorithms, type SigningAlgorithm } from '../algorithm.ts';

/** A key that was made elsewhere. */
export type ForeignKey = {
  readonly kid: string;
  readonly alg: SigningAlgorithm;
  readonly publicJwk: JWK;
  /** PKCS #8 PEM; null when there is only the public part. */
  readonly privateKey: string | null;
};

/** The key cannot be taken; the message says why, and quotes nothing of the key. */
export class ForeignKeyFault extends Error {
  override name = 'ForeignKeyFault';
}

type Wanted = { readonly kid?: string | undefined; readonly alg?: SigningAlgorithm | undefined };

/**
 * Reads one key in PEM (PKCS #8, PKCS #1, SEC 1, SPKI, or a certificate) or as a JWK, or the keys of a JWK Set. `wanted` says
 * more than the text does, or overrules it: an algorithm for an RSA key, a kid other than the thumbprint.
 */
export async function readForeignKeys(text: string, wanted: Wanted): Promise<ForeignKey[]> {
  if (/-----BEGIN /.test(text)) return [await describe(fromPem(text), wanted)];
  const jwks = parseJwks(text);
  if (jwks.length > 1 && wanted.kid !== undefined)
    throw new ForeignKeyFault('One kid cannot be the name of several keys.');
  return Promise.all(jwks.map((jwk) => describe(fromJwk(jwk), { ...namesIn(jwk), ...definedOnly(wanted) })));
}

function fromPem(text: string): KeyObject {
  if (/ENCRYPTED/.test(text))
    throw new ForeignKeyFault('The key is encrypted. Decrypt it first: openssl pkey -in FILE -out DECRYPTED');
  const count = (kind: string) => text.split(new RegExp(`-----BEGIN [A-Z ]*${kind}-----`)).length - 1;
  if (count('PRIVATE KEY') > 1 || count('PUBLIC KEY') > 1)
    throw new ForeignKeyFault('There are several keys in this PEM. Bring them in one by one, or as a JWK Set.');
  return attempt(() => (/PRIVATE KEY-----/.test(text) ? createPrivateKey(text) : createPublicKey(text)));
}

function parseJwks(text: string): JWK[] {
  const document: unknown = attempt(() => JSON.parse(text) as unknown);
  if (!isObject(document)) throw unreadable();
  const keys: unknown = 'keys' in document ? document.keys : [document];
  if (!Array.isArray(keys) || keys.length === 0) throw new ForeignKeyFault('The JWK Set holds no keys.');
  if (!keys.every(isObject)) throw unreadable();
  return keys;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fromJwk(jwk: JWK): KeyObject {
  if (jwk.kty === 'oct') throw new ForeignKeyFault('A symmetric key (kty oct) cannot be published.');
  if (!isForSignatures(jwk)) throw new ForeignKeyFault('The key is not for signatures (use, key_ops).');
  const input = { key: jwk, format: 'jwk' } as const;
  if (jwk.d === undefined) return attempt(() => createPublicKey(input));
  const key = attempt(() => createPrivateKey(input));
  // Node.js works the public part of such a key out anew, and passes over the one that is stated.
  if (jwk.kty === 'OKP' && jwk.x !== createPublicKey(key).export({ format: 'jwk' }).x) throw mismatch();
  return key;
}

/** RFC 7517, 4.2 and 4.3. Both are whatever the text has there. */
function isForSignatures({ use = 'sig', key_ops: operations = ['verify'] }: JWK): boolean {
  return use === 'sig' && Array.isArray(operations) && operations.some((each) => each === 'sign' || each === 'verify');
}

function namesIn({ kid, alg }: JWK): Wanted {
  if (alg === undefined) return definedOnly({ kid });
  const known = algorithmOf(alg);
  if (known === undefined)
    throw new ForeignKeyFault(
      `Keys sign with ${signingAlgorithms.join(', ')} here; this one is for another algorithm.`,
    );
  return definedOnly({ kid, alg: known });
}

async function describe(key: KeyObject, wanted: Wanted): Promise<ForeignKey> {
  const usual = algorithmFor(key);
  const alg = wanted.alg ?? usual;
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  if (key.asymmetricKeyType === 'rsa') checkRsa(publicKey);
  const members = fitting(publicKey, alg);
  if (key.type === 'private') checkPair(key, publicKey);
  const kid = wanted.kid === undefined ? await calculateJwkThumbprint(members, 'sha256') : wanted.kid;
  // A client would take . and .. out of the path of a URL. What else another issuer chose is kept: its tokens carry it.
  if (typeof kid !== 'string' || !/^(?!\.{1,2}$)[\x21-\x7E]{1,256}$/.test(kid))
    throw new ForeignKeyFault('The kid must be 1 to 256 printable ASCII characters without spaces, and not . or ..');
  const privateKey = key.type === 'private' ? String(key.export({ type: 'pkcs8', format: 'pem' })) : null;
  return { kid, alg, publicJwk: { ...members, kid, use: 'sig' }, privateKey };
}

function algorithmFor({ asymmetricKeyType }: KeyObject): SigningAlgorithm {
  if (asymmetricKeyType === 'rsa') return 'RS256';
  if (asymmetricKeyType === 'ec') return 'ES256';
  if (asymmetricKeyType === 'ed25519') return 'EdDSA';
  throw new ForeignKeyFault(
    `A key must be RSA, EC on P-256, or Ed25519; this one is ${asymmetricKeyType ?? 'none of these'}.`,
  );
}

function fitting(key: KeyObject, alg: SigningAlgorithm) {
  try {
    return pickPublicMembers(key.export({ format: 'jwk' }), alg);
  } catch {
    throw new ForeignKeyFault(`The key cannot sign with ${alg}.`);
  }
}

/** RFC 7518, 3.3 wants 2048 bits or more; NIST FIPS 186-5, A.1.1 an exponent over 2^16. Beyond 4096 it is a burden to verifiers. */
function checkRsa(key: KeyObject): void {
  const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
  if (modulusLength < 2048 || modulusLength > 4096)
    throw new ForeignKeyFault(`An RSA key must have 2048 to 4096 bits; this one has ${modulusLength}.`);
  // Some verifiers take no larger one, and lose the whole set over it.
  if (publicExponent < 65537n || publicExponent >= 2n ** 32n || publicExponent % 2n === 0n)
    throw new ForeignKeyFault('The public exponent of an RSA key must be odd, at least 65537, and below 2^32.');
}

/** A JWK may join members that do not belong together: what it signs, nobody could verify. */
function checkPair(privateKey: KeyObject, publicKey: KeyObject): void {
  const digest = privateKey.asymmetricKeyType === 'ed25519' ? null : 'sha256';
  const probe = Buffer.from('probe');
  const matches = attempt(() => verify(digest, probe, publicKey, sign(digest, probe, privateKey)));
  if (!matches || (privateKey.asymmetricKeyType === 'rsa' && !attempt(() => isCoherent(privateKey)))) throw mismatch();
}

/**
 * Whether the members of an RSA key belong together (RFC 8017, 3.2). The probe alone does not tell: OpenSSL signs with some of
 * them, and with others where that fails.
 */
function isCoherent(privateKey: KeyObject): boolean {
  const jwk = privateKey.export({ format: 'jwk' });
  const [n, e, d, p, q] = [toNumber(jwk.n), toNumber(jwk.e), toNumber(jwk.d), toNumber(jwk.p), toNumber(jwk.q)];
  const [dp, dq, qi] = [toNumber(jwk.dp), toNumber(jwk.dq), toNumber(jwk.qi)];
  const isExponent = (part: bigint, prime: bigint) => part === d % (prime - 1n) && (e * d) % (prime - 1n) === 1n;
  return n === p * q && isExponent(dp, p) && isExponent(dq, q) && (q * qi) % p === 1n;
}

function toNumber(base64url: string | undefined): bigint {
  return BigInt(`0x0${Buffer.from(base64url ?? '', 'base64url').toString('hex')}`);
}

/** The cause is dropped on purpose: it could quote what it failed to read. */
function attempt<T>(read: () => T): T {
  try {
    return read();
  } catch {
    throw unreadable();
  }
}

function mismatch(): ForeignKeyFault {
  return new ForeignKeyFault('The private part does not belong to the public part.');
}

function unreadable(): ForeignKeyFault {
  return new ForeignKeyFault('This is no key that can be read: it must be PEM, a JWK, or a JWK Set.');
}

function definedOnly(wanted: Wanted): Wanted {
  return Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
}
