import type { Command } from 'commander';
import { clientRegistrar } from '../../src/clients/registration.ts';
import { viewRegisteredClient } from '../../src/views/client.ts';
import { reasonOption, scriptCause } from '../cause.ts';
import { clock, printJson, subcommand, withDatabase } from '../command-line.ts';
import { say } from '../../src/terminal.ts';
import { type MemberOptions, addMemberOptions, limitsOf, readMembers, refuse } from './members.ts';

type Options = MemberOptions & { name: string; scope: string; reason?: string; json: boolean };

export function addCreateCommand(program: Command): void {
  const create = subcommand(
    program,
    'create',
    'Register a service client. Its secret, if it has one, is shown this once, and stored as a hash.',
  )
    .requiredOption('--name <name>', 'what the client is called')
    .requiredOption('--scope <scope>', 'the scopes that it may be granted, separated by spaces');
  addMemberOptions(create)
    .addOption(reasonOption())
    .action(async (options: Options) => {
      const { name, scope, reason, json } = options;
      const members = await readMembers(options);
      await withDatabase(async ({ config, database }) => {
        const register = clientRegistrar({ store: database.clients, clock, limits: limitsOf(config) });
        const outcome = await register({ ...members, name, scope }, { cause: scriptCause(reason), scope: null });
        if (outcome.kind !== 'registered') refuse(outcome);
        if (json) printJson(viewRegisteredClient(outcome, config.audience));
        else {
          say(`Registered ${name}.`, `client_id      ${outcome.client.id}`);
          if (outcome.secret !== null) say(`client_secret  ${outcome.secret}   (shown this once)`);
        }
      });
    });
}
