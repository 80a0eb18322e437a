/**
 * Where tests keep their files: in memory, where the machine lends some as a file system (Linux). No test cuts the power, so
 * none needs what it has written to reach a disk, and a disk is what they would wait for. TMPDIR, if given, has its way.
 */
import { mkdirSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';

const memory = '/dev/shm';
const prefix = 'tessera-tests-';

/** Bytes; a run of all tests uses a tenth of it. */
const enough = 4 * 1024 ** 3;

/** For vitest's `globalSetup`: `tmpdir()` names the folder in this process and in all that it starts. */
export default function provide(): () => void {
  if (process.env['TMPDIR'] !== undefined || !hasEnough()) return () => undefined;
  removeForgotten();
  const folder = join(memory, `${prefix}${process.pid}`);
  // PostgreSQL, which root may not run, passes through.
  mkdirSync(folder, { mode: 0o711 });
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
function removeForgotten(): void {
  for (const name of readdirSync(memory))
    if (name.startsWith(prefix) && !isAlive(Number(name.slice(prefix.length))))
      rmSync(join(memory, name), { recursive: true, force: true });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
