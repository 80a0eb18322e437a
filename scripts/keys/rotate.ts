import type { Command } from 'commander';
import { toRfc3339 } from '../../src/clock.ts';
import { NotAdopted } from '../../src/keys/errors.ts';
import { planKeys } from '../../src/keys/timeline/plan.ts';
import type { KeyPolicy } from '../../src/keys/timeline/policy.ts';
import { type RotationOutcome, decideRotation, rotateKeys } from '../../src/keys/changes/rotation.ts';
import { placeKey } from '../../src/keys/timeline/place-key.ts';
import type { KeyRecord } from '../../src/keys/store.ts';
import type { StoredKeys } from '../../src/server/look-at-keys.ts';
import { viewRotation } from '../../src/views/keys.ts';
import { reasonOption, scriptCause } from '../cause.ts';
import { CommandFailure, type Tools, clock, printJson, subcommand, withDatabase } from '../command-line.ts';
import { say } from '../../src/terminal.ts';
import { readStoredKeys, withKeyring } from './keyring.ts';

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
async function rehearse(tools: Tools, wanted: Options): Promise<RotationOutcome> {
  const stored = await readStoredKeys(tools);
  if (stored.unadopted.length > 0) throw new NotAdopted();
  const { keyPolicy: policy } = tools.config;
  const now = clock();
  const { isJudged, fault, unreadable, unusable } = stored;
  const { signer } = planKeys(stored.keys, now, policy, unreadable);
  if (fault !== null && (!isJudged || signer === null || unusable.has(signer.kid)))
    throw new CommandFailure('failed', fault);
  // As there, a standby that could not sign from here is passed over.
  const decision = decideRotation(completeLine(stored, now, policy), now, policy, unusable, wanted);
  return 'kind' in decision ? decision : decision.outcome;
}

/** The keys as `rotateKeys` would find them: one that is due is made first, and is called next-1 and so on until then. */
function completeLine({ keys, unreadable }: StoredKeys, now: number, policy: KeyPolicy): KeyRecord[] {
  const line = [...keys];
  for (let number = 1; ; number += 1) {
    const { create } = planKeys(line, now, policy, unreadable);
    if (create === null) return line;
    const made = { kid: `next-${number}`, alg: policy.algorithm, publicJwk: {}, sealedPrivateKey: 'not made yet' };
    line.push(placeKey(made, { ...create, publishedAt: now }));
  }
}

function report(outcome: RotationOutcome, { dryRun, json, signer }: Options): void {
  if (outcome.kind === 'conflict')
    throw new CommandFailure(
      'conflict',
      'Another process changed the keys at the same moment, or the new signer was revoked or changed at once, or nothing stands by that could sign.',
    );
  if (outcome.kind === 'not-signer')
    throw new CommandFailure('conflict', `${signer ?? 'That key'} does not sign: ${outcome.signer} does.`);
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
    say(`${view.kid} would sign. ${view.previous_kid} would leave the set by ${view.previous_retires_by}.`);
  else say(`${view.kid} signs now. ${view.previous_kid} leaves the set by ${view.previous_retires_by}.`);
}
