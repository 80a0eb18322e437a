/** A folder on a disk, for races between processes: a commit that takes a disk's time lets others come in between. */
import { mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const parent = fileURLToPath(new URL('../../node_modules/.cache/', import.meta.url));

/** Removed by whoever asks. */
export async function newDiskFolder(): Promise<string> {
  await mkdir(parent, { recursive: true });
  return mkdtemp(join(parent, 'tessera-disk-'));
}
