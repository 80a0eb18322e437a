/** Looks after the signing keys: one file in `keys/` for each command. */
import type { Command } from 'commander';
import { commandLine, isRun, runCommandLine } from './command-line.ts';
import { addCheckCommand } from './keys/check.ts';
import { addExportCommand } from './keys/export.ts';
import { addImportCommand } from './keys/import.ts';
import { addListCommand } from './keys/list.ts';
import { addLogCommand } from './keys/log.ts';
import { addPlanCommand } from './keys/plan.ts';
import { addRevokeCommand } from './keys/revoke.ts';
import { addRewrapCommand } from './keys/rewrap.ts';
import { addRotateCommand } from './keys/rotate.ts';
import { addTimelineCommand } from './keys/timeline.ts';

export function createProgram(): Command {
  const program = commandLine('keys', 'Look after the signing keys. A running server takes changes up within seconds.');

  addListCommand(program);
  addPlanCommand(program);
  addTimelineCommand(program);
  addRotateCommand(program);
  addRevokeCommand(program);
  addImportCommand(program);
  addExportCommand(program);
  addRewrapCommand(program);
  addCheckCommand(program);
  addLogCommand(program);
  return program;
}

if (isRun(import.meta)) await runCommandLine(createProgram());
