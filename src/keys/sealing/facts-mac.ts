import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { encodeFacts, type ImmutableFacts, nameOf } from './immutable-facts.ts';
import { idsOf, type KeyEncryptionKey, wrongKeyMessage } from './key-encryption-key.ts';
import { markMacMade, sealPrivateKey, sealedUnder, unsealPrivateKey } from './seal.ts';
import type { KeyRecord } from '../store.ts';

const FORMAT = /^v1\.([0-9a-f]{16})\.[A-Za-z0-9_-]{43}$/;
const KEY_BYTES = 32;
/** Makes the key of the MAC another one than whatever else may be derived from a key-encryption key. */
const PURPOSE = 'tessera facts-mac v1';

/**
 * The MAC of the facts of a key that never change (`encodeFacts`): HMAC-SHA-256 (RFC 2104) under a key that HKDF (RFC 5869) derives
 * from the key-encryption key. The result is `v1.<id of the key-encryption key>.<MAC in base64url>`.
 */
export function makeFactsMac(kek: KeyEncryptionKey, facts: string, key = deriveMacKey(kek)): string {
  return `v1.${kek.id}.${createHmac('sha256', key).update(facts, 'utf8').digest('base64url')}`;
}

function deriveMacKey(kek: KeyEncryptionKey): Buffer {
  return Buffer.from(hkdfSync('sha256', kek.secret, Buffer.alloc(0), PURPOSE, KEY_BYTES));
}

/** The id of the key-encryption key that a MAC was made under; null for what is in no known format. */
export function macMadeUnder(mac: string): string | null {
  return FORMAT.exec(mac)?.[1] ?? null;
}

/** Whether a MAC is the one of the facts. `unknown-key`: nobody here can say, with the key-encryption keys `among` (`idsOf`). */
export type MacCheck =
  | { readonly kind: 'valid' | 'invalid' }
  | { readonly kind: 'unknown-key'; readonly reason: string; readonly among: string };

export type MacClaim = { readonly kid: string; readonly facts: string; readonly mac: string };

/** `derived` has the key of the MAC by the id of the key-encryption key, as far as it was needed before. */
export function checkFactsMac(
  keks: readonly KeyEncryptionKey[],
  { kid, facts, mac }: MacClaim,
  derived = new Map<string, Buffer>(),
): MacCheck {
  const kekId = macMadeUnder(mac);
  if (kekId === null) return { kind: 'invalid' };
  const kek = keks.find(({ id }) => id === kekId);
  if (kek === undefined)
    return {
      kind: 'unknown-key',
      reason: wrongKeyMessage(`The MAC of ${nameOf(kid)} was made under`, kekId, keks),
      among: idsOf(keks),
    };
  const key = derived.get(kekId) ?? deriveMacKey(kek);
  derived.set(kekId, key);
  // As texts: each MAC has one spelling.
  const isRight = timingSafeEqual(Buffer.from(makeFactsMac(kek, facts, key)), Buffer.from(mac));
  return { kind: isRight ? 'valid' : 'invalid' };
}

/** Makes and checks MACs under the key-encryption keys that there are at that moment. */
export type FactsMacs = {
  /** Under the key-encryption key that seals, or the one that the private part `beside` is sealed under. */
  make(facts: string, beside?: string): Promise<string>;
  check(claims: readonly MacClaim[]): Promise<MacCheck[]>;
  /** Which key-encryption keys there are (`idsOf`). */
  idsAtHand(): Promise<string>;
  /**
   * For a key that has a private part: its MAC, and that part sealed anew so that it tells of the MAC. Both under the
   * key-encryption key that it is sealed under: whoever could open it still can.
   */
  makeWithSeal(key: { kid: string; sealedPrivateKey: string }, facts: string): Promise<{ mac: string; sealed: string }>;
};

export function createFactsMacs(loadKeks: () => Promise<Keks>): FactsMacs {
  return {
    make: async (facts, beside) => makeFactsMac(findKek(await loadKeks(), beside), facts),
    idsAtHand: async () => idsOf(await loadKeks()),
    async check(claims) {
      if (claims.length === 0) return [];
      const keks = await loadKeks();
      const derived = new Map<string, Buffer>();
      return claims.map((claim) => checkFactsMac(keks, claim, derived));
    },
    async makeWithSeal({ kid, sealedPrivateKey }, facts) {
      const keks = await loadKeks();
      const privateKey = unsealPrivateKey(keks, kid, sealedPrivateKey);
      const kek = findKek(keks, sealedPrivateKey);
      return { mac: makeFactsMac(kek, facts), sealed: sealPrivateKey(kek, kid, markMacMade(privateKey)) };
    },
  };
}

type Keks = readonly [KeyEncryptionKey, ...KeyEncryptionKey[]];

function findKek(keks: Keks, sealed: string | undefined): KeyEncryptionKey {
  return keks.find(({ id }) => sealed !== undefined && id === sealedUnder(sealed)) ?? keks[0];
}

/** The key with its MAC, as it is to be stored. */
export async function addMac<Key extends ImmutableFacts & Pick<KeyRecord, 'factsMac'>>(
  key: Key,
  macs: Pick<FactsMacs, 'make'>,
): Promise<Key> {
  const facts = encodeFacts(key);
  if (facts === null) throw new TypeError(`${nameOf(key.kid)} is not a key that could be stored`);
  return { ...key, factsMac: await macs.make(facts) };
}
