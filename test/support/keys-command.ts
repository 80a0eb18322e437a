/** `npm run keys` in this process: what takes a process of its own half a second is done in a few milliseconds. */
import { readdir } from 'node:fs/promises';
import type { Command, OutputConfiguration } from 'commander';
import { vi } from 'vitest';
import { commandLine, runCommandLine } from '../../scripts/command-line.ts';
import type { Finished, Installation } from './process.ts';

const folder = new URL('../../scripts/keys/', import.meta.url);
const files = (await readdir(folder)).filter((name) => name.endsWith('.ts'));
const modules = await Promise.all(
  files.map((name) => import(new URL(name, folder).href) as Promise<Record<string, (program: Command) => void>>),
);
const addCommands = modules.flatMap((found) =>
  Object.entries(found).flatMap(([name, add]) => (/^add.*Command$/.test(name) ? [add] : [])),
);

/** With every command in `scripts/keys/`. */
export function newProgram(output: OutputConfiguration = {}): Command {
  const program = commandLine('keys', 'Look after the signing keys.').configureOutput(output);
  for (const add of addCommands) add(program);
  return program;
}

/** Not for wrong usage, which ends the process, nor for what reads standard input. One at a time. */
export async function runKeys(
  { environment }: Pick<Installation, 'environment'>,
  ...args: string[]
): Promise<Finished> {
  const printed = { stdout: '', stderr: '' };
  const { argv, env, exitCode, stdout } = process;
  const listeners = stdout.listeners('error');
  const spies = [
    vi.spyOn(console, 'log').mockImplementation((line) => (printed.stdout += `${String(line)}\n`)),
    vi.spyOn(console, 'error').mockImplementation((line) => (printed.stderr += `${String(line)}\n`)),
    vi.spyOn(stdout, 'write').mockImplementation((text) => (printed.stdout += String(text)) !== ''),
  ];
  try {
    process.argv = [...argv.slice(0, 2), ...args];
    process.env = environment;
    await runCommandLine(newProgram());
    return { code: Number(process.exitCode ?? 0), ...printed };
  } finally {
    Object.assign(process, { argv, env, exitCode });
    for (const spy of spies) spy.mockRestore();
    // The command line listens for a reader that stops early, as long as its process lives.
    for (const listener of stdout.listeners('error'))
      if (!listeners.includes(listener)) stdout.off('error', listener as () => void);
  }
}
