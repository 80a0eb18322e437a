import type { Command } from 'commander';
import { viewAccount } from '../../src/views/account.ts';
import { type Role, roles as known } from '../../src/users/store.ts';
import { reasonOption, scriptCause } from '../cause.ts';
import { clock, printJson, subcommand, withDatabase } from '../command-line.ts';
import { say } from '../../src/terminal.ts';
import { collectRole, findAccount, mustBeDone } from './account.ts';

type Options = { readonly reason?: string; readonly json: boolean };

export function addSetRolesCommand(program: Command): void {
  subcommand(program, 'set-roles <user>', 'Give an account these roles and no others; none where none is given.')
    .argument('[roles...]', `any of ${known.join(', ')}`, collectRole)
    .addOption(reasonOption())
    .action((named: string, roles: readonly Role[] | undefined, { reason, json }: Options) =>
      withDatabase(async ({ database: { users } }) => {
        const found = await findAccount(users, named);
        const occasion = { ...scriptCause(reason), at: clock() };
        const user = mustBeDone(await users.administerUser(found.id, { roles: roles ?? [] }, occasion), found);
        if (json) printJson(viewAccount(user));
        else say(`${user.username} (${user.id}) has ${user.roles.join(', ') || 'no roles'}.`);
      }),
    );
}
