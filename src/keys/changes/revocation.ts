import type { Cause } from '../../audit/event.ts';
import { NoSigningKey } from '../errors.ts';
import { addMac } from '../sealing/facts-mac.ts';
import type { KeyOffice } from './key-office.ts';
import { planKeys, type KeyPlan } from '../timeline/plan.ts';
import { forgottenAt, knownAt, type KeyPolicy } from '../timeline/policy.ts';
import { kindOf, type RowKind, tables } from '../row-name.ts';
import { placeKey } from '../timeline/place-key.ts';
import type { NewKey, KeyRecord } from '../store.ts';
import { findPredecessor } from '../timeline/succession.ts';
import type { VerifyOnlyKey } from '../verify-only.ts';

/** What came of a revocation. Moments are epoch seconds. */
export type RevocationOutcome =
  | {
      readonly kind: 'revoked';
      readonly kid: string;
      readonly revokedAt: number;
      /** False when it had been revoked before, and nothing changed. */
      readonly isNew: boolean;
      /** The rows of this kid that were revoked now. */
      readonly rows: readonly RowKind[];
      /** Those that were not asked for, and go on as they were. */
      readonly left: readonly RowKind[];
      /** The key that signs now, and when every verifier is sure to have fetched it. */
      readonly signer: string;
      readonly signerKnownAt: number;
      /** Until when a verifier that caches the set may still accept tokens signed by the revoked key. */
      readonly verifiersMayCacheUntil: number;
    }
  /** The rows of `undone` were revoked, but were gone or no longer revoked when read again: somebody else writes to the database. */
  | {
      readonly kind: 'undone';
      readonly kid: string;
      /** The rows of this kid that were revoked now, and still are. */
      readonly rows: readonly RowKind[];
      readonly undone: readonly RowKind[];
      /** Those that were not asked for, and go on as they were. */
      readonly left: readonly RowKind[];
    }
  | { readonly kind: 'unknown' };

/** Each attempt fails only when another process changed the keys just then. */
const MOST_ATTEMPTS = 20;

/**
 * Revokes the key `kid`, for good. If it was the signer, the standby signs from the same moment on; a spare for whatever
 * place fell empty is added in the same transaction, so that the server is never without a signer.
 *
 * Whoever can write to the database can put a row of the same kid into the other table. So every row of the kid is revoked once, the
 * trusted one first: who undoes one revocation does not stop the others. Then it checks once that all are still revoked. With `only`,
 * it revokes the row of that kind alone.
 */
export async function revokeKey(
  office: KeyOffice,
  kid: string,
  cause: Cause,
  only: RowKind | null = null,
): Promise<RevocationOutcome> {
  const { keyring, clock } = office;
  let spare: NewKey | null = null;
  let hasTried = false;
  let revokedAt: number | null = null;
  const done: RowKind[] = [];
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    await keyring.refreshOrLook();
    const { keys: stored } = keyring.stored;
    const all = findRows(keyring, kid);
    const rows = all.filter((row) => only === null || kindOf(row) === only);
    const left = all.filter((row) => !rows.includes(row) && row.revokedAt === null).map(kindOf);
    const [key, ...others] = rows.filter((row) => row.revokedAt === null && !done.includes(kindOf(row)));
    if (key === undefined) {
      revokedAt ??= rows[0]?.revokedAt ?? null;
      if (revokedAt === null && only === null) revokedAt = await office.store.findForgotten({ kid, thumbprint: null });
      return revokedAt === null ? { kind: 'unknown' } : report(office, kid, revokedAt, { rows: done, left });
    }

    const now = clock();
    const detail = all.length > 1 ? `in ${tables[kindOf(key)]}` : null;
    const occasion = { ...cause, at: now, ...(detail !== null && { detail }) };
    const isLast = others.length === 0;
    if (!('succeeds' in key)) {
      if (!(await office.verifyOnly.revokeVerifyOnlyKey(kid, occasion))) continue;
      revokedAt ??= now;
      done.push('verify-only');
      if (!isLast) continue;
      return report(office, kid, revokedAt, { rows: done, left });
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
    revokedAt ??= now;
    done.push('signing');
    if (!isLast) continue;
    return report(office, kid, revokedAt, { rows: done, left });
  }
  throw new Error(`The signing keys were still changing after ${MOST_ATTEMPTS} attempts`);
}

/** The one that is trusted first: where anything keeps the others from being revoked, that one is. */
function findRows({ stored, keys, verifyOnlyKeys }: KeyOffice['keyring'], kid: string): (KeyRecord | VerifyOnlyKey)[] {
  const rows = [...stored.keys, ...stored.verifyOnly].filter((row) => row.kid === kid);
  const isTrusted = (row: KeyRecord | VerifyOnlyKey) =>
    ('succeeds' in row ? keys : verifyOnlyKeys).some((key) => key.kid === kid);
  return [...rows.filter(isTrusted), ...rows.filter((row) => !isTrusted(row))];
}

async function report(
  { keyring, policy }: KeyOffice,
  kid: string,
  revokedAt: number,
  { rows, left }: { rows: readonly RowKind[]; left: readonly RowKind[] },
): Promise<RevocationOutcome> {
  const isNew = rows.length > 0;
  if (isNew) await keyring.refreshOrLook();
  const undone = rows.filter((kind) => !isRevoked(keyring, kid, kind));
  if (undone.length > 0)
    return { kind: 'undone', kid, rows: rows.filter((kind) => !undone.includes(kind)), undone, left };
  const { signer } = keyring.plan;
  if (signer === null) throw new NoSigningKey('The store holds no key that anybody could sign with');
  return {
    kind: 'revoked',
    kid,
    revokedAt,
    isNew,
    rows,
    left,
    signer: signer.kid,
    signerKnownAt: knownAt(signer.publishedAt, policy),
    verifiersMayCacheUntil: forgottenAt(revokedAt, policy),
  };
}

/** A missing row can be put back, and counts as not revoked: a revoked one stays for 90 days (`keyring/forgetting.ts`). */
function isRevoked({ stored }: KeyOffice['keyring'], kid: string, kind: RowKind): boolean {
  const rows: readonly (KeyRecord | VerifyOnlyKey)[] = kind === 'signing' ? stored.keys : stored.verifyOnly;
  const own = rows.filter((row) => row.kid === kid);
  return own.length > 0 && own.every(({ revokedAt }) => revokedAt !== null);
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
