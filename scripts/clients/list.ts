import type { Command } from 'commander';
import { viewClient } from '../../src/views/client.ts';
import { printJson, subcommand, withDatabase } from '../command-line.ts';
import { say } from '../../src/terminal.ts';
import { type PageOptions, addPageOptions, announceNext, readPages } from '../paging.ts';

type Options = PageOptions & { readonly json: boolean };

export function addListCommand(program: Command): void {
  const list = subcommand(program, 'list', 'List the service clients, in the order in which they were registered.');
  addPageOptions(list, 'cli_').action((options: Options) =>
    withDatabase(async ({ config, database }) => {
      const read = (page: Parameters<typeof database.clients.listClients>[0]) => database.clients.listClients(page);
      const { items, next } = await readPages(options, read, ({ client }) => client);
      const clients = items.map((each) => viewClient(each, config.audience));
      if (options.json) printJson({ clients, ...next });
      else {
        for (const { client_id, client_name, token_endpoint_auth_method: method, scope } of clients)
          say(`${client_id}  ${method.padEnd(19)}  ${client_name}  ${scope}`);
        announceNext(next);
      }
    }),
  );
}
