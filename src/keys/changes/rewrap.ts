import type { Cause } from '../../audit/event.ts';
import type { Clock } from '../../clock.ts';
import { CorruptSealedKey, KeysStillChanging, MismatchedKeyPair, WrongKeyEncryptionKey } from '../errors.ts';
import { checkFactsMac, macMadeUnder, makeFactsMac } from '../sealing/facts-mac.ts';
import { encodeFacts } from '../sealing/immutable-facts.ts';
import { type KeyEncryptionKey, wrongKeyMessage } from '../sealing/key-encryption-key.ts';
import { findDoubles } from '../kid-rules.ts';
import { kindOf, type RowName } from '../row-name.ts';
import { isMacMade, markMacMade, sealedUnder, sealPrivateKey, unsealPrivateKey } from '../sealing/seal.ts';
import { importPrivateKey } from '../sealing/signing-key.ts';
import type { KeyRecord, KeyStore, MacChange } from '../store.ts';
import { arrangeLine } from '../timeline/succession.ts';
import { arrangeTurns } from '../timeline/turns.ts';
import type { VerifyOnlyKey, VerifyOnlyKeyStore } from '../verify-only.ts';

/** Why a row is left as it is. Rows of keys that are revoked are named nowhere: nobody need vouch for them, or open them. */
export type RewrapFaults = {
  /** Their private part is corrupt. */
  readonly corrupt: readonly RowName[];
  /**
   * No server takes them for keys: their facts are those of no key, or have another MAC; their private part is that of another public
   * key; or they have no MAC, and no private part that stands in for one.
   */
  readonly rejected: readonly RowName[];
  /** They have no MAC, and get one from the next server that sees them. */
  readonly withoutMac: readonly RowName[];
  /** Their private part or MAC is under a key-encryption key that is not at hand. */
  readonly waiting: readonly RowName[];
};

export type RewrapOutcome = RewrapFaults & {
  /**
   * Whether any of these rows may yet need a key-encryption key that is at hand, and is not the one that seals: a server has still to
   * take it for a key, or waits for another one. What is corrupt or rejected needs none; but where no key may sign, somebody may
   * have taken rows, MACs or private parts away, and who puts them back needs it.
   */
  readonly isOlderNeeded: boolean;
  /** Whether the rows that are right, if any, have no signer among them. Then `isOlderNeeded` is true, too. */
  readonly mayNoneSign: boolean;
  /** What everything that can be opened is sealed under now. */
  readonly sealing: KeyEncryptionKey;
  /** Kids whose private part was sealed anew. */
  readonly resealed: readonly string[];
  /** Kids whose facts got another MAC. */
  readonly renewed: readonly string[];
};

/** Each but the first follows a write, of this run or of another process. Nobody else goes on writing for so long. */
const MOST_PASSES = 20;

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
 * key-encryption key, and be what tells a first start (`keyring/trust.ts`). Where nothing is under any of these key-encryption keys, they
 * are the wrong ones: throws `WrongKeyEncryptionKey`, and changes nothing. Ends with a pass that finds nothing left to do, and throws
 * `KeysStillChanging` where none does.
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
  let attempted: ReadonlySet<string> = new Set();
  for (let pass = 0; pass < MOST_PASSES; pass += 1) {
    // Keys first: what they are sealed under was there before they were.
    const tables: Row[][] = [await store.listKeys(), await verifyOnly.listVerifyOnlyKeys()];
    const rows = tables.flat();
    const keks = await loadKeks();
    refuseOthers(rows, keks);
    const faults = { corrupt: [], rejected: [], withoutMac: [], waiting: [] } as Record<keyof RewrapFaults, RowName[]>;
    const derived = new Map<string, Buffer>();
    const isFirstStart = await isFirstStartAhead(rows, keks);
    let isOlderNeeded = false;
    const doubles = new Set(tables.flatMap(listDoubles));
    const line: KeyRecord[] = [];
    const open = new Set<KeyRecord>();
    const corrupt = new Set<string>();
    const due = new Set<string>();
    for (const key of rows) {
      const finding = doubles.has(key) ? isDouble : await examine(key, keks, { derived, isFirstStart });
      const { fault, renew, reseal } = finding;
      const { kid } = key;
      if (fault !== undefined && key.revokedAt === null) {
        faults[fault].push({ of: kindOf(key), kid });
        isOlderNeeded ||= fault === 'withoutMac' || (fault === 'waiting' && isUnderOlder(key, keks));
      }
      if ('succeeds' in key) {
        if (fault === undefined) open.add(key);
        if (fault === 'corrupt') corrupt.add(kid);
        if (hasRightMac(key, fault, keks)) line.push(key);
      }
      if (renew !== undefined || reseal !== undefined) due.add(kid);
      if (renew !== undefined) {
        // Without its MAC, it is not as it was read: the part stays until it is read again.
        if (!(await store.writeMacs([renew]))) continue;
        renewed.add(kid);
      }
      if (reseal === undefined) continue;
      if (await store.resealKey(kid, reseal, { ...cause, at: clock() })) resealed.add(kid);
    }
    attempted = due;
    if (due.size > 0) continue;
    // As servers see the line: also one whose part is not at hand ends the turn of those before it.
    const turns = arrangeTurns(arrangeLine(line), clock(), corrupt);
    const mayNoneSign = !turns.some(({ key, canSign }) => canSign && open.has(key));
    isOlderNeeded ||= mayNoneSign;
    const done = { resealed: [...resealed], renewed: [...renewed] };
    return { sealing: keks[0], ...done, isOlderNeeded, mayNoneSign, ...faults };
  }
  throw new KeysStillChanging([...attempted]);
}

