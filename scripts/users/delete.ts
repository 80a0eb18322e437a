import type { Command } from 'commander';
import { reasonOption, scriptCause } from '../cause.ts';
import { clock, printJson, subcommand, withDatabase } from '../command-line.ts';
import { say } from '../../src/terminal.ts';
import { findAccount, mustBeDone } from './account.ts';

export function addDeleteCommand(program: Command): void {
  subcommand(program, 'delete <user>', 'Remove an account and everything kept for it but its audit events.')
    .addOption(reasonOption())
    .action((named: string, { reason, json }: { reason?: string; json: boolean }) =>
      withDatabase(async ({ database: { users } }) => {
        const found = await findAccount(users, named);
        mustBeDone(await users.deleteUser(found.id, { ...scriptCause(reason), at: clock() }), found);
        if (json) printJson({ id: found.id, username: found.username });
        else say(`${found.username} (${found.id}) is deleted.`);
      }),
    );
}
