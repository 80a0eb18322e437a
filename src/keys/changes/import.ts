import type { Cause } from '../../audit/event.ts';
import { addMac } from '../sealing/facts-mac.ts';
import type { ForeignKey } from './foreign-key.ts';
import type { KeyOffice } from './key-office.ts';
import { turnAfter } from '../timeline/plan.ts';
import { placeKey } from '../timeline/place-key.ts';
import { findPredecessor } from '../timeline/succession.ts';
import { thumbprintOf } from '../thumbprint.ts';

/** What came of bringing a key in. Moments are epoch seconds. */
export type ImportOutcome =
  | { readonly kind: 'standby'; readonly kid: string; readonly activatesAt: number }
  | { readonly kind: 'verify-only'; readonly kid: string; readonly publishedUntil: number }
  /** The same key, or another of this kid, is there already. */
  | { readonly kind: 'known'; readonly kid: string }
  /** It is, or was before it was forgotten, and has been revoked for good. */
  | { readonly kind: 'revoked'; readonly kid: string; readonly revokedAt: number }
  /** New keys are made for another algorithm: a standby of this one would never get a turn. */
  | { readonly kind: 'other-algorithm'; readonly expected: string };

/** Each attempt fails only when another process changed the keys just then. */
const MOST_ATTEMPTS = 20;

/** Brings `key` in as a standby, at the end of the line: it signs after the standbys that are there, and never unknown to verifiers. */
export async function importStandby(
  office: KeyOffice,
  key: ForeignKey & { readonly privateKey: string },
  cause: Cause,
): Promise<ImportOutcome> {
  const { keyring, policy, clock, store } = office;
  const { kid, alg, publicJwk } = key;
  if (alg !== policy.algorithm) return { kind: 'other-algorithm', expected: policy.algorithm };
  const sealedPrivateKey = await office.seal(kid, key.privateKey);
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    await keyring.refresh();
    const known = await findKnown(office, key);
    if (known !== null) return known;
    const now = clock();
    const { signer, standbys } = keyring.plan;
    const before = standbys.at(-1) ?? signer;
    if (before === null) continue;
    const succeeds = findPredecessor(keyring.keys, keyring.stored.keys);
    const place = { succeeds, publishedAt: now, activatesAt: turnAfter(before, now, policy) };
    const record = await addMac(placeKey({ kid, alg, publicJwk, sealedPrivateKey }, place), office.macs);
    if (!(await store.insertKey(record, 'key.imported', { ...cause, at: now }))) continue;
    await keyring.refresh();
    return { kind: 'standby', kid, activatesAt: place.activatesAt };
  }
  throw new Error(`The signing keys were still changing after ${MOST_ATTEMPTS} attempts`);
}

/** Publishes the public part of `key` for `publishFor` seconds, for third parties that verify what another issuer signed. */
export async function importVerifyOnly(
  office: KeyOffice,
  key: ForeignKey,
  publishFor: number,
  cause: Cause,
): Promise<ImportOutcome> {
  const { keyring, clock, verifyOnly } = office;
  await keyring.refresh();
  const { kid, alg, publicJwk } = key;
  const known = await findKnown(office, key);
  if (known !== null) return known;
  const now = clock();
  const moments = { publishedAt: now, publishedUntil: now + publishFor, revokedAt: null };
  const record = await addMac({ kid, alg, publicJwk, ...moments, factsMac: null }, office.macs);
  if (!(await verifyOnly.insertVerifyOnlyKey(record, { ...cause, at: now }))) return { kind: 'known', kid };
  await keyring.refresh();
  return { kind: 'verify-only', kid, publishedUntil: record.publishedUntil };
}

/** By kid or by the key itself. A key that was revoked must not come back under another name. */
async function findKnown({ keyring, store }: KeyOffice, key: ForeignKey): Promise<ImportOutcome | null> {
  const { kid } = key;
  const thumbprint = await thumbprintOf(key);
  for (const known of [...keyring.stored.keys, ...keyring.stored.verifyOnly])
    if (known.kid === kid || (await thumbprintOf(known)) === thumbprint)
      return known.revokedAt === null ? { kind: 'known', kid } : { kind: 'revoked', kid, revokedAt: known.revokedAt };
  const revokedAt = await store.findForgotten({ kid, thumbprint });
  return revokedAt === null ? null : { kind: 'revoked', kid, revokedAt };
}
