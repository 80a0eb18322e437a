/** Backs the database up while servers go on with it. */
import type { Command } from 'commander';
import { readConfig } from '../src/config/config.ts';
import { backUp } from '../src/database/transfer/backup.ts';
import { MoveRefused } from '../src/database/transfer/move.ts';
import { complain, say } from '../src/terminal.ts';
import { reasonOption, scriptCause } from './cause.ts';
import { CommandFailure, clock, commandLine, isRun, printJson, runCommandLine } from './command-line.ts';
import { showProgress } from './progress.ts';

export function createProgram(): Command {
  return commandLine(
    'backup',
    'Back the database up, PostgreSQL or SQLite, to a file of SQLite, while servers go on with it. The key-encryption key ' +
      'is not in it, and is to be kept somewhere else. npm run migrate -- --from sqlite:FILE restores it.',
  )
    .argument('<file>', 'a file that is not there yet')
    .addOption(reasonOption())
    .option(
      '--json',
      'print one JSON document; not_recorded says why the audit trail has no event of it, or is null',
      false,
    )
    .action(run);
}

if (isRun(import.meta)) await runCommandLine(createProgram());

async function run(file: string, { reason, json }: { reason?: string; json: boolean }): Promise<void> {
  const progress = await showProgress();
  try {
    const occasion = { ...scriptCause(reason), at: clock() };
    const { from, bytes, tables, notRecorded } = await backUp(readConfig().databaseUrl, file, progress, occasion);
    progress.stop();
    const rows = tables.reduce((sum, table) => sum + table.rows, 0);
    if (json) printJson({ from, file, bytes, rows, tables, not_recorded: notRecorded });
    else say(`Backed ${rows} rows of ${tables.length} tables of ${from} up to ${file} (${bytes} bytes).`);
    if (notRecorded !== null) complain(`The audit trail has no event of this: ${notRecorded}`);
  } catch (error) {
    progress.stop();
    throw error instanceof MoveRefused ? new CommandFailure('refused', error.message) : error;
  }
}
