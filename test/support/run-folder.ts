/**
 * Creates the folders of the run, in which every test keeps its files, and removes them at its end, also where a signal ends
 * it. One is in memory if there is room (`/dev/shm`, on Linux): no test cuts the power, so nothing has to reach a disk. The
 * other is on a disk, for `disk-folder.ts`. TMPDIR overrides both.
 */
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { besidePackages } from './disk-folder.ts';

const memoryFileSystem = '/dev/shm';

/** Process ids mean something in their namespace alone: a container may share its folders with another. */
const namespace = readNamespace();

/** With the process that the folder is for. */
const named = new RegExp(`^tessera-tests-${namespace}-(\\d+)-\\w{6}$`);

/** Bytes: several times what a whole run needs. */
const enough = 2 * 1024 ** 3;

/** For vitest's `globalSetup`: `tmpdir()` and `newDiskFolder` take them from the environment, here and in the workers. */
export default function provide(): () => void {
  const given = { TMPDIR: process.env['TMPDIR'], DISK_FOLDER: process.env['DISK_FOLDER'] };
  const inMemory = given.TMPDIR === undefined && hasEnough();
  const folder = newRunFolder(inMemory ? memoryFileSystem : tmpdir());
  const folders = given.TMPDIR === undefined ? [folder, newRunFolder(besidePackages)] : [folder];
  Object.assign(process.env, { TMPDIR: folder, DISK_FOLDER: folders.at(-1) });

  function removeAll(): void {
    // What a test has killed may write for a moment longer.
    for (const each of folders) rmSync(each, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
  const unhook = onEnd(removeAll);
  return () => {
    unhook();
    for (const [name, value] of Object.entries(given)) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
    removeAll();
  };
}

function newRunFolder(parent: string): string {
  mkdirSync(parent, { recursive: true });
  removeForgotten(parent);
  const folder = mkdtempSync(join(parent, `tessera-tests-${namespace}-${process.pid}-`));
  // PostgreSQL, which root may not run, passes through.
  chmodSync(folder, 0o711);
  return folder;
}

/** Runs `act` when this process ends before its work is done, and returns what calls that off. */
function onEnd(act: () => void): () => void {
  const signals = ['SIGTERM', 'SIGHUP'] as const;
  function endBySignal(signal: NodeJS.Signals): void {
    unhook();
    act();
    process.kill(process.pid, signal);
  }
  function unhook(): void {
    process.off('exit', act);
    for (const signal of signals) process.off(signal, endBySignal);
  }
  process.once('exit', act);
  for (const signal of signals) process.once(signal, endBySignal);
  return unhook;
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

/** Its number on Linux, 0 elsewhere. */
function readNamespace(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0';
  } catch {
    return '0';
  }
}
