import type { Command } from 'commander';
import { viewAccount } from '../../src/views/account.ts';
import { printJson, subcommand, withDatabase } from '../command-line.ts';
import { say } from '../../src/terminal.ts';
import { findAccount } from './account.ts';

export function addShowCommand(program: Command): void {
  subcommand(program, 'show <user>', 'Show an account, by its id or username.').action(
    (named: string, { json }: { json: boolean }) =>
      withDatabase(async ({ database }) => {
        const account = viewAccount(await findAccount(database.users, named));
        if (json) printJson(account);
        else
          for (const [member, value] of Object.entries(account))
            say(`${member.padEnd(11)}  ${Array.isArray(value) ? value.join(', ') : String(value ?? '-')}`);
      }),
  );
}
