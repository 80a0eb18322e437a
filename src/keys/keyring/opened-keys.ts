import type { CryptoKey } from 'jose';
import { CorruptSealedKey, MismatchedKeyPair, WrongKeyEncryptionKey } from '../errors.ts';
import { encodeFacts } from '../sealing/immutable-facts.ts';
import type { OpenPrivateKey } from '../sealing/signing-key.ts';
import type { KeyRecord } from '../store.ts';

/** A private part as it was found: opened, or why it could not be. */
export type OpenedKey = {
  readonly sealedPrivateKey: string;
  /** What it was opened as, since it must be the part of that public key. */
  readonly facts: string;
  /** Also there when it was opened before and has been sealed under an unknown key-encryption key since. */
  readonly privateKey: CryptoKey | null;
  /** Whether it says that its row has a MAC. */
  readonly isMacMade: boolean;
  readonly fault: CorruptSealedKey | MismatchedKeyPair | WrongKeyEncryptionKey | null;
};

/** The private parts that the store holds, by kid. */
export type OpenedKeys = ReadonlyMap<string, OpenedKey>;

/**
 * Opens the private parts of `keys`. What was `before` is opened again only when its sealed text or its facts have changed. While
 * the facts are the same it stays the same CryptoKey: callers cache by it. A part that does not open is no reason not to
 * open the rest.
 */
export async function openPrivateKeys(
  keys: readonly KeyRecord[],
  before: OpenedKeys,
  open: OpenPrivateKey,
  idsAtHand: () => Promise<string>,
): Promise<OpenedKeys> {
  const opened = new Map<string, OpenedKey>();
  const reading = {};
  for (const key of keys) {
    const { kid, alg, publicJwk, sealedPrivateKey } = key;
    const facts = encodeFacts(key);
    // What no key can be has no private part either.
    if (sealedPrivateKey === null || facts === null) continue;
    const openedBefore = before.get(kid);
    const known = openedBefore?.facts === facts ? openedBefore : undefined;
    if (known?.sealedPrivateKey === sealedPrivateKey && (await isStill(known.fault, idsAtHand))) {
      opened.set(kid, known);
      continue;
    }
    try {
      const { privateKey, isMacMade } = await open({ kid, alg, publicJwk, sealedPrivateKey }, reading);
      opened.set(kid, { sealedPrivateKey, facts, privateKey: known?.privateKey ?? privateKey, isMacMade, fault: null });
    } catch (fault) {
      if (!isKeyFault(fault)) throw fault;
      const isElsewhere = fault instanceof WrongKeyEncryptionKey;
      const privateKey = isElsewhere ? (known?.privateKey ?? null) : null;
      const isMacMade = isElsewhere && known?.isMacMade === true;
      opened.set(kid, { sealedPrivateKey, facts, privateKey, isMacMade, fault });
    }
  }
  return opened;
}

/** A key-encryption key that was missing may have been put in place since. There may be very many rows that wait for one in vain. */
async function isStill(fault: OpenedKey['fault'], idsAtHand: () => Promise<string>): Promise<boolean> {
  if (!(fault instanceof WrongKeyEncryptionKey)) return true;
  return fault.among !== null && fault.among === (await idsAtHand());
}

function isKeyFault(fault: unknown): fault is NonNullable<OpenedKey['fault']> {
  return (
    fault instanceof CorruptSealedKey || fault instanceof MismatchedKeyPair || fault instanceof WrongKeyEncryptionKey
  );
}

/**
 * The kids whose private part nobody can read. One that is merely sealed under another key-encryption key is not among
 * them: other replicas may well sign with it, so the plan must count on it.
 */
export function findCorrupt(opened: OpenedKeys): ReadonlySet<string> {
  const corrupt = [...opened].filter(([, { fault }]) => fault instanceof CorruptSealedKey);
  return new Set(corrupt.map(([kid]) => kid));
}
