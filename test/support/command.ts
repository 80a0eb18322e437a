/** The command lines in this process: what takes a process of its own half a second is done in a few milliseconds. */
import { Readable } from 'node:stream';
import type { Command } from 'commander';
import pLimit from 'p-limit';
import { vi } from 'vitest';
import { runCommandLine } from '../../scripts/command-line.ts';
import type { Installation } from './installation.ts';
import type { Finished } from './process.ts';

const programs = {
  backup: () => import('../../scripts/backup.ts'),
  clients: () => import('../../scripts/clients.ts'),
  keys: () => import('../../scripts/keys.ts'),
  migrate: () => import('../../scripts/migrate.ts'),
  users: () => import('../../scripts/users.ts'),
} satisfies Record<string, () => Promise<{ createProgram: () => Command }>>;

type CommandName = keyof typeof programs;

const oneAtATime = pLimit(1);

/**
 * Runs `npm run NAME -- ARGS` as `run` of `process.ts` does, with the same outcome. It stands in for this whole process
 * meanwhile, so one runs at a time, however many are asked for: what is to happen at the same moment needs processes.
 */
export function runCommand(
  name: CommandName,
  args: readonly string[],
  { environment }: Pick<Installation, 'environment'>,
  input = '',
): Promise<Finished> {
  return oneAtATime(async () => {
    const { createProgram } = await programs[name]();
    return runProgram(createProgram(), [name, ...args], environment, input);
  });
}

async function runProgram(
  program: Command,
  args: readonly string[],
  environment: Record<string, string>,
  input: string,
): Promise<Finished> {
  const printed = { stdout: '', stderr: '' };
  const { argv, env, exitCode, stdout, stderr } = process;
  const stdin = Object.getOwnPropertyDescriptor(process, 'stdin') ?? {};
  const listeners = stdout.listeners('error');
  const spies = [
    vi.spyOn(console, 'log').mockImplementation((line) => (printed.stdout += `${String(line)}\n`)),
    vi.spyOn(console, 'error').mockImplementation((line) => (printed.stderr += `${String(line)}\n`)),
    vi.spyOn(stdout, 'write').mockImplementation((text) => (printed.stdout += String(text)) !== ''),
    vi.spyOn(stderr, 'write').mockImplementation((text) => (printed.stderr += String(text)) !== ''),
  ];
  try {
    process.argv = [process.execPath, ...args];
    process.env = { ...environment, ...(env['TMPDIR'] !== undefined && { TMPDIR: env['TMPDIR'] }) };
    process.exitCode = undefined;
    Object.defineProperty(process, 'stdin', { value: Readable.from([Buffer.from(input)]), configurable: true });
    await runCommandLine(program);
    // What the command has set it to, which the compiler cannot know.
    const { exitCode: code } = process as { exitCode?: number };
    return { code: code ?? 0, ...printed };
  } finally {
    Object.defineProperty(process, 'stdin', stdin);
    Object.assign(process, { argv, env, exitCode });
    for (const spy of spies) spy.mockRestore();
    // The command line listens for a reader that stops early, as long as its process lives.
    for (const listener of stdout.listeners('error'))
      if (!listeners.includes(listener)) stdout.off('error', listener as () => void);
  }
}

/** A command that succeeds, with `--json`: the document that it prints. Throws, with what it said, when it fails. */
export async function runForJson<T>(
  name: CommandName,
  args: readonly string[],
  installation: Pick<Installation, 'environment'>,
  input?: string,
): Promise<T> {
  const { code, stdout, stderr } = await runCommand(name, [...args, '--json'], installation, input);
  if (code !== 0) throw new Error(`${name} ${args.join(' ')} ended with ${String(code)}: ${stderr}`);
  return JSON.parse(stdout) as T;
}
