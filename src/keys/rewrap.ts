import type { Cause } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import { CorruptSealedKey, MismatchedKeyPair, WrongKeyEncryptionKey } from './errors.ts';
import { checkFactsMac, macMadeUnder, makeFactsMac } from './facts-mac.ts';
import { encodeFacts } from './immutable-facts.ts';
import { type KeyEncryptionKey, wrongKeyMessage } from './key-encryption-key.ts';
import { isMacMade, markMacMade, sealedUnder, sealPrivateKey, unsealPrivateKey } from './seal.ts';
import { importPrivateKey } from './signing-key.ts';
import type { KeyRecord, KeyStore, MacChange, RowName } from './store.ts';
import type { VerifyOnlyKey, VerifyOnlyKeyStore } from './verify-only.ts';

/** Why a row is left as it is. Rows of keys that are revoked are named nowhere: nobody need vouch for them, or open them. */
export type RewrapFaults = {
  /** Their private part is corrupt. */
  readonly corrupt: readonly RowName[];
  /** Their facts are those of no key, or have another MAC, or their private part is that of another public key. */
  readonly rejected: readonly RowName[];
  /** They have no MAC. What of them a server has written gets one from the next that sees it. */
  readonly withoutMac: readonly RowName[];
  /** Their private part or MAC is under a key-encryption key that is not at hand. */
  readonly waiting: readonly RowName[];
};

export type RewrapOutcome = RewrapFaults & {
  /** What everything that can be opened is sealed under now. */
  readonly sealing: KeyEncryptionKey;
  /** Kids whose private part was sealed anew. */
  readonly resealed: readonly string[];
  /** Kids whose facts got another MAC. */
  readonly renewed: readonly string[];
};

type Keks = readonly [KeyEncryptionKey, ...KeyEncryptionKey[]];
type Row = KeyRecord | VerifyOnlyKey;

/** What is to be done about a row, or why nothing can be. */
type Finding = {
  readonly fault?: keyof RewrapFaults;
  readonly renew?: MacChange;
  readonly reseal?: { readonly from: string; readonly to: string };
};

/**
 * Makes every MAC under the first of the key-encryption keys that `loadKeks` finds, whichever of them it was made under, and
 * seals every private part under it. What cannot be done for one row is named and left, and done for all others: anybody may
 * have written that row. So a private part is sealed anew only where the MAC of its row is right and the public key is its own, and
 * says from then on that its row has a MAC: a part from before there were MACs, put into some row, would else outlive its
 * key-encryption key, and be what tells a first start (`trust.ts`). Where nothing is under any of these key-encryption keys, they
 * are the wrong ones: throws `WrongKeyEncryptionKey`, and changes nothing.
 *
 * Every part is opened before it is sealed anew; a rewrap may be interrupted at any point, run twice at once, and be repeated.
 * Servers that still seal under an older one meanwhile are caught up with, and so is whoever makes a newer one.
 */
export async function rewrapKeys(
  { store, verifyOnly, clock }: { store: KeyStore; verifyOnly: VerifyOnlyKeyStore; clock: Clock },
  loadKeks: () => Promise<Keks>,
  cause: Cause,
): Promise<RewrapOutcome> {
  const resealed = new Set<string>();
  const renewed = new Set<string>();
  for (;;) {
    // Keys first: what they are sealed under was there before they were.
    const rows: Row[] = [...(await store.listKeys()), ...(await verifyOnly.listVerifyOnlyKeys())];
    const keks = await loadKeks();
    refuseOthers(rows, keks);
    const faults = { corrupt: [], rejected: [], withoutMac: [], waiting: [] } as Record<keyof RewrapFaults, RowName[]>;
    const derived = new Map<string, Buffer>();
    let isDone = true;
    for (const key of rows) {
      const { fault, renew, reseal } = await examine(key, keks, derived);
      const { kid } = key;
      if (fault !== undefined && key.revokedAt === null) faults[fault].push({ of: tableOf(key), kid });
      if (renew !== undefined) {
        isDone = false;
        // Without its MAC, it is not as it was read: the part stays until it is read again.
        if (!(await store.writeMacs([renew]))) continue;
        renewed.add(kid);
      }
      if (reseal === undefined) continue;
      isDone = false;
      if (await store.resealKey(kid, reseal, { ...cause, at: clock() })) resealed.add(kid);
    }
    if (isDone) return { sealing: keks[0], resealed: [...resealed], renewed: [...renewed], ...faults };
  }
}

async function examine(key: Row, keks: Keks, derived: Map<string, Buffer>): Promise<Finding> {
  const [sealing] = keks;
  const { kid, factsMac: from } = key;
  const facts = encodeFacts(key);
  if (facts === null) return { fault: 'rejected' };
  if (from === null) return { fault: 'withoutMac' };
  const { kind } = checkFactsMac(keks, { kid, facts, mac: from }, derived);
  if (kind !== 'valid') return { fault: kind === 'invalid' ? 'rejected' : 'waiting' };
  const change = { of: tableOf(key), kid, from, to: makeFactsMac(sealing, facts), resealed: null };
  const renew = macMadeUnder(from) === sealing.id ? {} : { renew: change };
  if (!('succeeds' in key) || key.sealedPrivateKey === null) return renew;
  return { ...renew, ...(await examinePart({ ...key, sealedPrivateKey: key.sealedPrivateKey }, keks)) };
}

async function examinePart(key: KeyRecord & { sealedPrivateKey: string }, keks: Keks): Promise<Finding> {
  const [sealing] = keks;
  const { kid, sealedPrivateKey: from } = key;
  try {
    const text = unsealPrivateKey(keks, kid, from);
    await importPrivateKey(key, text);
    if (sealedUnder(from) === sealing.id && isMacMade(text)) return {};
    return { reseal: { from, to: sealPrivateKey(sealing, kid, markMacMade(text)) } };
  } catch (error) {
    if (error instanceof WrongKeyEncryptionKey) return { fault: 'waiting' };
    if (error instanceof CorruptSealedKey) return { fault: 'corrupt' };
    if (error instanceof MismatchedKeyPair) return { fault: 'rejected' };
    throw error;
  }
}

function tableOf(key: Row): RowName['of'] {
  return 'succeeds' in key ? 'signing' : 'verify-only';
}

/** Where not one of the rows is under any of `keks`. */
function refuseOthers(rows: readonly Row[], keks: Keks): void {
  const ids = rows.filter(({ revokedAt }) => revokedAt === null).flatMap(madeUnder);
  const [other] = ids;
  if (other !== undefined && !ids.some((id) => keks.some((kek) => kek.id === id)))
    throw new WrongKeyEncryptionKey(wrongKeyMessage('The private keys are sealed under', other, keks));
}

/** The ids of the key-encryption keys that a row needs. */
function madeUnder(key: Row): string[] {
  const sealed = 'succeeds' in key ? key.sealedPrivateKey : null;
  const ids = [sealed === null ? null : sealedUnder(sealed), key.factsMac === null ? null : macMadeUnder(key.factsMac)];
  return ids.filter((id) => id !== null);
}
