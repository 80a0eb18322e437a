import { type JWK, compactVerify, decodeJwt, decodeProtectedHeader, errors, importJWK } from 'jose';
import type { Clock } from '../clock.ts';
import { type SigningAlgorithm, algorithmOf, namesOf } from '../keys/algorithm.ts';
import { hashSecret } from '../secret.ts';
import { type Proof, credentialOfJwksUri, credentialOfKey } from './credentials.ts';
import { fitsAlgorithm } from './public-jwk.ts';
import type { PublishedKeys } from './published-keys.ts';
import type { Client, ClientStore } from './store.ts';

/** RFC 7523, 2.2. */
export const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** Seconds that an assertion may have before it: RFC 7523, 3 lets the server refuse an `exp` that is unreasonably far off. */
const longestLife = 300;

/** More keys than this are not tried on an assertion that does not say which one it is signed with. */
const mostCandidates = 10;

type Header = { readonly alg: SigningAlgorithm; readonly kid: string | undefined };
/** Null for an assertion that one of the keys has signed. */
type KeyFault = 'no such key' | 'signature';
type Claims = { readonly iss: string; readonly jti: string; readonly exp: number };

/** Whom an assertion says that it comes from, before any of it is verified. */
export function subjectOf(assertion: string): string | undefined {
  const subject: unknown = attempt(() => decodeJwt(assertion).sub);
  return typeof subject === 'string' ? subject : undefined;
}

/** What proves that `client` sent the assertion, for the first time; else the name of the check that failed. Throws `Unavailable`. */
export type VerifyAssertion = (assertion: string, client: Client) => Promise<Proof | string>;

/**
 * Verifies JWTs by which clients authenticate (RFC 7523, 3). All that can be told without a key is looked at first, so that
 * nobody's keys are fetched for nothing; the `jti` is used up last, so that nobody else can use it up.
 */
export function assertionVerifier(deps: {
  store: Pick<ClientStore, 'useAssertion'>;
  publishedKeys: PublishedKeys;
  clock: Clock;
  issuer: string;
  /** How far any clock may be off, in seconds. */
  clockSkew: number;
}): VerifyAssertion {
  const { store, publishedKeys, clock, issuer, clockSkew } = deps;

  return async (assertion, client) => {
    const now = clock();
    const header = attempt(() => readHeader(assertion));
    if (header === undefined) return 'assertion: header';
    const claims = attempt(() => readClaims(assertion, { clientId: client.id, issuer, now, clockSkew }));
    if (claims === undefined) return 'assertion: claims';
    if (typeof claims === 'string') return `assertion: ${claims}`;
    const signer = await findSigner(assertion, header, client);
    if (typeof signer === 'string') return `assertion: ${signer}`;
    // A process whose clock is ahead must not forget what one whose clock is behind would still accept.
    const expiresAt = Math.ceil(claims.exp) + 3 * clockSkew;
    const isFirst = await store.useAssertion({ clientId: client.id, jti: hashSecret(claims.jti), expiresAt }, now);
    return isFirst ? { credentialId: await credentialOf(signer, client) } : 'assertion: used before';
  };

  async function findSigner(assertion: string, header: Header, { id, jwks, jwksUri }: Client): Promise<JWK | KeyFault> {
    if (jwksUri === null) return verifyWithAny(assertion, header, jwks?.keys ?? []);
    const known = await publishedKeys(id, jwksUri);
    const signer = await verifyWithAny(assertion, header, known);
    // A key that is there by name has failed for good; otherwise the client may have published another by now.
    if (typeof signer !== 'string' || (header.kid !== undefined && signer === 'signature')) return signer;
    const fresh = await publishedKeys(id, jwksUri, true);
    return fresh === known ? signer : verifyWithAny(assertion, header, fresh);
  }
}

async function credentialOf(signer: JWK, { jwksUri }: Client): Promise<string> {
  return jwksUri === null ? credentialOfKey(signer) : credentialOfJwksUri(jwksUri);
}

/** Nothing that the header says is followed but which of the client's keys it is; `crit` and `b64` have no use here. */
function readHeader(assertion: string): Header | undefined {
  const header = decodeProtectedHeader(assertion);
  const alg = algorithmOf(header.alg);
  const { kid } = header as { kid?: unknown };
  if (alg === undefined || 'crit' in header || 'b64' in header) return undefined;
  return kid === undefined || typeof kid === 'string' ? { alg, kid } : undefined;
}

/** The name of the first claim that is not as it should be, where there is one. */
function readClaims(
  assertion: string,
  expected: { clientId: string; issuer: string; now: number; clockSkew: number },
): Claims | 'iss' | 'sub' | 'aud' | 'exp' | 'nbf' | 'iat' | 'jti' {
  const { clientId, issuer, now, clockSkew } = expected;
  const { iss, sub, aud, exp, nbf, iat, jti } = decodeJwt(assertion) as Record<string, unknown>;
  if (iss !== clientId) return 'iss';
  if (sub !== clientId) return 'sub';
  if (!isFor(issuer, aud)) return 'aud';
  if (typeof exp !== 'number' || exp <= now - clockSkew || exp > now + longestLife + clockSkew) return 'exp';
  const hasBegun = (begin: unknown) => begin === undefined || (typeof begin === 'number' && begin <= now + clockSkew);
  if (!hasBegun(nbf)) return 'nbf';
  if (!hasBegun(iat)) return 'iat';
  if (typeof jti !== 'string' || jti.length < 1 || jti.length > 256) return 'jti';
  return { iss, jti, exp };
}

/** The issuer and nobody beside it: what another server may be shown, it could pass on to this one (RFC 7523, 3). */
function isFor(issuer: string, aud: unknown): boolean {
  return aud === issuer || (Array.isArray(aud) && aud.length === 1 && aud[0] === issuer);
}

function candidates({ alg, kid }: Header, keys: readonly JWK[]): JWK[] {
  return keys.filter((key) => fitsAlgorithm(key, alg) && (kid === undefined || key.kid === kid));
}

/** The key that the assertion is signed with. */
async function verifyWithAny(assertion: string, header: Header, keys: readonly JWK[]): Promise<JWK | KeyFault> {
  const tried = candidates(header, keys).slice(0, mostCandidates);
  for (const jwk of tried) {
    try {
      const { kty, n, e, crv, x, y } = jwk;
      const key = await importJWK({ kty, n, e, crv, x, y } as JWK, header.alg);
      await compactVerify(assertion, key, { algorithms: namesOf(header.alg) });
      return jwk;
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error;
    }
  }
  return tried.length === 0 ? 'no such key' : 'signature';
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof TypeError || error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}
