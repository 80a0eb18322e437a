/**
 * What the command lines share: how arguments are read, how results are printed, and what exit codes mean.
 * Each works on the same database as the servers, beside them or without them.
 */
import { Command, CommanderError } from 'commander';
import { type Logger, pino } from 'pino';
import { systemClock } from '../src/clock.ts';
import { type Config, readConfig } from '../src/config/config.ts';
import { type OpenDatabase, openDatabase } from '../src/database/open.ts';
import { describeFatalError } from '../src/server/fatal-error.ts';
import { complain, printableLines, say } from '../src/terminal.ts';

/** 0 done, and these. */
const exitCodes = { failed: 1, usage: 2, refused: 3, notFound: 4, conflict: 5, unhealthy: 6 } as const;

const exitCodesHelp = `
Exit codes:
  0  done
  1  failed: the environment, the database or the key-encryption key cannot be used
  2  wrong usage
  3  refused: it says why
  4  not found
  5  conflict: the keys are not as the command expects them, or somebody else was faster: look, and run it again
  6  unhealthy: a check has found something to look into
`;

/** Ends a command with one line on standard error. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly exitCode: number;

  constructor(kind: keyof typeof exitCodes, message: string) {
    super(message);
    this.exitCode = exitCodes[kind];
  }
}

export type Tools = { readonly config: Config; readonly database: OpenDatabase; readonly log: Logger };

export function commandLine(name: string, description: string): Command {
  return new Command(`npm run ${name} --`)
    .description(description)
    .addHelpText('after', exitCodesHelp)
    .configureOutput({
      // One line, the suggestion included. A URL that stands where it should not may have a password in it.
      outputError: (text, write) => {
        write(printableLines(text.replaceAll('\n(', ' (').replaceAll(/:\/\/\S*@/g, '://…@')));
      },
    })
    .exitOverride();
}

/** A subcommand that prints one JSON document with `--json`. */
export function subcommand(parent: Command, nameAndArguments: string, description: string): Command {
  return parent
    .command(nameAndArguments)
    .description(description)
    .option('--json', 'print one JSON document', false)
    .addHelpText('after', exitCodesHelp);
}

/** Runs the command that the arguments name. */
export async function runCommandLine(program: Command): Promise<void> {
  // Whoever reads may stop early, as head does.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  const commands = program.commands.map((command) => command.name()).join(', ');
  try {
    if (process.argv.length === 2 && commands !== '')
      program.error(`error: a command is missing: ${commands} (--help explains)`);
    await program.parseAsync();
  } catch (error) {
    process.exitCode = endWith(error);
  }
}

/**
 * Whether the module is what Node.js was started with, and not imported. Before Node.js 24.2 nobody can say: then it runs, for
 * a command that does nothing looks like one that succeeded.
 */
export function isRun({ main = true }: { readonly main?: boolean }): boolean {
  return main;
}

/** Says what went wrong, and returns the exit code for it. */
function endWith(error: unknown): number {
  // Help, or wrong usage: the program has said so itself.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage;
  if (error instanceof CommandFailure) {
    complain(error.message);
    return error.exitCode;
  }
  complain(...describeFatalError(error).split('\n'));
  return exitCodes.failed;
}

function ignoreBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

/** Opens the database that the environment names for the length of `work`. */
export async function withDatabase<T>(work: (tools: Tools) => Promise<T>): Promise<T> {
  const config = readConfig();
  // Nobody may be left to read what went wrong: the work goes on all the same.
  process.stderr.on('error', ignoreBrokenPipe);
  const lines = {
    write(line: string): void {
      complain(line.trimEnd());
    },
  };
  const log = pino({ level: 'error', base: null }, lines);
  const database = await openDatabase(config.databaseUrl, config);
  try {
    return await work({ config, database, log });
  } finally {
    await database.close();
    process.stderr.off('error', ignoreBrokenPipe);
  }
}

export function printJson(document: object): void {
  // JSON leaves some of the characters as they are that it may write with a backslash.
  say(...JSON.stringify(document, null, 2).split('\n'));
}

export const clock = systemClock;
