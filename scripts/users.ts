/** Looks after the accounts: one file in `users/` for each command. */
import type { Command } from 'commander';
import { commandLine, isRun, runCommandLine } from './command-line.ts';
import { addCreateCommand } from './users/create.ts';
import { addDeleteCommand } from './users/delete.ts';
import { addDisableCommand, addEnableCommand } from './users/disable.ts';
import { addListCommand } from './users/list.ts';
import { addEndSessionsCommand, addSessionsCommand } from './users/sessions.ts';
import { addSetRolesCommand } from './users/set-roles.ts';
import { addShowCommand } from './users/show.ts';

export function createProgram(): Command {
  const program = commandLine('users', 'Look after the accounts. A running server takes changes up at once.');

  addCreateCommand(program);
  addListCommand(program);
  addShowCommand(program);
  addDisableCommand(program);
  addEnableCommand(program);
  addSetRolesCommand(program);
  addSessionsCommand(program);
  addEndSessionsCommand(program);
  addDeleteCommand(program);
  return program;
}

if (isRun(import.meta)) await runCommandLine(createProgram());
