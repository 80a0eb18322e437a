import type { Command } from 'commander';
import { clientDeleter } from '../../src/clients/change.ts';
import { reasonOption, scriptCause } from '../cause.ts';
import { clock, printJson, subcommand, withDatabase } from '../command-line.ts';
import { say } from '../../src/terminal.ts';
import { noSuchClient } from './show.ts';

type Options = { readonly reason?: string; readonly json: boolean };

export function addDeleteCommand(program: Command): void {
  subcommand(
    program,
    'delete <client_id>',
    'Delete a client. Its tokens stop working, and the sessions through it end.',
  )
    .addOption(reasonOption())
    .action((id: string, { reason, json }: Options) =>
      withDatabase(async ({ database }) => {
        const remove = clientDeleter({ store: database.clients, clock });
        const outcome = await remove(id, { cause: scriptCause(reason), scope: null });
        if (outcome === undefined) throw noSuchClient(id);
        if (json) printJson({ client_id: id });
        else say(`Deleted ${id}.`);
      }),
    );
}
