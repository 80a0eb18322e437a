import type { Command } from 'commander';
import { secretMaker, secretRemover } from '../../src/clients/secrets.ts';
import { viewNewSecret } from '../../src/views/client.ts';
import { reasonOption, scriptCause } from '../cause.ts';
import { CommandFailure, clock, printJson, subcommand, withDatabase } from '../command-line.ts';
import { say } from '../../src/terminal.ts';
import { noSuchClient, show } from './show.ts';

type Options = { readonly reason?: string; readonly json: boolean };

/** To change a secret without a pause: make another, let the client take it up, remove the old one. */
export function addSecretCommands(program: Command): void {
  subcommand(program, 'add-secret <client_id>', 'Make another secret, shown this once. A client has two at most.')
    .addOption(reasonOption())
    .action((id: string, { reason, json }: Options) =>
      withDatabase(async ({ database }) => {
        const add = secretMaker({ store: database.clients, clock });
        const outcome = await add(id, { cause: scriptCause(reason), scope: null });
        if (outcome === undefined) throw noSuchClient(id);
        if (outcome.kind === 'full') throw new CommandFailure('refused', `${id} has two secrets already.`);
        if (outcome.kind !== 'added') throw new CommandFailure('refused', `${id} authenticates without a secret.`);
        const view = viewNewSecret(outcome);
        if (json) printJson(view);
        else say(`id             ${view.id}`, `client_secret  ${view.client_secret}   (shown this once)`);
      }),
    );

  subcommand(
    program,
    'remove-secret <client_id> <secret_id>',
    'Remove a secret, and with it the tokens that it got. The last one stays.',
  )
    .addOption(reasonOption())
    .action((id: string, secretId: string, { reason, json }: Options) =>
      withDatabase(async (tools) => {
        const { clients } = tools.database;
        const remove = secretRemover({ store: clients, clock });
        const outcome = await remove(id, secretId, { cause: scriptCause(reason), scope: null });
        if (outcome === undefined) throw noSuchClient(id);
        if (outcome === 'unknown') throw new CommandFailure('notFound', `${id} has no secret ${secretId}.`);
        if (outcome === 'last') throw new CommandFailure('refused', `${secretId} is the last secret of ${id}.`);
        if (json) show(await clients.findClient(id), { id, json, ...tools });
        else say(`Removed ${secretId}.`);
      }),
    );
}
