import type { Cause } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import { CorruptSealedKey, WrongKeyEncryptionKey } from './errors.ts';
import { checkFactsMac, type MacCheck, macMadeUnder, makeFactsMac } from './facts-mac.ts';
import { encodeFacts } from './immutable-facts.ts';
import { type KeyEncryptionKey, wrongKeyMessage } from './key-encryption-key.ts';
import { sealedUnder, sealPrivateKey, unsealPrivateKey } from './seal.ts';
import type { KeyRecord, KeyStore } from './store.ts';
import type { VerifyOnlyKey, VerifyOnlyKeyStore } from './verify-only.ts';

export type RewrapOutcome = {
  /** What everything that can be opened is sealed under now. */
  readonly sealing: KeyEncryptionKey;
  /** Kids whose private part was sealed anew. */
  readonly resealed: readonly string[];
  /** Kids whose facts got another MAC. */
  readonly renewed: readonly string[];
  /** Kids whose private part is corrupt, which were left as they are. */
  readonly corrupt: readonly string[];
  /** Kids whose facts are those of no key, or have another MAC, which were left as they are. */
  readonly rejected: readonly string[];
  /** Kids whose private part or MAC is under a key-encryption key that is not at hand, and was left as it is. */
  readonly waiting: readonly string[];
};

type Keks = readonly [KeyEncryptionKey, ...KeyEncryptionKey[]];
type Row = KeyRecord | VerifyOnlyKey;

/**
 * Seals every private part under the first of the key-encryption keys that `loadKeks` finds, whichever of them it was sealed
 * under, and makes every MAC under it. What cannot be done for one row is named and left, and done for all others: anybody may
 * have written that row. Where nothing is under any of these key-encryption keys, they are the wrong ones: throws
 * `WrongKeyEncryptionKey`, and changes nothing.
 *
 * Every part is opened before and after; it may be interrupted at any point, run twice at once, and be repeated. Servers that
 * still seal under an older one meanwhile are caught up with, and so is whoever makes a newer one.
 */
export async function rewrapKeys(
  { store, verifyOnly, clock }: { store: KeyStore; verifyOnly: VerifyOnlyKeyStore; clock: Clock },
  loadKeks: () => Promise<Keks>,
  cause: Cause,
): Promise<RewrapOutcome> {
  const resealed = new Set<string>();
  const renewed = new Set<string>();
  const faulty = { corrupt: new Set<string>(), rejected: new Set<string>(), waiting: new Set<string>() };
  /** Kids whose MAC, and whose private part, stays as it is. */
  const left = { macs: new Set<string>(), parts: new Set<string>() };
  /** Keys that are revoked are in no set: nobody need vouch for them, or open them. */
  const name = ({ kid, revokedAt }: Row, fault: keyof typeof faulty): void => {
    if (revokedAt === null) faulty[fault].add(kid);
  };

  async function renewMac(key: Row, keks: Keks): Promise<void> {
    const { kid, factsMac: from } = key;
    const check = checkMac(key, keks);
    if (check.kind === 'valid') {
      const [of, to] = ['succeeds' in key ? 'signing' : 'verify-only', makeFactsMac(keks[0], check.facts)] as const;
      if (await store.writeMacs([{ of, kid, from, to, resealed: null }])) renewed.add(kid);
      return;
    }
    left.macs.add(kid);
    name(key, check.kind === 'invalid' ? 'rejected' : 'waiting');
    if (check.kind === 'invalid' && key.revokedAt === null) left.parts.add(kid);
  }

  async function reseal(key: KeyRecord, from: string, keks: Keks): Promise<void> {
    const { kid } = key;
    try {
      const to = sealPrivateKey(keks[0], kid, unsealPrivateKey(keks, kid, from));
      if (await store.resealKey(kid, { from, to }, { ...cause, at: clock() })) resealed.add(kid);
    } catch (error) {
      const isElsewhere = error instanceof WrongKeyEncryptionKey;
      if (!isElsewhere && !(error instanceof CorruptSealedKey)) throw error;
      left.parts.add(kid);
      name(key, isElsewhere ? 'waiting' : 'corrupt');
    }
  }

  for (;;) {
    // Keys first: what they are sealed under was there before they were.
    const keys = await store.listKeys();
    const rows = [...keys, ...(await verifyOnly.listVerifyOnlyKeys())];
    const keks = await loadKeks();
    refuseOthers(rows, keks);
    for (const key of rows.filter((row) => encodeFacts(row) === null)) {
      name(key, 'rejected');
      for (const kids of Object.values(left)) kids.add(key.kid);
    }
    const macs = rows.filter((key) => !left.macs.has(key.kid) && needsMac(key, keks[0]));
    const parts = keys.filter((key) => !left.parts.has(key.kid) && needsRewrap(key, keks[0]));
    if (macs.length + parts.length === 0) {
      const { corrupt, rejected, waiting } = faulty;
      const done = { sealing: keks[0], resealed: [...resealed], renewed: [...renewed] };
      return { ...done, corrupt: [...corrupt], rejected: [...rejected], waiting: [...waiting] };
    }
    // MACs first: a key whose MAC is not right is left as it is.
    for (const key of macs) await renewMac(key, keks);
    for (const key of parts)
      if (key.sealedPrivateKey !== null && !left.parts.has(key.kid)) await reseal(key, key.sealedPrivateKey, keks);
  }
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

function checkMac(key: Row, keks: Keks): MacCheck & { readonly facts: string } {
  const facts = encodeFacts(key);
  if (facts === null || key.factsMac === null) return { kind: 'invalid', facts: '' };
  return { ...checkFactsMac(keks, { kid: key.kid, facts, mac: key.factsMac }), facts };
}

/** Whether the private part of `key` is sealed under another key-encryption key than `sealing`. */
function needsRewrap({ sealedPrivateKey }: KeyRecord, sealing: KeyEncryptionKey): boolean {
  return sealedPrivateKey !== null && sealedUnder(sealedPrivateKey) !== sealing.id;
}

/** One that has none gets it from a server. */
function needsMac({ factsMac }: Row, sealing: KeyEncryptionKey): boolean {
  return factsMac !== null && macMadeUnder(factsMac) !== sealing.id;
}
