import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type AlgorithmName, algorithmNames, algorithmOf } from '../../src/keys/algorithm.ts';
import { toRfc3339 } from '../../src/clock.ts';
import { type ForeignKey, ForeignKeyFault, readForeignKeys } from '../../src/keys/changes/foreign-key.ts';
import { type ImportOutcome, importStandby, importVerifyOnly } from '../../src/keys/changes/import.ts';
import type { KeyOffice } from '../../src/keys/changes/key-office.ts';
import { parseDuration } from '../../src/config/settings.ts';
import { reasonOption, scriptCause } from '../cause.ts';
import { CommandFailure, printJson, subcommand } from '../command-line.ts';
import { say } from '../../src/terminal.ts';
import { withKeyring } from './keyring.ts';

type Options = {
  readonly verifyOnly: boolean;
  readonly for: number;
  readonly kid?: string;
  readonly alg?: AlgorithmName;
  readonly reason?: string;
  readonly json: boolean;
};

export function addImportCommand(program: Command): void {
  subcommand(program, 'import <file>', 'Bring a key in from PEM, a JWK or a JWK Set; - reads standard input.')
    .option('--verify-only', 'publish the public part alone, as is always done where there is no private part', false)
    .option('--for <duration>', 'how long a verify-only key stays published', toDuration, 86_400)
    .option('--kid <kid>', 'publish it under this name, instead of the one in the file or the thumbprint')
    .addOption(new Option('--alg <alg>', 'what it signs with, where the file leaves that open').choices(algorithmNames))
    .addOption(reasonOption())
    .addHelpText(
      'after',
      `
A key with a private part becomes a standby at the end of the line: it signs when those before it have had their turn,
or after as many rotations. Delete the file then. A key without one is verify-only: third parties go on verifying
what another issuer signed with it; Tessera itself takes no such token. Unless --for says otherwise, for a day (1d):
make it no longer than its tokens live, since whoever holds its private part can sign what third parties then trust.
`,
    )
    .action(async (file: string, options: Options) => {
      const keys = await readKeys(file, options);
      await withKeyring(async (office) => {
        const outcomes: ImportOutcome[] = [];
        for (const key of keys) outcomes.push(await importKey(office, key, options));
        report(outcomes, options);
      });
    });
}

async function readKeys(file: string, { kid, alg: name }: Options): Promise<ForeignKey[]> {
  const wanted = { kid, alg: algorithmOf(name) };
  try {
    return await readForeignKeys(file === '-' ? await text(process.stdin) : await readFile(file, 'utf8'), wanted);
  } catch (error) {
    if (error instanceof ForeignKeyFault) throw new CommandFailure('refused', error.message);
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    throw new CommandFailure('failed', `${file} cannot be read (${code ?? 'unknown error'}).`);
  }
}

function importKey(office: KeyOffice, key: ForeignKey, options: Options): Promise<ImportOutcome> {
  const { privateKey } = key;
  const cause = scriptCause(options.reason);
  if (privateKey === null || options.verifyOnly) return importVerifyOnly(office, key, options.for, cause);
  return importStandby(office, { ...key, privateKey }, cause);
}

function report(outcomes: readonly ImportOutcome[], { json }: Options): void {
  const done = outcomes.filter((outcome) => outcome.kind === 'standby' || outcome.kind === 'verify-only');
  const views = done.map((outcome) =>
    outcome.kind === 'standby'
      ? { kid: outcome.kid, state: 'standby', activates_at: toRfc3339(outcome.activatesAt) }
      : { kid: outcome.kid, state: 'verify-only', retires_at: toRfc3339(outcome.publishedUntil) },
  );
  if (json) printJson({ keys: views });
  else
    for (const { kid, state, activates_at, retires_at } of views)
      say(
        state === 'standby'
          ? `${kid} is a standby. It signs from ${activates_at ?? ''}, or after a rotation for each standby before it.`
          : `${kid} is published until ${retires_at ?? ''}.`,
      );
  for (const outcome of outcomes) {
    if (outcome.kind === 'known')
      throw new CommandFailure('refused', `${outcome.kid}: this key, or another of this kid, is there already.`);
    if (outcome.kind === 'revoked')
      throw new CommandFailure(
        'refused',
        `${outcome.kid}: this key, or another of this kid, was revoked at ${toRfc3339(outcome.revokedAt)}. That is for good.`,
      );
    if (outcome.kind === 'other-algorithm')
      throw new CommandFailure(
        'refused',
        `New keys sign with ${outcome.expected}, so this one would never get a turn. Set KEY_ALGORITHM first.`,
      );
  }
}

function toDuration(value: string): number {
  const seconds = parseDuration(value);
  if (!(seconds >= 1 && seconds <= 3650 * 86_400))
    throw new InvalidArgumentError('It is written 90s, 15m, 12h or 30d.');
  return seconds;
}