async function examine(
  key: Row,
  keks: Keks,
  { derived, isFirstStart }: { derived: Map<string, Buffer>; isFirstStart: boolean },
): Promise<Finding> {
  const [sealing] = keks;
  const { kid, factsMac: from } = key;
  const facts = encodeFacts(key);
  if (facts === null) return { fault: 'rejected' };
  if (from === null) return { fault: await examineWithoutMac(key, keks, isFirstStart) };
  const { kind } = checkFactsMac(keks, { kid, facts, mac: from }, derived);
  if (kind === 'invalid') return { fault: 'rejected' };
  if (kind === 'unknown-key') return { fault: await examineUnderUnknownKey(key, keks) };
  const change = { of: kindOf(key), kid, from, to: makeFactsMac(sealing, facts), resealed: null };
  const renew = macMadeUnder(from) === sealing.id ? {} : { renew: change };
  const part = await openPart(key, keks);
  if (part === null) return renew;
  if ('fault' in part) return { ...renew, ...part };
  if (sealedUnder(part.sealed) === sealing.id && isMacMade(part.text)) return renew;
  return { ...renew, reseal: { from: part.sealed, to: sealPrivateKey(sealing, kid, markMacMade(part.text)) } };
}

/** Where its private part can be opened and is not its own, whoever has the other key-encryption key takes it for no key either. */
async function examineUnderUnknownKey(key: Row, keks: Keks): Promise<keyof RewrapFaults> {
  const part = await openPart(key, keks);
  return part === null || !('fault' in part) || part.fault === 'waiting' ? 'waiting' : 'rejected';
}

/** As a server would think of it (`keyring/trust.ts`). It is never sealed anew here, whatever it is. */
async function examineWithoutMac(key: Row, keks: Keks, isFirstStart: boolean): Promise<keyof RewrapFaults> {
  const part = await openPart(key, keks);
  if (part === null) return isFirstStart ? 'withoutMac' : 'rejected';
  if ('fault' in part) return part.fault === 'waiting' ? 'waiting' : 'rejected';
  return isMacMade(part.text) ? 'rejected' : 'withoutMac';
}

type OpenedPart = { readonly sealed: string; readonly text: string } | { readonly fault: keyof RewrapFaults };

/** Null for what has no private part. */
async function openPart(key: Row, keks: Keks): Promise<OpenedPart | null> {
  if (!('succeeds' in key) || key.sealedPrivateKey === null) return null;
  const { kid, sealedPrivateKey: sealed } = key;
  try {
    const text = unsealPrivateKey(keks, kid, sealed);
    await importPrivateKey(key, text);
    return { sealed, text };
  } catch (error) {
    if (error instanceof WrongKeyEncryptionKey) return { fault: 'waiting' };
    if (error instanceof CorruptSealedKey) return { fault: 'corrupt' };
    if (error instanceof MismatchedKeyPair) return { fault: 'rejected' };
    throw error;
  }
}

/** Whether the next server that starts gives every row its MAC, those without a private part, too (`keyring/trust.ts`). */
async function isFirstStartAhead(rows: readonly Row[], keks: Keks): Promise<boolean> {
  if (rows.some(({ factsMac }) => factsMac !== null)) return false;
  const parts = await Promise.all(rows.filter((key) => encodeFacts(key) !== null).map((key) => openPart(key, keks)));
  const texts = parts.flatMap((part) => (part !== null && 'text' in part ? [part.text] : []));
  return texts.length > 0 && !texts.some(isMacMade);
}

const isDouble: Finding = { fault: 'rejected' };

/** No server takes any of the rows of one table that share a kid (`keyring/trust.ts`). */
function listDoubles(rows: readonly Row[]): Row[] {
  const kids = findDoubles(rows.map(({ kid }) => kid));
  return rows.filter(({ kid }) => kids.has(kid));
}

/** A part is called corrupt, or not at hand under a MAC that is, only once the MAC was found right. */
function hasRightMac({ factsMac }: KeyRecord, fault: keyof RewrapFaults | undefined, keks: Keks): boolean {
  if (fault === undefined || fault === 'corrupt') return true;
  return fault === 'waiting' && factsMac !== null && keks.some(({ id }) => id === macMadeUnder(factsMac));
}

function isUnderOlder(key: Row, keks: Keks): boolean {
  const [sealing] = keks;
  return madeUnder(key).some((id) => id !== sealing.id && keks.some((kek) => kek.id === id));
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
