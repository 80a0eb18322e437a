import { toRfc3339 } from '../src/clock.ts';
import { planKeys } from '../src/keys/plan.ts';
import { revokeKey } from '../src/keys/revocation.ts';
import { rotateKeys } from '../src/keys/rotation.ts';
import { findUnreadable, openKeyring } from '../src/open-keyring.ts';
import {
  CommandFailure,
  type Tools,
  clock,
  commandLine,
  printJson,
  runCommandLine,
  subcommand,
  withDatabase,
} from './command-line.ts';

const program = commandLine('keys', 'Look after the signing keys. A running server takes changes up within seconds.');

subcommand(program, 'list', 'Show each key, what it is for, and when that changes.').action(
  ({ json }: { json: boolean }) =>
    withDatabase(async ({ config, database }) => {
      const records = await database.keys.listKeys();
      const { unreadable, fault } = await findUnreadable(config, records);
      if (fault !== null) console.error(`Not every private part could be checked. ${fault}`);
      const { states } = planKeys(records, clock(), config.keyPolicy, unreadable);
      const keys = states.map(({ key, state, changesAt }) => ({
        kid: key.kid,
        state,
        alg: key.alg,
        published_at: toRfc3339(key.publishedAt),
        activates_at: toRfc3339(key.activatesAt),
        revoked_at: key.revokedAt === null ? null : toRfc3339(key.revokedAt),
        changes_at: changesAt === null ? null : toRfc3339(changesAt),
        ...(unreadable.has(key.kid) && { unreadable: true }),
      }));
      if (json) printJson({ keys });
      else for (const key of keys) console.log(describe(key));
    }),
);

subcommand(program, 'rotate', 'Let the standby sign from now on, and publish a new standby.')
  .option('--force', 'even when some verifier may not have fetched the standby yet', false)
  .action(({ force, json }: { force: boolean; json: boolean }) =>
    withKeyring(async (deps) => {
      const outcome = await rotateKeys(deps, { force });
      if (outcome.kind === 'conflict') {
        throw new CommandFailure('conflict', 'The keys were changed by another process at the same moment.');
      }
      if (outcome.kind === 'too-soon') {
        const safeAt = toRfc3339(outcome.safeAt);
        if (json) printJson({ state: 'refused', kid: outcome.kid, safe_at: safeAt });
        throw new CommandFailure(
          'refused',
          `Too soon: some verifier may not have fetched the standby ${outcome.kid} yet. It is safe at ${safeAt}; --force rotates now.`,
        );
      }
      const { kid, previous, previousPublishedUntil } = outcome;
      const until = toRfc3339(previousPublishedUntil);
      if (json) printJson({ state: 'rotated', kid, previous_kid: previous, previous_published_until: until });
      else console.log(`${kid} signs now. ${previous} stays published until ${until}.`);
    }),
  );

subcommand(program, 'revoke <kid>', 'Take a key out of the set at once and for good. Its tokens stop working.').action(
  (kid: string, { json }: { json: boolean }) =>
    withKeyring(async (deps) => {
      const outcome = await revokeKey(deps, kid);
      if (outcome.kind === 'unknown') throw new CommandFailure('notFound', `There is no key ${kid}.`);
      if (outcome.kind === 'already-revoked') {
        if (json) printJson({ state: 'revoked', kid });
        else console.log(`${kid} has been revoked before.`);
        return;
      }
      const { signer } = outcome;
      const knownAt = toRfc3339(outcome.signerKnownAt);
      const until = toRfc3339(outcome.verifiersMayCacheUntil);
      if (json)
        printJson({ state: 'revoked', kid, signer, signer_known_at: knownAt, verifiers_may_cache_until: until });
      else
        console.log(
          `${kid} is revoked. ${signer} signs. Every verifier is sure to know it by ${knownAt}. ` +
            `A verifier that caches may accept ${kid} until ${until}.`,
        );
    }),
);

function withKeyring(work: (deps: Awaited<ReturnType<typeof openKeyring>>) => Promise<void>): Promise<void> {
  return withDatabase(async ({ config, database, log }: Tools) => {
    await work(await openKeyring(config, { store: database.keys, clock, log }));
  });
}

function describe(key: {
  kid: string;
  state: string;
  activates_at: string;
  changes_at: string | null;
  unreadable?: boolean;
}): string {
  const change = key.changes_at === null ? '' : `  until ${key.changes_at}`;
  const damage = key.unreadable ? '  unreadable' : '';
  return `${key.kid}  ${key.state.padEnd(8)}  signs from ${key.activates_at}${change}${damage}`;
}

await runCommandLine(program);
