import type { Command } from 'commander';
import { addKeyEncryptionKey, loadKeyEncryptionKeys, removeOlderKeyFiles } from '../../src/keys/key-encryption-key.ts';
import { nameOf } from '../../src/keys/immutable-facts.ts';
import { type RewrapOutcome, rewrapKeys } from '../../src/keys/rewrap.ts';
import { sourceOf } from '../../src/open-keyring.ts';
import { reasonOption, scriptCause } from '../cause.ts';
import { CommandFailure, type Tools, clock, printJson, subcommand, withDatabase } from '../command-line.ts';
import { say } from '../../src/terminal.ts';

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
keys are sealed under the new one, and everything opens throughout. It may be interrupted, and is then gone on with.
Servers that have a KEYS_DIR of their own cannot read it: have them share one, or use KEY_ENCRYPTION_KEY.

With KEY_ENCRYPTION_KEY: give every server the new key as KEY_ENCRYPTION_KEY_PREVIOUS first; then, when all have it, the new
one as KEY_ENCRYPTION_KEY and the old one as KEY_ENCRYPTION_KEY_PREVIOUS; then run this; then drop the previous one.
`,
    )
    .action((options: Options) => withDatabase((tools) => rewrap(tools, options)));
}

function describeFaults({ corrupt, rejected, waiting }: RewrapOutcome): string {
  const list = (kids: readonly string[]) => [...new Set(kids.map(nameOf))].join(', ');
  const sentences = [
    corrupt.length + rejected.length > 0 ? `Corrupt, and left as they are: ${list([...corrupt, ...rejected])}.` : '',
    waiting.length > 0 ? `Under a key-encryption key that is not at hand, and left as they are: ${list(waiting)}.` : '',
  ];
  return sentences.filter(Boolean).join(' ');
}

async function rewrap({ config, database }: Tools, { discardOld, reason, json }: Options): Promise<void> {
  const loadKeks = () => loadKeyEncryptionKeys({ ...sourceOf(config), sealedKeysExist: true });
  const resealAll = () =>
    rewrapKeys({ store: database.keys, verifyOnly: database.verifyOnlyKeys, clock }, loadKeks, scriptCause(reason));
  const areFiles = config.keyEncryptionKey === undefined;

  let outcome = await resealAll();
  // A rewrap that was interrupted is gone on with, under the key-encryption key that it made.
  if (areFiles && !discardOld && outcome.resealed.length + outcome.renewed.length === 0) {
    await addKeyEncryptionKey(config.keysDir, outcome.sealing);
    outcome = await resealAll();
  }
  const { sealing, resealed, renewed, corrupt, rejected, waiting } = outcome;
  const faulty = [...new Set([...corrupt, ...rejected, ...waiting])];
  // A server may just now have sealed a key under an old one: the files go when a run finds nothing left to do.
  const left = resealed.length + renewed.length + faulty.length;
  const mayGo = areFiles && discardOld && left === 0;
  const removed = mayGo ? await removeOlderKeyFiles(config.keysDir, sealing) : [];
  if (json)
    printJson({
      sealed_under: sealing.id,
      source: sealing.source,
      ...{ resealed, renewed, corrupt, rejected, waiting, removed },
    });
  else {
    say(`${resealed.length} private parts were sealed anew, under ${sealing.source}.`);
    say(`The facts of ${renewed.length} keys were authenticated anew.`);
    for (const path of removed) say(`${path} is removed.`);
    const older = (await loadKeks()).slice(1).map(({ source }) => source);
    if (faulty.length === 0 && older.length > 0)
      say(`Not needed any more, once every server reads the new one: ${older.join(', ')} (--discard-old).`);
  }
  if (faulty.length > 0) throw new CommandFailure('unhealthy', describeFaults(outcome));
}
