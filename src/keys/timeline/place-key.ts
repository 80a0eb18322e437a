import type { KeyRecord, NewKey } from '../store.ts';

/** Gives a new key its place at the end of the line. Moments are epoch seconds. It has no MAC yet. */
export function placeKey(
  { kid, alg, publicJwk, sealedPrivateKey }: NewKey,
  place: { succeeds: string; publishedAt: number; activatesAt: number },
): KeyRecord {
  return {
    kid,
    alg,
    publicJwk,
    sealedPrivateKey,
    tookOverAt: null,
    revokedAt: null,
    tokensExpireAt: null,
    destroyedAt: null,
    factsMac: null,
    ...place,
  };
}
