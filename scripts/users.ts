import { text } from 'node:stream/consumers';
import { newPassword } from '../src/users/password-generation.ts';
import { userRegistrar } from '../src/users/registration.ts';
import {
  CommandFailure,
  clock,
  commandLine,
  printJson,
  runCommandLine,
  subcommand,
  withDatabase,
} from './command-line.ts';

type CreateOptions = { username: string; name?: string; admin: boolean; passwordStdin: boolean; json: boolean };

const program = commandLine('users', 'Look after the accounts.');

subcommand(
  program,
  'create',
  'Make an account. Asks for the password, or makes one and shows it once where nobody can be asked.',
)
  .requiredOption('--username <username>', 'the name to sign in with')
  .option('--name <name>', 'how the user wants to be called')
  .option('--admin', 'give the account the role admin', false)
  .option('--password-stdin', 'read the password from standard input', false)
  .action(async (options: CreateOptions) => {
    const chosen = await choosePassword(options);
    const password = chosen ?? newPassword();
    await withDatabase(async ({ config, database }) => {
      const register = userRegistrar({ store: database.users, cost: config.passwordCost, clock });
      const { username, name = null, admin } = options;
      const outcome = await register({ username, password, name, roles: admin ? ['admin'] : [] });
      if (outcome.kind === 'taken') throw new CommandFailure('refused', `The username ${username} is taken.`);
      if (outcome.kind === 'fault') throw new CommandFailure('refused', outcome.detail);
      const { user } = outcome;
      const shown = chosen === undefined ? { password } : {};
      if (options.json) printJson({ id: user.id, username: user.username, roles: user.roles, ...shown });
      else {
        console.log(`Made ${user.username} (${user.id})${admin ? ', an administrator' : ''}.`);
        if (chosen === undefined) console.log(`Password, shown this once: ${password}`);
      }
    });
  });

/** Undefined when nobody can be asked. */
async function choosePassword({ passwordStdin }: CreateOptions): Promise<string | undefined> {
  // The line end is the shell's, not the user's.
  if (passwordStdin) return (await text(process.stdin)).replace(/\r?\n$/, '');
  if (!process.stdin.isTTY) return undefined;
  const { default: ask } = await import('@inquirer/password');
  return ask({ message: 'Password:', mask: true }).catch((error: unknown) => {
    // Ctrl-C is an answer, too.
    if (!(error instanceof Error && error.name === 'ExitPromptError')) throw error;
    throw new CommandFailure('failed', 'No password was given, and no account made.');
  });
}

await runCommandLine(program);
