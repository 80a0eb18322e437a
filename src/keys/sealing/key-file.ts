import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readdir, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { findExposure } from '../../private-file.ts';
import { KeyEncryptionKeyError } from '../errors.ts';

/** The names in a folder; none when there is no such folder. */
export async function listFiles(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    // What is no folder holds no key either; whoever then makes one there is told why that fails.
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return [];
    throw new KeyEncryptionKeyError(
      `The folder ${folder} of the key-encryption key cannot be read (${codeOf(error)}).`,
    );
  }
}

/** The text of a secret file; null when there is none. Refuses one that others may open. */
export async function readKeyFile(path: string): Promise<string | null> {
  let file;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw new KeyEncryptionKeyError(`The key-encryption key in ${path} cannot be read (${codeOf(error)}).`);
  }
  try {
    const found = await file.stat();
    if (!found.isFile()) throw new KeyEncryptionKeyError(`The key-encryption key in ${path} is not a file.`);
    const exposure = findExposure(found, path);
    if (exposure !== undefined) throw new KeyEncryptionKeyError(`The key-encryption key in ${path} ${exposure}`);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

/**
 * Makes a secret file of `bytes` random bytes (one line, base64url, mode 0600) and returns its text. When another process
 * makes it at the same moment, both return what that one wrote: the file appears whole, under its name, once.
 */
export async function createKeyFile(path: string, bytes: number): Promise<string> {
  const text = `${randomBytes(bytes).toString('base64url')}\n`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeOnce(path, text);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST')
      throw new KeyEncryptionKeyError(`The key-encryption key cannot be written to ${path} (${codeOf(error)}).`);
  }
  // Read back even when it was ours: what counts from now on is what the disk holds.
  const written = await readKeyFile(path);
  if (written === null)
    throw new KeyEncryptionKeyError(`The key-encryption key in ${path} was removed as it was made.`);
  return written;
}

/** Unlike rename(2), link(2) never replaces what is there: EEXIST when another was first. */
async function writeOnce(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
    await link(draft, path);
  } finally {
    await file.close();
    await unlink(draft);
  }
  const folder = await open(dirname(path), 'r');
  await folder.sync().finally(() => folder.close());
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}
