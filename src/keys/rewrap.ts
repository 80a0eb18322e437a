import type { Cause } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import { CorruptSealedKey, WrongKeyEncryptionKey } from './errors.ts';
import { checkFactsMac, type MacCheck, macMadeUnder, makeFactsMac } from './facts-mac.ts';
import { encodeFacts } from './immutable-facts.ts';
import type { KeyEncryptionKey } from './key-encryption-key.ts';
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
  /** Kids whose MAC is not that of their facts, which were left as they are. */
  readonly rejected: readonly string[];
};

type Keks = readonly [KeyEncryptionKey, ...KeyEncryptionKey[]];

/**
 * Seals every private part under the first of the key-encryption keys that `loadKeks` finds, whichever of them it was sealed
 * under, and makes every MAC under it; throws `WrongKeyEncryptionKey` for what none of them opens or vouches for. Every part is
 * opened before and after; it may be interrupted at any point, run twice at once, and be repeated. Servers that still seal
 * under an older one meanwhile are caught up with, and so is whoever makes a newer one.
 */
export async function rewrapKeys(
  { store, verifyOnly, clock }: { store: KeyStore; verifyOnly: VerifyOnlyKeyStore; clock: Clock },
  loadKeks: () => Promise<Keks>,
  cause: Cause,
): Promise<RewrapOutcome> {
  const resealed = new Set<string>();
  const renewed = new Set<string>();
  const corrupt = new Set<string>();
  const rejected = new Set<string>();
  /** Revoked ones that nobody vouches for, and nobody need: they are in no set. */
  const passedOver = new Set<string>();
  for (;;) {
    // Keys first: what they are sealed under was there before they were.
    const keys = await store.listKeys();
    const foreign = await verifyOnly.listVerifyOnlyKeys();
    const keks = await loadKeks();
    const [sealing] = keks;
    const isOpen = ({ kid }: { kid: string }) => !rejected.has(kid) && !passedOver.has(kid);
    const macs = [...keys, ...foreign].filter((key) => isOpen(key) && needsMac(key, sealing));
    const left = keys.filter((key) => !corrupt.has(key.kid) && !rejected.has(key.kid) && needsRewrap(key, sealing));
    if (left.length + macs.length === 0)
      return {
        sealing,
        resealed: [...resealed],
        renewed: [...renewed],
        corrupt: [...corrupt],
        rejected: [...rejected],
      };
    // MACs first: a key whose MAC is not right is left as it is.
    for (const key of macs) {
      const { kid, factsMac: from } = key;
      const check = checkMac(key, keks);
      const of = 'succeeds' in key ? 'signing' : 'verify-only';
      if (check.kind === 'valid') {
        const to = makeFactsMac(sealing, check.facts);
        if (await store.writeMacs([{ of, kid, from, to, resealed: null }])) renewed.add(kid);
      } else if (key.revokedAt !== null) passedOver.add(kid);
      else if (check.kind === 'unknown-key') throw new WrongKeyEncryptionKey(check.reason);
      else rejected.add(kid);
    }
    for (const { kid, sealedPrivateKey: from } of left) {
      if (from === null || rejected.has(kid)) continue;
      try {
        const to = sealPrivateKey(sealing, kid, unsealPrivateKey(keks, kid, from));
        if (await store.resealKey(kid, { from, to }, { ...cause, at: clock() })) resealed.add(kid);
      } catch (error) {
        if (!(error instanceof CorruptSealedKey)) throw error;
        corrupt.add(kid);
      }
    }
  }
}

function checkMac(key: KeyRecord | VerifyOnlyKey, keks: Keks): MacCheck & { readonly facts: string } {
  const facts = encodeFacts(key);
  if (facts === null || key.factsMac === null) return { kind: 'invalid', facts: '' };
  return { ...checkFactsMac(keks, { kid: key.kid, facts, mac: key.factsMac }), facts };
}

/** Whether the private part of `key` is sealed under another key-encryption key than `sealing`. */
function needsRewrap({ sealedPrivateKey }: KeyRecord, sealing: KeyEncryptionKey): boolean {
  return sealedPrivateKey !== null && sealedUnder(sealedPrivateKey) !== sealing.id;
}

/** One that has none gets it from a server. */
function needsMac({ factsMac }: KeyRecord | VerifyOnlyKey, sealing: KeyEncryptionKey): boolean {
  return factsMac !== null && macMadeUnder(factsMac) !== sealing.id;
}
