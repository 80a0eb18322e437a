import { clientRegistrar } from '../src/clients/registration.ts';
import {
  CommandFailure,
  clock,
  commandLine,
  printJson,
  runCommandLine,
  subcommand,
  withDatabase,
} from './command-line.ts';

type CreateOptions = { name: string; scope: string; json: boolean };

const program = commandLine('clients', 'Look after the service clients.');

subcommand(program, 'create', 'Register a service client. Its secret is shown this once, and stored as a hash.')
  .requiredOption('--name <name>', 'what the client is called')
  .requiredOption('--scope <scope>', 'the scopes that it may be granted, separated by spaces')
  .action(({ name, scope, json }: CreateOptions) =>
    withDatabase(async ({ database }) => {
      const register = clientRegistrar({ store: database.clients, clock });
      const outcome = await register({ name, scope });
      if (outcome.kind === 'fault') throw new CommandFailure('usage', `error: --${outcome.member}: ${outcome.detail}`);
      const { client, secret } = outcome;
      if (json) printJson({ client_id: client.id, client_secret: secret, name, scope: client.scope });
      else
        console.log(`Registered ${name}.\nclient_id      ${client.id}\nclient_secret  ${secret}   (shown this once)`);
    }),
  );

await runCommandLine(program);
