import { strongETag } from '../etag.ts';
import type { KeyRecord } from './store.ts';

/** An RSA public key as a JWK (RFC 7518, 6.3.1), with no member but these. */
export type PublishedJwk = {
  readonly kty: 'RSA';
  readonly n: string;
  readonly e: string;
  readonly kid: string;
  readonly alg: KeyRecord['alg'];
  readonly use: 'sig';
};

/** The JWK Set (RFC 7517, 5) as it is served, with its strong entity tag (RFC 9110, 8.8.3). Frozen through and through. */
export type PublishedSet = {
  readonly body: { readonly keys: readonly PublishedJwk[] };
  /** Quoted, as the header carries it. Replicas that publish the same keys answer with the same tag. */
  readonly etag: string;
};

export function publishKeys(keys: readonly KeyRecord[]): PublishedSet {
  const body = Object.freeze({ keys: Object.freeze(keys.map(pickPublicMembers)) });
  return Object.freeze({ body, etag: strongETag(JSON.stringify(body)) });
}

/** Picks each member by name, so that no private one can slip through whatever the store holds. */
function pickPublicMembers({ kid, alg, publicJwk: { kty, n, e } }: KeyRecord): PublishedJwk {
  if (kty !== 'RSA' || n === undefined || e === undefined) throw new TypeError(`${kid} is not an RSA public key`);
  return Object.freeze({ kty: 'RSA', n, e, kid, alg, use: 'sig' });
}
