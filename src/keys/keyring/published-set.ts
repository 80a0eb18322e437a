import type { JWK } from 'jose';
import { strongETag } from '../../etag.ts';
import { isPublishedAt, type VerifyOnlyKey } from '../verify-only.ts';
import { pickPublicMembers, type PublicMembers, type SigningAlgorithm } from '../algorithm.ts';

/** A public key as it is published, with no member but these. */
export type PublishedJwk = PublicMembers & {
  readonly kid: string;
  readonly use: 'sig';
};

/** The JWK Set (RFC 7517, 5) as it is served, with its strong entity tag (RFC 9110, 8.8.3). Frozen through and through. */
export type PublishedSet = {
  readonly body: { readonly keys: readonly PublishedJwk[] };
  /** Quoted, as the header carries it. Replicas that publish the same keys answer with the same tag. */
  readonly etag: string;
};

type PublishableKey = { readonly kid: string; readonly alg: SigningAlgorithm; readonly publicJwk: JWK };

/** The set at `now`: the keys that a plan publishes, and those of other issuers behind them. */
export function publishKeys(
  planned: readonly PublishableKey[],
  verifyOnly: readonly VerifyOnlyKey[],
  now: number,
): PublishedSet {
  const keys = [...planned, ...verifyOnly.filter((key) => isPublishedAt(key, now))];
  const body = Object.freeze({ keys: Object.freeze(keys.map(publishKey)) });
  return Object.freeze({ body, etag: strongETag(JSON.stringify(body)) });
}

function publishKey({ kid, alg, publicJwk }: PublishableKey): PublishedJwk {
  return Object.freeze({ ...pickPublicMembers(publicJwk, alg), kid, use: 'sig' });
}
