import type { Cause } from '../audit/event.ts';
import { NoSigningKey } from './errors.ts';
import { addMac } from './facts-mac.ts';
import type { KeyOffice } from './key-office.ts';
import { planKeys, type KeyPlan } from './plan.ts';
import { forgottenAt, knownAt, type KeyPolicy } from './policy.ts';
import { placeKey, type NewKey } from './signing-key.ts';
import type { KeyRecord } from './store.ts';
import { findPredecessor } from './succession.ts';

/** What came of a revocation. Moments are epoch seconds. */
export type RevocationOutcome =
  | {
      readonly kind: 'revoked';
      readonly kid: string;
      readonly revokedAt: number;
      /** False when it had been revoked before, and nothing changed. */
      readonly isNew: boolean;
      /** The key that signs now, and when every verifier is sure to have fetched it. */
      readonly signer: string;
      readonly signerKnownAt: number;
      /** Until when a verifier that caches the set may still accept tokens signed by the revoked key. */
      readonly verifiersMayCacheUntil: number;
    }
  | { readonly kind: 'unknown' };

/** Each attempt fails only when another process changed the keys just then. */
const MOST_ATTEMPTS = 20;

/**
 * Revokes the key `kid`, for good. If it was the signer, the standby signs from the same moment on; a spare for whatever
 * place fell empty is added in the same transaction, so that the server is never without a signer.
 */
export async function revokeKey(office: KeyOffice, kid: string, cause: Cause): Promise<RevocationOutcome> {
  const { keyring, clock } = office;
  let spare: NewKey | null = null;
  let hasTried = false;
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    await keyring.refreshOrLook();
    // One that is not trusted, too: that is how an operator is done with it.
    const { keys: stored, verifyOnly } = keyring.stored;
    const key = [...stored, ...verifyOnly].find((candidate) => candidate.kid === kid);
    if (key === undefined) {
      const revokedAt = await office.store.findForgotten({ kid, thumbprint: null });
      return revokedAt === null ? { kind: 'unknown' } : report(office, kid, revokedAt, false);
    }
    if (key.revokedAt !== null) return report(office, kid, key.revokedAt, false);

    const now = clock();
    const occasion = { ...cause, at: now };
    if (!('succeeds' in key)) {
      if (!(await office.verifyOnly.revokeVerifyOnlyKey(kid, occasion))) continue;
      return report(office, kid, now, true);
    }
    const { promote, after } = planRevocation(keyring.keys, key, now, office.policy, keyring.unusable);
    // Generating takes a while, so the keys are read again before the spare gets its place and its moments.
    if (after.create !== null && spare === null && !hasTried) {
      hasTried = true;
      spare = await office.generateKey().catch((error: unknown) => {
        // An emergency does not wait for a spare while something else can sign.
        if (after.signer === null) throw error;
        return null;
      });
      continue;
    }
    if (spare === null && after.signer === null) throw new NoSigningKey('Nothing is left that could sign');
    const place = after.create && {
      ...after.create,
      succeeds: findPredecessor(keyring.keys, stored),
      publishedAt: now,
    };
    const placed = spare && place && (await addMac(placeKey(spare, place), office.macs));
    if (!(await office.store.revokeKey(kid, { promote, spare: placed }, occasion))) continue;
    return report(office, kid, now, true);
  }
  throw new Error(`The signing keys were still changing after ${MOST_ATTEMPTS} attempts`);
}

async function report(
  { keyring, policy }: KeyOffice,
  kid: string,
  revokedAt: number,
  isNew: boolean,
): Promise<RevocationOutcome> {
  if (isNew) await keyring.refreshOrLook();
  const { signer } = keyring.plan;
  if (signer === null) throw new NoSigningKey('The store holds no key that anybody could sign with');
  return {
    kind: 'revoked',
    kid,
    revokedAt,
    isNew,
    signer: signer.kid,
    signerKnownAt: knownAt(signer.publishedAt, policy),
    verifiersMayCacheUntil: forgottenAt(revokedAt, policy),
  };
}

/** Plans for the line as it would be without `key`: who takes over at once, and what must be made for it. Pure. */
export function planRevocation(
  keys: readonly KeyRecord[],
  key: KeyRecord,
  now: number,
  policy: KeyPolicy,
  unreadable: ReadonlySet<string>,
): { promote: string | null; after: KeyPlan } {
  const { signer } = planKeys(keys, now, policy, unreadable);
  const without = replaceKey(keys, { ...key, revokedAt: now, sealedPrivateKey: null });
  const { signer: heir } = planKeys(without, now, policy, unreadable);
  if (signer?.kid !== key.kid || heir === null || heir.activatesAt <= now)
    return { promote: null, after: planKeys(without, now, policy, unreadable) };
  const promoted = replaceKey(without, { ...heir, activatesAt: now });
  return { promote: heir.kid, after: planKeys(promoted, now, policy, unreadable) };
}

function replaceKey(keys: readonly KeyRecord[], changed: KeyRecord): KeyRecord[] {
  return keys.map((key) => (key.kid === changed.kid ? changed : key));
}
