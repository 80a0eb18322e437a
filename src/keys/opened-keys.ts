import type { CryptoKey } from 'jose';
import { CorruptSealedKey, WrongKeyEncryptionKey } from './errors.ts';
import type { OpenPrivateKey } from './signing-key.ts';
import type { KeyRecord } from './store.ts';

/** A private part as it was found: opened, or why it could not be. */
export type OpenedKey = {
  readonly sealedPrivateKey: string;
  /** Also there when it was opened before and has been sealed under an unknown key-encryption key since. */
  readonly privateKey: CryptoKey | null;
  readonly fault: CorruptSealedKey | WrongKeyEncryptionKey | null;
};

/** The private parts that the store holds, by kid. */
export type OpenedKeys = ReadonlyMap<string, OpenedKey>;

/**
 * Opens the private parts of `keys`. What was `before` is opened again only when its sealed text has changed, and
 * even then stays the same CryptoKey: callers cache by it. A part that does not open is no reason not to open the rest.
 */
export async function openPrivateKeys(
  keys: readonly KeyRecord[],
  before: OpenedKeys,
  open: OpenPrivateKey,
): Promise<OpenedKeys> {
  const opened = new Map<string, OpenedKey>();
  for (const { kid, alg, publicJwk, sealedPrivateKey } of keys) {
    if (sealedPrivateKey === null) continue;
    const known = before.get(kid);
    // A key-encryption key that was missing may have been put in place since.
    const mayHaveChanged = known?.fault instanceof WrongKeyEncryptionKey;
    if (known?.sealedPrivateKey === sealedPrivateKey && !mayHaveChanged) {
      opened.set(kid, known);
      continue;
    }
    try {
      const privateKey = await open({ kid, alg, publicJwk, sealedPrivateKey });
      opened.set(kid, { sealedPrivateKey, privateKey: known?.privateKey ?? privateKey, fault: null });
    } catch (fault) {
      if (!(fault instanceof CorruptSealedKey || fault instanceof WrongKeyEncryptionKey)) throw fault;
      const privateKey = fault instanceof WrongKeyEncryptionKey ? (known?.privateKey ?? null) : null;
      opened.set(kid, { sealedPrivateKey, privateKey, fault });
    }
  }
  return opened;
}

/**
 * The kids whose private part nobody can read. One that is merely sealed under another key-encryption key is not among
 * them: other replicas may well sign with it, so the plan must count on it.
 */
export function findCorrupt(opened: OpenedKeys): ReadonlySet<string> {
  const corrupt = [...opened].filter(([, { fault }]) => fault instanceof CorruptSealedKey);
  return new Set(corrupt.map(([kid]) => kid));
}
