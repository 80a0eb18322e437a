import { createHash, createSecretKey, type KeyObject } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { KeyEncryptionKeyError } from '../errors.ts';
import { createKeyFile, listFiles, readKeyFile } from './key-file.ts';

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

/** The first key-encryption key is in the file of this name; those that followed have a number behind it, from 2 on. */
const FILE = 'key-encryption-key';

export type KeyEncryptionKeySource = {
  readonly keysDir: string;
  /** The value of KEY_ENCRYPTION_KEY, if set: 32 bytes in base64 or base64url. It comes before any file. */
  readonly fromEnvironment?: string | undefined;
  /** The value of KEY_ENCRYPTION_KEY_PREVIOUS, if set: another key that opens, while everything moves to a new one. */
  readonly previousFromEnvironment?: string | undefined;
};

/**
 * Takes the key-encryption key that seals from the environment, else from the newest file in `keysDir`.
 *
 * The first file is made when there is none and there is nothing yet that another key could have sealed. Processes that
 * start together end up with the same key.
 */
export async function loadKeyEncryptionKey(
  from: KeyEncryptionKeySource & {
    /** Whether any private key has been sealed yet. */
    readonly sealedKeysExist: boolean;
  },
): Promise<KeyEncryptionKey> {
  const { keysDir, fromEnvironment, sealedKeysExist } = from;
  if (fromEnvironment !== undefined) return parseKeyEncryptionKey(fromEnvironment, VARIABLE);
  const newest = (await readKeyFiles(keysDir)).at(-1);
  if (newest !== undefined) return newest.key;
  const path = join(keysDir, FILE);
  if (sealedKeysExist)
    throw new KeyEncryptionKeyError(
      `The key-encryption key is missing: there is no file ${path}, and ${VARIABLE} is not set. The database holds ` +
        'private keys sealed under it, and a new one is never made over existing keys. Restore it from your backup.',
    );
  return parseKeyEncryptionKey(await createKeyFile(path, BYTES), path);
}

/** Every key-encryption key at hand, the one that seals first. They are read anew each time: they may change meanwhile. */
export async function loadKeyEncryptionKeys(
  from: Parameters<typeof loadKeyEncryptionKey>[0],
): Promise<[sealing: KeyEncryptionKey, ...others: KeyEncryptionKey[]]> {
  const sealing = await loadKeyEncryptionKey(from);
  const { previousFromEnvironment: previous } = from;
  const others = previous === undefined ? [] : [parseKeyEncryptionKey(previous, `${VARIABLE}_PREVIOUS`)];
  if (from.fromEnvironment === undefined) others.push(...(await readKeyFiles(from.keysDir)).map(({ key }) => key));
  return [sealing, ...others.filter(({ id }) => id !== sealing.id)];
}

/** Makes the file of the key-encryption key that follows `after`, and seals from then on. Of several at once, one is made. */
export async function addKeyEncryptionKey(keysDir: string, after: KeyEncryptionKey): Promise<KeyEncryptionKey> {
  const newest = (await readKeyFiles(keysDir)).at(-1);
  if (newest !== undefined && newest.key.id !== after.id) return newest.key;
  const path = pathOf(keysDir, (newest?.number ?? 0) + 1);
  return parseKeyEncryptionKey(await createKeyFile(path, BYTES), path);
}

/** Removes the files of key-encryption keys that came before `newest`; returns their names. */
export async function removeOlderKeyFiles(keysDir: string, newest: KeyEncryptionKey): Promise<string[]> {
  const files = await readKeyFiles(keysDir);
  const place = files.findIndex(({ key }) => key.id === newest.id);
  const older = files.slice(0, Math.max(place, 0)).map(({ path }) => path);
  for (const path of older) await rm(path, { force: true });
  return older;
}

/** The key files in `keysDir`, oldest first. Refuses to go on beside one that cannot be used. */
async function readKeyFiles(keysDir: string): Promise<{ number: number; path: string; key: KeyEncryptionKey }[]> {
  const numbers = (await listFiles(keysDir))
    .map((name) => new RegExp(`^${FILE}(?:\\.([2-9]|[1-9][0-9]+))?$`).exec(name))
    .filter((match) => match !== null)
    .map(([, number]) => Number(number ?? 1))
    .sort((a, b) => a - b);
  const found = [];
  for (const number of numbers) {
    const path = pathOf(keysDir, number);
    const text = await readKeyFile(path);
    if (text !== null) found.push({ number, path, key: parseKeyEncryptionKey(text, path) });
  }
  return found;
}

function pathOf(keysDir: string, number: number): string {
  return join(keysDir, number === 1 ? FILE : `${FILE}.${number}`);
}

/** Which key-encryption keys these are, in whatever order, as a text that no others have. */
export function idsOf(keks: readonly KeyEncryptionKey[]): string {
  return keks
    .map(({ id }) => id)
    .sort()
    .join(' ');
}

/** Says what is wrong where something was made under the key `kekId`, which is not among `keks`, and what to do. */
export function wrongKeyMessage(what: string, kekId: string, keks: readonly KeyEncryptionKey[]): string {
  const known = keks.map(({ id, source }) => `${id} (from ${source})`).join(', ');
  return (
    `${what} the key-encryption key with fingerprint ${kekId}, but the configured one is ${known}. ` +
    'Set KEY_ENCRYPTION_KEY, or put back the file key-encryption-key in KEYS_DIR, accordingly.'
  );
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
