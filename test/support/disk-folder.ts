/** A folder on a disk, for races between processes: a commit that takes a disk's time lets others come in between. */
import { mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where packages are, a disk is. */
export const besidePackages = fileURLToPath(new URL('../../node_modules/.cache/', import.meta.url));

/** In that of the run (`run-folder.ts`) if there is one. Removed by whoever asks. */
export async function newDiskFolder(): Promise<string> {
  const parent = process.env['DISK_FOLDER'] ?? besidePackages;
  await mkdir(parent, { recursive: true });
  return mkdtemp(join(parent, 'tessera-disk-'));
}
