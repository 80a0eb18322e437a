import type { Command } from 'commander';
import type { ClientWithSecrets } from '../../src/clients/store.ts';
import { viewClient } from '../../src/views/client.ts';
import { CommandFailure, type Tools, printJson, subcommand, withDatabase } from '../command-line.ts';
import { say } from '../../src/terminal.ts';
import { describeClient } from './members.ts';

export function addShowCommand(program: Command): void {
  subcommand(program, 'show <client_id>', 'Show a client; of its secrets, when they were made and last used.').action(
    (id: string, { json }: { json: boolean }) =>
      withDatabase(async (tools) => {
        show(await tools.database.clients.findClient(id), { id, json, ...tools });
      }),
  );
}

/** Prints the client, or says that there is none such. */
export function show(
  found: ClientWithSecrets | undefined,
  { id, json, config }: Pick<Tools, 'config'> & { id: string; json: boolean },
): void {
  if (found === undefined) throw noSuchClient(id);
  const view = viewClient(found, config.audience);
  if (json) printJson(view);
  else say(...describeClient(view).split('\n'));
}

export function noSuchClient(id: string): CommandFailure {
  return new CommandFailure('notFound', `There is no client ${id}.`);
}
