import type { Command } from 'commander';
import { toRfc3339 } from '../../src/clock.ts';
import { planRotation } from '../../src/keys/plan.ts';
import { retiresBy } from '../../src/keys/policy.ts';
import { type RotationOutcome, rotateKeys } from '../../src/keys/rotation.ts';
import { viewRotation } from '../../src/operations/keys.ts';
import { CommandFailure, type Tools, clock, printJson, subcommand, withDatabase } from '../command-line.ts';
import { readStoredKeys, reasonOption, scriptCause, withKeyring } from './keyring.ts';

type Options = {
  readonly force: boolean;
  readonly dryRun: boolean;
  readonly signer?: string;
  readonly reason?: string;
  readonly json: boolean;
};

export function addRotateCommand(program: Command): void {
  subcommand(program, 'rotate', 'Let the standby sign from now on, and publish a new standby.')
    .option('--force', 'even when some verifier may not have fetched the standby yet', false)
    .option('--dry-run', 'say what would happen, and change nothing', false)
    .option('--signer <kid>', 'only while this key signs: then a rotation may be repeated safely')
    .addOption(reasonOption())
    .action((options: Options) => {
      const { force, signer, reason } = options;
      if (options.dryRun)
        return withDatabase(async (tools) => {
          report(await rehearse(tools, options), options);
        });
      return withKeyring(async (office) => {
        report(await rotateKeys(office, { force, signer, cause: scriptCause(reason) }), options);
      });
    });
}

/** What `rotateKeys` would answer, by the keys as they are stored. Like it, fails where the key-encryption key does not fit. */
async function rehearse(tools: Tools, { force, signer: expected }: Options): Promise<RotationOutcome> {
  const stored = await readStoredKeys(tools);
  if (stored.fault !== null) throw new CommandFailure('failed', stored.fault);
  const { keyPolicy: policy } = tools.config;
  const now = clock();
  const rotation = planRotation(stored.keys, now, policy, stored.unreadable);
  if (rotation === null || (expected !== undefined && rotation.signer.kid !== expected)) return { kind: 'conflict' };
  const { signer, standby, safeAt } = rotation;
  if (now < safeAt && !force) return { kind: 'too-soon', kid: standby.kid, safeAt };
  const previousRetiresBy = retiresBy(now, signer.tokensExpireAt, policy);
  return { kind: 'rotated', kid: standby.kid, previous: signer.kid, previousRetiresBy };
}

function report(outcome: RotationOutcome, { dryRun, json, signer }: Options): void {
  if (outcome.kind === 'conflict') {
    const message =
      signer === undefined
        ? 'The keys were changed by another process at the same moment, or there is no standby yet.'
        : `${signer} does not sign, or the keys were changed by another process at the same moment.`;
    throw new CommandFailure('conflict', message);
  }
  if (outcome.kind === 'too-soon') {
    const safeAt = toRfc3339(outcome.safeAt);
    if (json) printJson({ state: 'refused', kid: outcome.kid, safe_at: safeAt });
    throw new CommandFailure(
      'refused',
      `Too soon: some verifier may not have fetched the standby ${outcome.kid} yet. It is safe at ${safeAt}; --force rotates now.`,
    );
  }
  const view = viewRotation(outcome);
  if (json) printJson(dryRun ? { ...view, state: 'would rotate' } : view);
  else if (dryRun)
    console.log(`${view.kid} would sign. ${view.previous_kid} would leave the set by ${view.previous_retires_by}.`);
  else console.log(`${view.kid} signs now. ${view.previous_kid} leaves the set by ${view.previous_retires_by}.`);
}
