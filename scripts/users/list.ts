import type { Command } from 'commander';
import { viewAccount } from '../../src/views/account.ts';
import { printJson, subcommand, withDatabase } from '../command-line.ts';
import { say } from '../../src/terminal.ts';
import { type PageOptions, addPageOptions, announceNext, readPages } from '../paging.ts';
import { describeAccount } from './account.ts';

type Options = PageOptions & { readonly search?: string; readonly json: boolean };

export function addListCommand(program: Command): void {
  const list = subcommand(program, 'list', 'List the accounts, in the order in which they were made.').option(
    '--search <text>',
    'only those with this in their username or display name, whatever the case',
  );
  addPageOptions(list, 'usr_').action((options: Options) =>
    withDatabase(async ({ database }) => {
      const { search, json } = options;
      const read = (page: Parameters<typeof database.users.listUsers>[0]) =>
        database.users.listUsers({ ...page, search });
      const { items, next } = await readPages(options, read, (user) => user);
      const users = items.map(viewAccount);
      if (json) printJson({ users, ...next });
      else {
        for (const user of users) say(describeAccount(user));
        announceNext(next);
      }
    }),
  );
}
