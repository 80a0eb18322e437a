/**
 * The folder of this run, in which all its tests keep their files; it goes with the run. In memory, where the machine lends
 * some as a file system (Linux): no test cuts the power, so none needs what it has written to reach a disk, and a disk is
 * what they would wait for. TMPDIR, if given, says where instead.
 */
import { chmodSync, mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const memory = '/dev/shm';
const prefix = 'tessera-tests-';

/** Bytes; a run of all tests uses a tenth of it. */
const enough = 4 * 1024 ** 3;

/** For vitest's `globalSetup`: `tmpdir()` names the folder in this process and in all that it starts. */
export default function provide(): () => void {
  const parent = process.env['TMPDIR'] === undefined && hasEnough() ? memory : tmpdir();
  removeForgotten(parent);
  const folder = mkdtempSync(join(parent, `${prefix}${process.pid}-`));
  // PostgreSQL, which root may not run, passes through.
  chmodSync(folder, 0o711);
  process.env['TMPDIR'] = folder;
  return () => {
    rmSync(folder, { recursive: true, force: true });
  };
}

function hasEnough(): boolean {
  try {
    const { bavail, bsize } = statfsSync(memory);
    return bavail * bsize >= enough;
  } catch {
    return false;
  }
}

/** What a run leaves behind that is killed. */
function removeForgotten(parent: string): void {
  for (const name of readdirSync(parent))
    if (name.startsWith(prefix) && !isAlive(Number.parseInt(name.slice(prefix.length), 10)))
      rmSync(join(parent, name), { recursive: true, force: true });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
