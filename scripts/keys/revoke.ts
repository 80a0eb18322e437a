import type { Command } from 'commander';
import { revokeKey } from '../../src/keys/revocation.ts';
import { viewRevocation } from '../../src/operations/keys.ts';
import { reasonOption, scriptCause } from '../cause.ts';
import { CommandFailure, printJson, subcommand } from '../command-line.ts';
import { say } from '../../src/terminal.ts';
import { withKeyring } from './keyring.ts';

export function addRevokeCommand(program: Command): void {
  subcommand(program, 'revoke <kid>', 'Take a key out of the set at once and for good. Its tokens stop working.')
    .addOption(reasonOption())
    .addHelpText(
      'after',
      `
Where two rows have the kid, one that no server wrote goes first, and the key itself goes on: then it ends with 6.

A kid that begins with - goes behind --, and options before it: revoke --json -- -kid
`,
    )
    .action((kid: string, { reason, json }: { reason?: string; json: boolean }) =>
      withKeyring(async (office) => {
        const outcome = await revokeKey(office, kid, scriptCause(reason), 'one');
        if (outcome.kind === 'unknown') throw new CommandFailure('notFound', `There is no key ${kid}.`);
        const view = viewRevocation(outcome);
        if (json) printJson(view);
        else if (outcome.isKeyLeft) say(`A row of ${kid} that no server wrote is revoked.`);
        else if (!outcome.isNew) say(`${kid} has been revoked before, at ${view.revoked_at}.`);
        else
          say(
            `${kid} is revoked. ${view.signer} signs. Every verifier is sure to know it by ${view.signer_known_at}. ` +
              `A verifier that caches may accept ${kid} until ${view.verifiers_may_cache_until}.`,
          );
        if (outcome.isKeyLeft)
          throw new CommandFailure('unhealthy', `The key ${kid} itself goes on. To revoke it, too, run this again.`);
      }),
    );
}
