import type { Command } from 'commander';
import { clientChanger } from '../../src/clients/change.ts';
import { reasonOption, scriptCause } from '../cause.ts';
import { CommandFailure, clock, subcommand, withDatabase } from '../command-line.ts';
import { type MemberOptions, addMemberOptions, limitsOf, readMembers, refuse } from './members.ts';
import { show } from './show.ts';

type Options = MemberOptions & { reason?: string; json: boolean };

export function addUpdateCommand(program: Command): void {
  const update = subcommand(program, 'update <client_id>', 'Change what is given, and leave the rest as it is.')
    .option('--name <name>', 'what the client is called')
    .option('--scope <scope>', 'the scopes that it may be granted, separated by spaces');
  addMemberOptions(update)
    .addOption(reasonOption())
    .addHelpText(
      'after',
      `
--grant and --audience replace what was there. A client that is to authenticate without a secret loses those it has;
one that is to have a secret gets its first by add-secret.
`,
    )
    .action(async (id: string, options: Options) => {
      const members = await readMembers(options);
      if (Object.keys(members).length === 0) throw new CommandFailure('usage', 'error: nothing is given to change');
      await withDatabase(async (tools) => {
        const { config, database } = tools;
        const change = clientChanger({ store: database.clients, clock, limits: limitsOf(config) });
        const outcome = await change(id, members, { cause: scriptCause(options.reason), scope: null });
        if (outcome !== undefined && outcome.kind !== 'changed') refuse(outcome);
        show(outcome, { id, json: options.json, ...tools });
      });
    });
}
