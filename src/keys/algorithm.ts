import type { JWK } from 'jose';

/** The algorithms that a key may sign with (RFC 7518, 3.1; RFC 8037, 3.1). Each key has one, for good. */
export const signingAlgorithms = ['RS256', 'PS256', 'ES256', 'EdDSA'] as const;

export type SigningAlgorithm = (typeof signingAlgorithms)[number];

/**
 * What they may be called wherever somebody names one: EdDSA over Ed25519 has a name of its own since RFC 9864, 2.2. No other
 * curve is taken here, so both names mean the same. What is signed, published and stored here says `EdDSA`.
 */
export const algorithmNames = [...signingAlgorithms, 'Ed25519'] as const;

export type AlgorithmName = (typeof algorithmNames)[number];

/** The algorithm that a header, a JWK or a setting means by `name`. Undefined where it is none of ours. */
export function algorithmOf(name: AlgorithmName): SigningAlgorithm;
export function algorithmOf(name: unknown): SigningAlgorithm | undefined;
export function algorithmOf(name: unknown): SigningAlgorithm | undefined {
  return name === 'Ed25519' ? 'EdDSA' : signingAlgorithms.find((each) => each === name);
}

/** Every name of the algorithm, for whoever compares them with what a header says. */
export function namesOf(algorithm: SigningAlgorithm): AlgorithmName[] {
  return algorithmNames.filter((name) => algorithmOf(name) === algorithm);
}

/** The sizes of RSA keys that are made, in bits. RFC 7518, 3.3: a key of size 2048 bits or larger. */
export type ModulusBits = 2048 | 3072 | 4096;

/** What new keys are made for. `modulusBits` counts for RSA alone. */
export type KeyKind = { readonly algorithm: SigningAlgorithm; readonly modulusBits: ModulusBits };

/** A public key as a JWK (RFC 7518, 6; RFC 8037, 2), with no member but these. */
export type PublicMembers =
  | { readonly kty: 'RSA'; readonly alg: 'RS256' | 'PS256'; readonly n: string; readonly e: string }
  | { readonly kty: 'EC'; readonly alg: 'ES256'; readonly crv: 'P-256'; readonly x: string; readonly y: string }
  | { readonly kty: 'OKP'; readonly alg: 'EdDSA'; readonly crv: 'Ed25519'; readonly x: string };

/** Picks each public member by name, so that no private one can slip through. Throws for a key not meant for `alg`. */
export function pickPublicMembers({ kty, crv, n, e, x, y }: JWK, alg: SigningAlgorithm): PublicMembers {
  switch (alg) {
    case 'RS256':
    case 'PS256':
      if (kty === 'RSA' && n !== undefined && e !== undefined) return { kty: 'RSA', alg, n, e };
      break;
    case 'ES256':
      if (kty === 'EC' && crv === 'P-256' && x !== undefined && y !== undefined) return { kty: 'EC', alg, crv, x, y };
      break;
    case 'EdDSA':
      if (kty === 'OKP' && crv === 'Ed25519' && x !== undefined) return { kty: 'OKP', alg, crv, x };
  }
  throw new TypeError(`not a public key for ${alg}`);
}
