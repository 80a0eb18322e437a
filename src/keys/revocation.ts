import type { Cause } from '../audit/event.ts';
import { NoSigningKey } from './errors.ts';
import { addMac } from './facts-mac.ts';
import type { KeyOffice } from './key-office.ts';
import { planKeys, type KeyPlan } from './plan.ts';
import { forgottenAt, knownAt, type KeyPolicy } from './policy.ts';
import { placeKey, type NewKey } from './signing-key.ts';
import type { KeyRecord } from './store.ts';
import { findPredecessor } from './succession.ts';
import type { VerifyOnlyKey } from './verify-only.ts';

/** What came of a revocation. Moments are epoch seconds. */
export type RevocationOutcome =
  | {
      readonly kind: 'revoked';
      readonly kid: string;
      readonly revokedAt: number;
      /** False when it had been revoked before, and nothing changed. */
      readonly isNew: boolean;
      /** Whether a key of this kid is left: what was revoked is another row, which no server wrote. */
      readonly isKeyLeft: boolean;
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
 *
 * Whoever can write to the database can put a row of the same kid into the other table. Such a row goes first, and with `one` alone: so
 * an operator is done with it, and keeps the key.
 */
export async function revokeKey(
  office: KeyOffice,
  kid: string,
  cause: Cause,
  which: 'all' | 'one' = 'all',
): Promise<RevocationOutcome> {
  const { keyring, clock } = office;
  let spare: NewKey | null = null;
  let hasTried = false;
  let isNew = false;
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    await keyring.refreshOrLook();
    const { keys: stored } = keyring.stored;
    const rows = findRows(keyring, kid);
    const [key, ...others] = rows.filter(({ revokedAt }) => revokedAt === null);
    if (key === undefined) {
      const revokedAt = rows.at(-1)?.revokedAt ?? (await office.store.findForgotten({ kid, thumbprint: null }));
      return revokedAt === null ? { kind: 'unknown' } : report(office, kid, revokedAt, { isNew, isKeyLeft: false });
    }

    const now = clock();
    const isLast = which === 'one' || others.length === 0;
    const done = { isNew: true, isKeyLeft: others.length > 0 };
    const occasion = { ...cause, at: now };
    if (!('succeeds' in key)) {
      if (!(await office.verifyOnly.revokeVerifyOnlyKey(kid, occasion))) continue;
      isNew = true;
      if (!isLast) continue;
      return report(office, kid, now, done);
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
    isNew = true;
    if (!isLast) continue;
    return report(office, kid, now, done);
  }
  throw new Error(`The signing keys were still changing after ${MOST_ATTEMPTS} attempts`);
}

/** Those that are not trusted first: that is how an operator is done with them. */
function findRows({ stored, keys, verifyOnlyKeys }: KeyOffice['keyring'], kid: string): (KeyRecord | VerifyOnlyKey)[] {
  const rows = [...stored.keys, ...stored.verifyOnly].filter((row) => row.kid === kid);
  const isTrusted = (row: KeyRecord | VerifyOnlyKey) =>
    ('succeeds' in row ? keys : verifyOnlyKeys).some((key) => key.kid === kid);
  return [...rows.filter((row) => !isTrusted(row)), ...rows.filter(isTrusted)];
}

async function report(
  { keyring, policy }: KeyOffice,
  kid: string,
  revokedAt: number,
  { isNew, isKeyLeft }: { isNew: boolean; isKeyLeft: boolean },
): Promise<RevocationOutcome> {
  if (isNew) await keyring.refreshOrLook();
  const { signer } = keyring.plan;
  if (signer === null) throw new NoSigningKey('The store holds no key that anybody could sign with');
  return {
    kind: 'revoked',
    kid,
    revokedAt,
    isNew,
    isKeyLeft,
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
