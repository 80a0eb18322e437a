import { createPublicKey } from 'node:crypto';
import { type Command, Option } from 'commander';
import { planKeys } from '../../src/keys/timeline/plan.ts';
import { NotAdopted } from '../../src/keys/errors.ts';
import { publishKeys } from '../../src/keys/keyring/published-set.ts';
import { say } from '../../src/terminal.ts';
import { CommandFailure, clock, printJson, subcommand, withDatabase } from '../command-line.ts';
import { readStoredKeys, warnOf } from './keyring.ts';

export function addExportCommand(program: Command): void {
  subcommand(program, 'export [kid]', 'Print the published set as a JWK Set, or one key of it.')
    .requiredOption('--public', 'the public parts: private ones never leave the database')
    .addOption(new Option('--pem', 'as PEM (SPKI) instead').default(false).conflicts('json'))
    .action((kid: string | undefined, { pem }: { pem: boolean }) =>
      withDatabase(async (tools) => {
        const stored = await readStoredKeys(tools);
        const { keys, verifyOnly, unreadable, isJudged, unadopted, fault } = stored;
        // Others will trust what is printed here.
        if (unadopted.length > 0) throw new NotAdopted();
        if (!isJudged) throw new CommandFailure('failed', fault ?? 'Nobody can say which keys are right.');
        warnOf({ ...stored, fault: null });
        const now = clock();
        const { published } = planKeys(keys, now, tools.config.keyPolicy, unreadable);
        const all = publishKeys(published, verifyOnly, now).body.keys;
        const wanted = all.filter((key) => kid === undefined || key.kid === kid);
        if (kid !== undefined && wanted.length === 0)
          throw new CommandFailure('notFound', `There is no published key ${kid}.`);
        if (!pem) printJson({ keys: wanted });
        else for (const key of wanted) say(`# ${key.kid}`, ...toPem(key).split('\n'));
      }),
    );
}

function toPem(key: Readonly<Record<string, unknown>>): string {
  return String(createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' })).trimEnd();
}
