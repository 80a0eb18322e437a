/**
 * Creates one folder for the run, in which every test keeps its files, and removes it at the end. The folder is in memory if
 * there is room (`/dev/shm`, on Linux): no test cuts the power, so nothing has to reach a disk. TMPDIR overrides this.
 */
import { chmodSync, lstatSync, mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const memoryFileSystem = '/dev/shm';

const prefix = 'tessera-tests-';
/** With the process that the folder is for. */
const named = /^tessera-tests-(\d+)-\w{6}$/;

/** Bytes: several times what a whole run needs. */
const enough = 2 * 1024 ** 3;

/** For vitest's `globalSetup`: `tmpdir()` names the folder in this process and in the workers. */
export default function provide(): () => void {
  const given = process.env['TMPDIR'];
  const parent = given === undefined && hasEnough() ? memoryFileSystem : tmpdir();
  removeForgotten(parent);
  const folder = mkdtempSync(join(parent, `${prefix}${process.pid}-`));
  // PostgreSQL, which root may not run, passes through.
  chmodSync(folder, 0o711);
  process.env['TMPDIR'] = folder;
  return () => {
    if (given === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = given;
    // What a test has killed may write for a moment longer.
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  };
}

function hasEnough(): boolean {
  try {
    const { bavail, bsize } = statfsSync(memoryFileSystem);
    return bavail * bsize >= enough;
  } catch {
    return false;
  }
}

/** Removes what killed runs of this user left behind. */
function removeForgotten(parent: string): void {
  for (const name of readdirSync(parent)) {
    const [, pid] = named.exec(name) ?? [];
    if (pid === undefined || isAlive(Number(pid))) continue;
    const path = join(parent, name);
    try {
      if (lstatSync(path).uid === process.getuid?.()) rmSync(path, { recursive: true, force: true });
    } catch {
      // Another run is removing it at this moment.
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
