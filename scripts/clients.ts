/** Looks after the service clients: one file in `clients/` for each command. */
import type { Command } from 'commander';
import { addCreateCommand } from './clients/create.ts';
import { addDeleteCommand } from './clients/delete.ts';
import { addListCommand } from './clients/list.ts';
import { addSecretCommands } from './clients/secrets.ts';
import { addShowCommand } from './clients/show.ts';
import { addUpdateCommand } from './clients/update.ts';
import { commandLine, isRun, runCommandLine } from './command-line.ts';

export function createProgram(): Command {
  const program = commandLine('clients', 'Look after the service clients. A running server takes changes up at once.');

  addCreateCommand(program);
  addListCommand(program);
  addShowCommand(program);
  addUpdateCommand(program);
  addDeleteCommand(program);
  addSecretCommands(program);
  return program;
}

if (isRun(import.meta)) await runCommandLine(createProgram());
