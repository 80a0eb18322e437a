import { newClient } from '../src/clients/registration.ts';
import { parseScope } from '../src/tokens/scope.ts';
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
  .action(({ name, scope, json }: CreateOptions) => {
    const scopes = parseScope(scope);
    if (scopes === null) throw new CommandFailure('usage', 'error: --scope takes scopes separated by single spaces.');
    if (!/^[^\x00-\x1F\x7F]{1,100}$/.test(name))
      throw new CommandFailure('usage', 'error: --name takes 1 to 100 characters.');
    return withDatabase(async ({ database }) => {
      const { client, secret } = newClient(name, scopes.join(' '), clock());
      await database.clients.insertClient(client);
      if (json) printJson({ client_id: client.id, client_secret: secret, name, scope: client.scope });
      else
        console.log(`Registered ${name}.\nclient_id      ${client.id}\nclient_secret  ${secret}   (shown this once)`);
    });
  });

await runCommandLine(program);
