/**
 * Verifiers as third parties configure them: the libraries that APIs in Node.js use, each with the keys from a URL and
 * with its algorithms, issuer and audience pinned. None knows anything of Tessera but that.
 */
import { JwtVerifier } from 'aws-jwt-verify';
import { SimpleJwksCache, SimplePenaltyBox } from 'aws-jwt-verify/jwk';
import { type JSONWebKeySet, createLocalJWKSet, createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import jwt from 'jsonwebtoken';
import jwksRsa from 'jwks-rsa';

export type Verifier = {
  readonly name: string;
  /** Whether it goes on trusting a key that it has fetched once, whatever becomes of the set. */
  readonly cachesForGood: boolean;
  /** Rejects when the token is refused. */
  verify(token: string): Promise<void>;
};

export type Trust = {
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUri: string;
  /** Seconds for which a token is accepted after it has expired. */
  readonly clockTolerance?: number;
};

const algorithm = 'RS256';

/** Tessera's default for it, seconds: also for how long jose and jwks-rsa keep a set by default. */
export const VERIFIER_CACHE = 600;

/** One of each kind. Whatever each measures by time, by default, is divided by `factor`. */
export function createVerifiers(trust: Trust, factor: number): Verifier[] {
  return [
    createJoseVerifier(trust, factor),
    createJwksRsaVerifier(trust, factor),
    createAwsVerifier(trust, factor),
    createStrictVerifier(trust, VERIFIER_CACHE / factor),
  ];
}

/** Keeps the set for 10 minutes. Looks for an unknown key at once, unless it has fetched within the last 30 seconds. */
function createJoseVerifier(trust: Trust, factor: number): Verifier {
  const keys = createRemoteJWKSet(new URL(trust.jwksUri), {
    cacheMaxAge: 600_000 / factor,
    cooldownDuration: 30_000 / factor,
  });
  return {
    name: nameOf('jose', trust),
    cachesForGood: false,
    async verify(token) {
      await jwtVerify(token, keys, pinned(trust));
    },
  };
}

/** Keeps each key for 10 minutes, five at most, and fetches the set 10 times a minute at most. */
function createJwksRsaVerifier(trust: Trust, factor: number): Verifier {
  const client = jwksRsa({
    jwksUri: trust.jwksUri,
    cache: true,
    cacheMaxEntries: 5,
    cacheMaxAge: 600_000 / factor,
    // Off by default, on in the examples of its README; 10 is the default once it is on.
    rateLimit: true,
    jwksRequestsPerMinute: 10 * factor,
  });
  const { issuer, audience, clockTolerance = 0 } = trust;
  return {
    name: nameOf('jwks-rsa', trust),
    cachesForGood: false,
    async verify(token) {
      const key = await client.getSigningKey(decodeProtectedHeader(token).kid);
      jwt.verify(token, key.getPublicKey(), { algorithms: [algorithm], issuer, audience, clockTolerance });
    },
  };
}

/** Keeps the set for good. Looks for an unknown key at once, unless it found one missing within the last 10 seconds. */
function createAwsVerifier(trust: Trust, factor: number): Verifier {
  const verifier = JwtVerifier.create(
    {
      issuer: trust.issuer,
      audience: trust.audience,
      jwksUri: trust.jwksUri,
      graceSeconds: trust.clockTolerance ?? 0,
      // By itself it takes any algorithm that the key is for.
      customJwtCheck({ header }) {
        if (header.alg !== algorithm) throw new Error(`The algorithm is ${header.alg}`);
      },
    },
    {
      jwksCache: new SimpleJwksCache({
        penaltyBox: new SimplePenaltyBox({ waitSeconds: 10 / factor }),
        // Its own fetcher insists on https.
        fetcher: { fetch: async (uri) => (await fetchSet(uri)).arrayBuffer() },
      }),
    },
  );
  return {
    name: nameOf('aws-jwt-verify', trust),
    cachesForGood: true,
    async verify(token) {
      await verifier.verify(token);
    },
  };
}

/**
 * The worst verifier that the settings allow for: it keeps the set for as long as HTTP lets it (`max-age`), then for
 * `verifierCache` seconds more, and fetches for no other reason, least of all for a key that it does not know.
 */
export function createStrictVerifier(trust: Trust, verifierCache: number): Verifier {
  type Held = { readonly keys: ReturnType<typeof createLocalJWKSet>; readonly until: number };
  let held: Held | undefined;
  let fetching: Promise<Held> | undefined;

  async function fetchHeld(): Promise<Held> {
    // A reply is as old as its request (RFC 9111, 4.2.3).
    const askedAt = Date.now();
    const reply = await fetchSet(trust.jwksUri);
    const maxAge = /(?:^|[ ,])max-age=(\d+)/.exec(reply.headers.get('cache-control') ?? '')?.[1];
    if (maxAge === undefined) throw new Error('The key set does not say for how long it may be cached');
    const keys = createLocalJWKSet((await reply.json()) as JSONWebKeySet);
    return { keys, until: askedAt + (Number(maxAge) + verifierCache) * 1000 };
  }

  return {
    name: nameOf('strict', trust),
    cachesForGood: false,
    async verify(token) {
      if (held === undefined || Date.now() >= held.until) {
        fetching ??= fetchHeld().finally(() => {
          fetching = undefined;
        });
        held = await fetching;
      }
      await jwtVerify(token, held.keys, pinned(trust));
    },
  };
}

function pinned({ issuer, audience, clockTolerance = 0 }: Trust) {
  return { algorithms: [algorithm], typ: 'at+jwt', issuer, audience, clockTolerance };
}

function nameOf(kind: string, { jwksUri }: Trust): string {
  return `${kind} at ${new URL(jwksUri).host}`;
}

async function fetchSet(uri: string): Promise<Response> {
  const reply = await fetch(uri);
  if (reply.status !== 200) throw new Error(`The key set answers ${reply.status}`);
  return reply;
}
