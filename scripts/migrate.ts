/** Brings the schema of the database up to date, or moves everything to another database. */
import type { Command } from 'commander';
import { readConfig } from '../src/config/config.ts';
import { MoveRefused, moveInstallation } from '../src/database/transfer/move.ts';
import { readSchema, updateSchema } from '../src/database/migrations/update.ts';
import { complain, say } from '../src/terminal.ts';
import { reasonOption, scriptCause } from './cause.ts';
import { CommandFailure, clock, commandLine, isRun, printJson, runCommandLine } from './command-line.ts';
import { showProgress } from './progress.ts';

type Options = {
  readonly from?: string;
  readonly to?: string;
  readonly dryRun: boolean;
  readonly reason?: string;
  readonly json: boolean;
};

export function createProgram(): Command {
  return commandLine(
    'migrate',
    'Bring the schema of the database up to date. With --from or --to, move everything to another, empty database: a URL ' +
      'that is left out is DATABASE_URL. Stop the servers first: what they write meanwhile stays behind.',
  )
    .option('--from <url>', 'sqlite:FILE or postgres://…, which is left as it is, but for an event in its audit trail')
    .option('--to <url>', 'sqlite:FILE or postgres://…, which must hold nothing')
    .option('--dry-run', 'say which migrations there have been and would be, and change nothing', false)
    .addOption(reasonOption())
    .option(
      '--json',
      'print one JSON document; not_recorded, of a move, says why no audit trail has an event of it, or is null',
      false,
    )
    .action(run);
}

if (isRun(import.meta)) await runCommandLine(createProgram());

async function run(options: Options, program: Command): Promise<void> {
  const { from, to, dryRun, reason } = options;
  const moves = from !== undefined || to !== undefined;
  if (moves && dryRun) program.error('error: --dry-run is about the schema, not about a move');
  if (!moves && reason !== undefined) program.error('error: --reason is that of a move: --from or --to is missing');
  const { databaseUrl } = readConfig();
  if (moves) await move({ from: from ?? databaseUrl, to: to ?? databaseUrl }, options);
  else if (dryRun) await tellSchema(databaseUrl, options);
  else await update(databaseUrl, options);
}

async function update(url: string, { json }: Options): Promise<void> {
  const { name, taken } = await updateSchema(url);
  if (json) printJson({ database: name, taken });
  else {
    for (const each of taken) say(`Migrated: ${each}`);
    say(`The schema of ${name} is up to date.`);
  }
}

async function tellSchema(url: string, { json }: Options): Promise<void> {
  const { name, applied, pending, unknown } = await readSchema(url);
  if (json) printJson({ database: name, applied, pending, unknown });
  else {
    for (const each of applied) say(`${each.at}  ${each.name}`);
    for (const each of pending) say(`${'pending'.padEnd(24)}  ${each}`);
  }
  if (unknown.length > 0)
    throw new CommandFailure('refused', `The database ${name} is ahead of this version, which must leave it alone.`);
}

async function move(urls: { from: string; to: string }, { reason, json }: Options): Promise<void> {
  const progress = await showProgress();
  try {
    const occasion = { ...scriptCause(reason), at: clock() };
    const { from, to, tables, wasInUse, notRecorded } = await moveInstallation(urls.from, urls.to, progress, occasion);
    progress.stop();
    const rows = tables.reduce((sum, table) => sum + table.rows, 0);
    if (json) printJson({ from, to, rows, tables, source_in_use: wasInUse, not_recorded: notRecorded });
    else say(`Moved ${rows} rows of ${tables.length} tables from ${from} to ${to}, and compared each.`);
    if (wasInUse) complain(`Something else used ${from} meanwhile: what it wrote may be missing in ${to}.`);
    if (notRecorded !== null) complain(`The audit trail has no event of this: ${notRecorded}`);
  } catch (error) {
    progress.stop();
    throw error instanceof MoveRefused ? new CommandFailure('refused', error.message) : error;
  }
}
