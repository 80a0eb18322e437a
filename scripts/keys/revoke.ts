import { type Command, Option } from 'commander';
import { type RevocationOutcome, revokeKey } from '../../src/keys/changes/revocation.ts';
import { type RowKind, tables } from '../../src/keys/row-name.ts';
import { viewRevocation } from '../../src/views/keys.ts';
import { reasonOption, scriptCause } from '../cause.ts';
import { CommandFailure, printJson, subcommand } from '../command-line.ts';
import { say } from '../../src/terminal.ts';
import { withKeyring } from './keyring.ts';

type Options = { readonly row?: string; readonly reason?: string; readonly json: boolean };

const kinds = Object.keys(tables) as RowKind[];

const namesOf = (rows: readonly RowKind[]): string[] => rows.map((kind) => tables[kind]);

function failOfUndoing(outcome: Extract<RevocationOutcome, { kind: 'undone' }>, json: boolean): never {
  const { kid } = outcome;
  const [rows, undone, left] = [namesOf(outcome.rows), namesOf(outcome.undone), namesOf(outcome.left)];
  if (json) printJson({ state: 'undone', kid, rows, rows_undone: undone, rows_left: left });
  throw new CommandFailure(
    'conflict',
    undone
      .map((table) => `The row of ${kid} in ${table} was revoked, but was gone or no longer revoked when read again. `)
      .join('') +
      (rows.length > 0 ? `Its row in ${rows.join(', ')} is revoked. ` : '') +
      (left.length > 0 ? `Its row in ${left.join(', ')} stays as it is. ` : '') +
      'Somebody else writes to the database: keep them out, and run this again.',
  );
}

export function addRevokeCommand(program: Command): void {
  subcommand(program, 'revoke <kid>', 'Take a key out of the set at once and for good. Its tokens stop working.')
    .addOption(new Option('--row <table>', 'the row of that table alone').choices(Object.values(tables)))
    .addOption(reasonOption())
    .addHelpText(
      'after',
      `
Every row of the kid is revoked: where somebody has put a second one into the other table, the key itself goes first. To be
rid of the second row alone (keys check names it, and its table), name that table with --row. What the other table has of the kid
then stays as it is, and a key there goes on.

Then it reads the rows again. Where one is gone or no longer revoked, it ends with 5. With --json, state is revoked or undone.
rows are the rows that this run revoked and that are still revoked. rows_left are those that --row left out and that are not
revoked. rows_undone, with state undone alone, are those that were revoked and are gone or no longer revoked.

A kid that begins with - goes behind --, and options before it: revoke --json -- -kid
`,
    )
    .action((kid: string, { row, reason, json }: Options) =>
      withKeyring(async (office) => {
        const only = kinds.find((kind) => tables[kind] === row) ?? null;
        const outcome = await revokeKey(office, kid, scriptCause(reason), only);
        const where = row === undefined ? '' : ` in ${row}`;
        if (outcome.kind === 'unknown') throw new CommandFailure('notFound', `There is no key ${kid}${where}.`);
        if (outcome.kind === 'undone') failOfUndoing(outcome, json);
        const view = viewRevocation(outcome);
        const [rows, left] = [namesOf(outcome.rows), namesOf(outcome.left)];
        if (json) printJson({ ...view, rows, rows_left: left });
        else if (!outcome.isNew) say(`${kid}${where} has been revoked before, at ${view.revoked_at}.`);
        else if (outcome.left.length > 0) say(`The row of ${kid}${where} is revoked.`);
        else
          say(
            `${kid} is revoked. ${view.signer} signs. Every verifier is sure to know it by ${view.signer_known_at}. ` +
              `A verifier that caches may accept ${kid} until ${view.verifiers_may_cache_until}.`,
          );
        if (!json && outcome.left.length > 0) say(`Its row in ${left.join(', ')} stays as it is.`);
        if (!json && outcome.rows.length > 1) say(`Two rows had that kid (${rows.join(', ')}): both are revoked.`);
      }),
    );
}
