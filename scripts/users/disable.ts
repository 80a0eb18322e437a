import type { Command } from 'commander';
import { viewAccount } from '../../src/views/account.ts';
import { reasonOption, scriptCause } from '../cause.ts';
import { clock, printJson, subcommand, withDatabase } from '../command-line.ts';
import { say } from '../../src/terminal.ts';
import { findAccount, mustBeDone } from './account.ts';

type Options = { readonly reason?: string; readonly json: boolean };

export function addDisableCommand(program: Command): void {
  subcommand(program, 'disable <user>', 'Let nobody sign in to an account, and end its sessions for good.')
    .addOption(reasonOption())
    .action((named: string, options: Options) => setDisabled(named, true, options));
}

export function addEnableCommand(program: Command): void {
  subcommand(program, 'enable <user>', 'Let the user sign in again.')
    .addOption(reasonOption())
    .action((named: string, options: Options) => setDisabled(named, false, options));
}

function setDisabled(named: string, disabled: boolean, { reason, json }: Options): Promise<void> {
  return withDatabase(async ({ database: { users } }) => {
    const found = await findAccount(users, named);
    const outcome = await users.administerUser(found.id, { disabled }, { ...scriptCause(reason), at: clock() });
    const user = mustBeDone(outcome, found);
    if (json) printJson(viewAccount(user));
    else say(`${user.username} (${user.id}) is ${disabled ? 'disabled' : 'enabled'}.`);
  });
}
