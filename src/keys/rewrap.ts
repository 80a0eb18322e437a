import type { Cause } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import { CorruptSealedKey } from './errors.ts';
import type { KeyEncryptionKey } from './key-encryption-key.ts';
import { sealedUnder, sealPrivateKey, unsealPrivateKey } from './seal.ts';
import type { KeyRecord, KeyStore } from './store.ts';

export type RewrapOutcome = {
  /** What everything that can be opened is sealed under now. */
  readonly sealing: KeyEncryptionKey;
  /** Kids whose private part was sealed anew. */
  readonly resealed: readonly string[];
  /** Kids whose private part is corrupt, which were left as they are. */
  readonly corrupt: readonly string[];
};

/**
 * Seals every private part under the first of the key-encryption keys that `loadKeks` finds, whichever of them it was sealed
 * under; throws `WrongKeyEncryptionKey` for one that none of them opens. Every part is opened before and after; it may be
 * interrupted at any point, run twice at once, and be repeated. Servers that still seal under an older one meanwhile
 * are caught up with, and so is whoever makes a newer one.
 */
export async function rewrapKeys(
  { store, clock }: { store: KeyStore; clock: Clock },
  loadKeks: () => Promise<readonly [KeyEncryptionKey, ...KeyEncryptionKey[]]>,
  cause: Cause,
): Promise<RewrapOutcome> {
  const resealed = new Set<string>();
  const corrupt = new Set<string>();
  for (;;) {
    // Keys first: what they are sealed under was there before they were.
    const keys = await store.listKeys();
    const keks = await loadKeks();
    const [sealing] = keks;
    const left = keys.filter((key) => !corrupt.has(key.kid) && needsRewrap(key, sealing));
    if (left.length === 0) return { sealing, resealed: [...resealed], corrupt: [...corrupt] };
    for (const { kid, sealedPrivateKey: from } of left) {
      if (from === null) continue;
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

/** Whether the private part of `key` is sealed under another key-encryption key than `sealing`. */
function needsRewrap({ sealedPrivateKey }: KeyRecord, sealing: KeyEncryptionKey): boolean {
  return sealedPrivateKey !== null && sealedUnder(sealedPrivateKey) !== sealing.id;
}
