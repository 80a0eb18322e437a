import type { Command } from 'commander';
import { KeysStillChanging } from '../../src/keys/errors.ts';
import {
  addKeyEncryptionKey,
  loadKeyEncryptionKeys,
  removeOlderKeyFiles,
} from '../../src/keys/sealing/key-encryption-key.ts';
import { mostNamed } from '../../src/keys/keyring/left-out.ts';
import { type RewrapFaults, rewrapKeys } from '../../src/keys/changes/rewrap.ts';
import type { RowName } from '../../src/keys/row-name.ts';
import { sourceOf } from '../../src/server/open-keyring.ts';
import { reasonOption, scriptCause } from '../cause.ts';
import { CommandFailure, type Tools, clock, printJson, subcommand, withDatabase } from '../command-line.ts';
import { say } from '../../src/terminal.ts';
import { listRows } from './rows.ts';

type Options = { readonly discardOld: boolean; readonly reason?: string; readonly json: boolean };

export function addRewrapCommand(program: Command): void {
  subcommand(program, 'rewrap', 'Seal all private parts under a new key-encryption key.')
    .option(
      '--discard-old',
      'make no new one, but remove the files of older ones under which nothing is sealed any more',
      false,
    )
    .addOption(reasonOption())
    .addHelpText(
      'after',
      `
The new key-encryption key is a file beside the old one in KEYS_DIR, with a higher number. Running servers read both: new
keys are sealed under the new one, and everything opens throughout. It may be interrupted, and is then gone on with. A row
that is not what a server wrote is named and left, and ends it with 6; while there is one and an older file, no further
key-encryption key is made. It holds up --discard-old only where it may still need the older one: without a MAC, until a
server has given it one, or while it waits for another key-encryption key, too. While no key may sign and there is an older
one, that stays, no further one is made, and it ends with 6: rows, MACs or private parts may be put back.
Servers that have a KEYS_DIR of their own cannot read it: have them share one, or use KEY_ENCRYPTION_KEY.

With KEY_ENCRYPTION_KEY: give every server the new key as KEY_ENCRYPTION_KEY_PREVIOUS first; then, when all have it, the new
one as KEY_ENCRYPTION_KEY and the old one as KEY_ENCRYPTION_KEY_PREVIOUS; then run this; then drop the previous one.
`,
    )
    .action((options: Options) => withDatabase((tools) => rewrap(tools, options)));
}

/** What is to be put right. `olderStay`: no key may sign, and there are older key-encryption keys. */
function describeFaults({ corrupt, rejected, withoutMac, waiting }: RewrapFaults, olderStay: boolean): string {
  const told: [what: string, rows: readonly RowName[]][] = [
    ['Corrupt, and left as they are: revoke or delete them', corrupt],
    ['No server takes these for keys: revoke or delete them', rejected],
    ['Without a MAC, and left as they are until a server has given them one', withoutMac],
    ['Under a key-encryption key that is not at hand, and left as they are', waiting],
  ];
  const faults = told.flatMap(([what, rows]) => (rows.length === 0 ? [] : [`${what}: ${listRows(rows)}.`]));
  return [...faults, ...(olderStay ? [saysNoneMaySign] : [])].join(' ');
}

const saysNoneMaySign =
  'No key may sign as things are: keep the older key-encryption keys. Start a server, which mends what it can and makes a key where none is left, or put back what is missing; then run this again.';

const kidsOf = (rows: readonly RowName[]): string[] => [...new Set(rows.map(({ kid }) => kid))].slice(0, mostNamed);

function failOfChanges(error: unknown): never {
  if (error instanceof KeysStillChanging) throw new CommandFailure('conflict', error.message);
  throw error;
}

async function rewrap({ config, database }: Tools, { discardOld, reason, json }: Options): Promise<void> {
  const loadKeks = () => loadKeyEncryptionKeys({ ...sourceOf(config), sealedKeysExist: true });
  const loadOlder = async () => (await loadKeks()).slice(1).map(({ source }) => source);
  const stores = { store: database.keys, verifyOnly: database.verifyOnlyKeys, clock };
  const resealAll = () => rewrapKeys(stores, loadKeks, scriptCause(reason)).catch(failOfChanges);
  const areFiles = config.keyEncryptionKey === undefined;
  const isFaulty = ({ corrupt, rejected, withoutMac, waiting }: RewrapFaults) =>
    corrupt.length + rejected.length + withoutMac.length + waiting.length > 0;

  let outcome = await resealAll();
  const isNothingDone = outcome.resealed.length + outcome.renewed.length === 0;
  // A rewrap that was interrupted, or that a row holds up, is gone on with, under the key-encryption key that it made.
  const isHeldUp = (isFaulty(outcome) || outcome.mayNoneSign) && (await loadOlder()).length > 0;
  if (areFiles && !discardOld && isNothingDone && !isHeldUp) {
    await addKeyEncryptionKey(config.keysDir, outcome.sealing);
    outcome = await resealAll();
  }
  const { sealing, resealed, renewed, corrupt, rejected, withoutMac, waiting } = outcome;
  // It ended with a pass that found nothing left to do: whatever a server sealed under an old one meanwhile is caught up with.
  const mayGo = areFiles && discardOld && !outcome.isOlderNeeded;
  const removed = mayGo ? await removeOlderKeyFiles(config.keysDir, sealing) : [];
  const older = await loadOlder();
  if (json)
    printJson({
      sealed_under: sealing.id,
      source: sealing.source,
      ...{ resealed, renewed, corrupt: kidsOf(corrupt), rejected: kidsOf(rejected) },
      ...{ without_mac: kidsOf(withoutMac), waiting: kidsOf(waiting), removed },
      ...{ older_needed: outcome.isOlderNeeded, none_may_sign: outcome.mayNoneSign },
    });
  else {
    say(`${resealed.length} private parts were sealed anew, under ${sealing.source}.`);
    say(`The facts of ${renewed.length} keys were authenticated anew.`);
    for (const path of removed) say(`${path} is removed.`);
    if (!outcome.isOlderNeeded && older.length > 0)
      say(
        `Not needed any more, once every server reads the new one: ${older.join(', ')}${areFiles ? ' (--discard-old)' : ''}.`,
      );
  }
  const olderStay = outcome.mayNoneSign && older.length > 0;
  if (isFaulty(outcome) || olderStay) throw new CommandFailure('unhealthy', describeFaults(outcome, olderStay));
}
