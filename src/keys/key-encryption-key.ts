import { createHash, createSecretKey, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { KeyEncryptionKeyError } from './errors.ts';
import { createKeyFile, readKeyFile } from './key-file.ts';

/** The key that seals private signing keys. Its bytes stay inside `secret`, which neither prints nor serialises them. */
export type KeyEncryptionKey = {
  /** The first 8 bytes of its SHA-256 in hex: tells a wrong key from a corrupt secret, and reveals nothing. */
  readonly id: string;
  readonly secret: KeyObject;
  /** The setting that it came from, for messages: the name of a variable, or of a file. */
  readonly source: string;
};

const VARIABLE = 'KEY_ENCRYPTION_KEY';
const BYTES = 32;

/**
 * Takes the key-encryption key from the environment, else from the file `key-encryption-key` in `keysDir`.
 *
 * The file is made when it is missing and there is nothing yet that another key could have sealed. Processes that start
 * together end up with the same key.
 */
export async function loadKeyEncryptionKey(from: {
  keysDir: string;
  /** The value of KEY_ENCRYPTION_KEY, if set: 32 bytes in base64 or base64url. */
  fromEnvironment?: string | undefined;
  /** Whether any private key has been sealed yet. */
  sealedKeysExist: boolean;
}): Promise<KeyEncryptionKey> {
  if (from.fromEnvironment !== undefined) return parseKeyEncryptionKey(from.fromEnvironment, VARIABLE);
  const path = join(from.keysDir, 'key-encryption-key');
  const found = await readKeyFile(path);
  if (found !== null) return parseKeyEncryptionKey(found, path);
  if (from.sealedKeysExist)
    throw new KeyEncryptionKeyError(
      `The key-encryption key is missing: there is no file ${path}, and ${VARIABLE} is not set. The database holds ` +
        'private keys sealed under it, and a new one is never made over existing keys. Restore it from your backup.',
    );
  return parseKeyEncryptionKey(await createKeyFile(path, BYTES), path);
}

/** Reads `text` (32 bytes in base64 or base64url, padded or not), which came from `source`. */
export function parseKeyEncryptionKey(text: string, source: string): KeyEncryptionKey {
  const trimmed = text.trim();
  const bytes = Buffer.from(trimmed, 'base64url');
  // Buffer skips over characters that do not belong, so the alphabet is checked here.
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(trimmed) || bytes.length !== BYTES)
    throw new KeyEncryptionKeyError(
      `The key-encryption key in ${source} is malformed: expected ${BYTES} bytes in base64 or base64url ` +
        `(as \`openssl rand -base64 ${BYTES}\` writes them).`,
    );
  const id = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  return { id, secret: createSecretKey(bytes), source };
}
