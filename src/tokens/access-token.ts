/**
 * Access tokens: JWTs of the profile in RFC 9068, signed and verified here. What the database holds against a token that
 * is itself in order is the business of `authenticate.ts`.
 */
import { randomUUID } from 'node:crypto';
import { type CryptoKey, type JWTVerifyGetKey, SignJWT, errors, jwtVerify } from 'jose';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.ts';
import { algorithmNames, algorithmOf } from '../keys/algorithm.ts';

/** What every access token says. Moments are epoch seconds. */
export type AccessTokenClaims = {
  readonly iss: string;
  /** The one API that the token is for (RFC 8707). */
  readonly aud: string;
  readonly sub: string;
  readonly client_id: string;
  readonly iat: number;
  readonly exp: number;
  readonly jti: string;
  readonly scope: string;
  /** The session that the token belongs to; absent when a client acts for itself. */
  readonly sid?: string;
  /**
   * Names the secret or key that the client authenticated with (`clients/credentials.ts`): the token ends with it. Absent
   * where the client is public, and in tokens of servers of the version before.
   */
  readonly client_credential_id?: string;
};

type Signer = {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
};

/** `lifetime` in seconds, where it is shorter than usual; `until` in epoch seconds, where the token must not outlive that. */
export type Bounds = { readonly lifetime?: number | null; readonly until?: number };

export type IssueAccessToken = (
  grant: Pick<AccessTokenClaims, 'sub' | 'client_id' | 'aud' | 'scope' | 'sid' | 'client_credential_id'>,
  bounds?: Bounds,
) => Promise<{ token: string; expiresIn: number }>;

/** Signs access tokens that live for `lifetime` seconds at most. */
export function accessTokenIssuer(deps: {
  issuer: string;
  lifetime: number;
  clock: Clock;
  /** What signs a token that expires at `expiresAt`. */
  signerUntil: (expiresAt: number) => Promise<Signer>;
}): IssueAccessToken {
  const { issuer, lifetime, clock, signerUntil } = deps;
  return async (grant, { lifetime: wanted, until = Infinity } = {}) => {
    const iat = clock();
    const exp = Math.min(iat + Math.min(lifetime, wanted ?? lifetime), until);
    const { kid, alg, privateKey } = await signerUntil(exp);
    const claims = { iss: issuer, ...grant, iat, exp, jti: randomUUID() };
    const token = await new SignJWT(claims).setProtectedHeader({ alg, typ: 'at+jwt', kid }).sign(privateKey);
    return { token, expiresIn: exp - iat };
  };
}

export type VerifyAccessToken = (token: string) => Promise<AccessTokenClaims | 'expired' | 'invalid'>;

/**
 * What a header may call the algorithm that the token is signed with (RFC 8725, 3.1). Which of them it must be, the key
 * says.
 */
const algorithms = [...algorithmNames];

/** Tokens whose signature has been checked, so that the next request with the same one need not check it again. */
const rememberedTokens = 2000;

/**
 * Verifies signature, type, issuer and times; whom the token is for, the caller looks at. The key is chosen by `kid` among our own published ones; `jku`,
 * `x5u` and `jwk` are never looked at. No leeway: a token is refused from its `exp` on.
 */
export function accessTokenVerifier(deps: {
  issuer: string;
  clock: Clock;
  keys: {
    verificationKey(kid: string, alg: string): Promise<CryptoKey | undefined>;
    isPublished(kid: string): boolean;
    freshen(): Promise<void>;
  };
}): VerifyAccessToken {
  const { issuer, clock, keys } = deps;
  const remembered = new LRUCache<string, { kid: string; claims: AccessTokenClaims }>({ max: rememberedTokens });

  const keyOf: JWTVerifyGetKey = async ({ kid, alg: name }) => {
    const alg = algorithmOf(name);
    const key = kid === undefined || alg === undefined ? undefined : await keys.verificationKey(kid, alg);
    if (key === undefined) throw new errors.JWKSNoMatchingKey();
    return key;
  };

  return async (token) => {
    const now = clock();
    const known = remembered.get(token);
    // What is remembered must not outlive a revocation that another replica made while this one stalled.
    if (known !== undefined) await keys.freshen();
    if (known !== undefined && keys.isPublished(known.kid)) return known.claims.exp > now ? known.claims : 'expired';

    if (!isCanonical(token)) return 'invalid';
    try {
      const { payload, protectedHeader } = await jwtVerify<AccessTokenClaims>(token, keyOf, {
        algorithms,
        typ: 'at+jwt',
        issuer,
        currentDate: new Date(now * 1000),
        requiredClaims: ['aud', 'sub', 'client_id', 'iat', 'exp', 'jti', 'scope'],
      });
      if (!isWellTyped(payload)) return 'invalid';
      remembered.set(token, { kid: protectedHeader.kid as string, claims: Object.freeze(payload) });
      return payload;
    } catch (error) {
      if (error instanceof errors.JWTExpired) return 'expired';
      if (error instanceof errors.JOSEError) return 'invalid';
      throw error;
    }
  };
}

/** Whether each claim is of the kind that we issue: one text, or whole seconds (jose looks at `iss` alone). */
function isWellTyped(claims: AccessTokenClaims): boolean {
  const { aud, sub, client_id, jti, scope, sid = '', client_credential_id = '', iat, exp } = claims;
  const texts: unknown[] = [aud, sub, client_id, jti, scope, sid, client_credential_id];
  return texts.every((claim) => typeof claim === 'string') && [iat, exp].every(Number.isSafeInteger);
}

/**
 * Whether the signature is spelled in the one right way: no padding, no spaces, no spare bits (RFC 7515, 2). jose reads the
 * others, too, so one good token could pass for many and crowd the memory.
 */
function isCanonical(token: string): boolean {
  const signature = token.slice(token.lastIndexOf('.') + 1);
  return Buffer.from(signature, 'base64url').toString('base64url') === signature;
}
