import type { Clock } from '../clock.ts';
import type { Keyring } from './keyring.ts';
import { planKeys, type KeyPlan } from './plan.ts';
import { knownAt, type KeyPolicy } from './policy.ts';
import { placeKey, type GenerateKey, type NewKey } from './signing-key.ts';
import type { KeyRecord, KeyStore } from './store.ts';

/** What came of a revocation. Moments are epoch seconds. */
export type RevocationOutcome =
  | {
      readonly kind: 'revoked';
      readonly kid: string;
      /** The key that signs now, and when every verifier is sure to have fetched it. */
      readonly signer: string;
      readonly signerKnownAt: number;
      /** Until when a verifier that caches the set may still accept tokens signed by the revoked key. */
      readonly verifiersMayCacheUntil: number;
    }
  | { readonly kind: 'already-revoked' }
  | { readonly kind: 'unknown' };

type RevocationDependencies = {
  readonly store: KeyStore;
  readonly clock: Clock;
  readonly policy: KeyPolicy;
  readonly keyring: Keyring;
  readonly generateKey: GenerateKey;
};

/** Each attempt fails only when another process changed the keys just then. */
const MOST_ATTEMPTS = 20;

/**
 * Revokes the key `kid`, for good. If it was the signer, the standby signs from the same moment on; a spare for whatever
 * place fell empty is added in the same transaction, so that the server is never without a signer.
 */
export async function revokeKey(deps: RevocationDependencies, kid: string): Promise<RevocationOutcome> {
  const { store, clock, policy, keyring, generateKey } = deps;
  let spare: NewKey | null = null;
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    await keyring.refresh();
    const key = keyring.keys.find((candidate) => candidate.kid === kid);
    if (key === undefined) return { kind: 'unknown' };
    if (key.revokedAt !== null) return { kind: 'already-revoked' };

    const now = clock();
    const { promote, after } = planRevocation(keyring, key, now, policy);
    // Generating takes a while, so the keys are read again before the spare gets its place and its moments.
    if (after.create !== null && spare === null) {
      spare = await generateKey();
      continue;
    }
    const place = after.create && { ...after.create, publishedAt: now, tokensLiveFor: policy.tokenLifetime };
    const change = { revokedAt: now, promote, spare: spare && place && placeKey(spare, place) };
    if (!(await store.revokeKey(kid, change))) continue;

    await keyring.refresh();
    const signer = await keyring.signer();
    return {
      kind: 'revoked',
      kid,
      signer: signer.kid,
      signerKnownAt: knownAt(keyring.plan.signer?.publishedAt ?? now, policy),
      verifiersMayCacheUntil: now + policy.replicaRefresh + policy.jwksMaxAge + policy.verifierCache,
    };
  }
  throw new Error(`The signing keys were still changing after ${MOST_ATTEMPTS} attempts`);
}

/** Plans for the line as it would be without `key`: who takes over, and what must be made for it. */
function planRevocation(
  { keys, unreadable, plan }: Pick<Keyring, 'keys' | 'unreadable' | 'plan'>,
  key: KeyRecord,
  now: number,
  policy: KeyPolicy,
): { promote: string | null; after: KeyPlan } {
  const without = replaceKey(keys, { ...key, revokedAt: now, sealedPrivateKey: null });
  const { signer: heir } = planKeys(without, now, policy, unreadable);
  if (plan.signer?.kid !== key.kid || heir === null || heir.activatesAt <= now)
    return { promote: null, after: planKeys(without, now, policy, unreadable) };
  const promoted = replaceKey(without, { ...heir, activatesAt: now });
  return { promote: heir.kid, after: planKeys(promoted, now, policy, unreadable) };
}

function replaceKey(keys: readonly KeyRecord[], changed: KeyRecord): KeyRecord[] {
  return keys.map((key) => (key.kid === changed.kid ? changed : key));
}
