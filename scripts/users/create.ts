import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { newPassword } from '../../src/users/password-generation.ts';
import { createPasswordHasher } from '../../src/users/password-hasher.ts';
import { userRegistrar } from '../../src/users/registration.ts';
import type { Role } from '../../src/users/store.ts';
import { scriptCause } from '../cause.ts';
import { CommandFailure, clock, printJson, subcommand, withDatabase } from '../command-line.ts';
import { say } from '../../src/terminal.ts';
import { collectRole } from './account.ts';

type Options = {
  readonly username: string;
  readonly name?: string;
  readonly admin: boolean;
  readonly role?: readonly Role[];
  readonly passwordStdin: boolean;
  readonly json: boolean;
};

export function addCreateCommand(program: Command): void {
  subcommand(
    program,
    'create',
    'Make an account. Asks for the password, or makes one and shows it once where nobody can be asked.',
  )
    .requiredOption('--username <username>', 'the name to sign in with')
    .option('--name <name>', 'how the user wants to be called')
    .option('--admin', 'give the account the role admin', false)
    .option('--role <role>', 'give the account this role; may be repeated', collectRole)
    .option('--password-stdin', 'read the password from standard input', false)
    .action(createAccount);
}

async function createAccount(options: Options): Promise<void> {
  const chosen = await choosePassword(options);
  const password = chosen ?? newPassword();
  await withDatabase(async ({ config, database }) => {
    const register = userRegistrar({
      store: database.users,
      hasher: createPasswordHasher({ cost: config.passwordCost }),
      clock,
    });
    const { username, name = null } = options;
    const roles = [...new Set<Role>([...(options.admin ? (['admin'] as const) : []), ...(options.role ?? [])])];
    const outcome = await register({ username, password, name, roles }, scriptCause());
    if (outcome.kind === 'taken') throw new CommandFailure('refused', `The username ${username} is taken.`);
    if (outcome.kind === 'fault') throw new CommandFailure('refused', outcome.detail);
    const { user } = outcome;
    const shown = chosen === undefined ? { password } : {};
    if (options.json) printJson({ id: user.id, username: user.username, roles: user.roles, ...shown });
    else {
      say(`Made ${user.username} (${user.id})${describeRoles(roles)}.`);
      if (chosen === undefined) say(`Password, shown this once: ${password}`);
    }
  });
}

function describeRoles(roles: readonly Role[]): string {
  const others = roles.filter((role) => role !== 'admin');
  return `${roles.includes('admin') ? ', an administrator' : ''}${others.length > 0 ? `, ${others.join(', ')}` : ''}`;
}

/** Undefined when nobody can be asked. */
async function choosePassword({ passwordStdin }: Options): Promise<string | undefined> {
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
