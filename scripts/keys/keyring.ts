import { userInfo } from 'node:os';
import { InvalidArgumentError, Option } from 'commander';
import type { Actor, Cause } from '../../src/audit/event.ts';
import type { KeyOffice } from '../../src/keys/key-office.ts';
import type { KeyRecord } from '../../src/keys/store.ts';
import type { VerifyOnlyKey } from '../../src/keys/verify-only.ts';
import { findUnreadable, openKeyring } from '../../src/open-keyring.ts';
import { type Tools, clock, withDatabase } from '../command-line.ts';

/** For a command that changes the keys: brings them up to date first, as a server would. */
export function withKeyring(work: (office: KeyOffice, tools: Tools) => Promise<void>): Promise<void> {
  return withDatabase(async (tools) => {
    const { config, database, log } = tools;
    // What was due anyway is the schedule's doing, whoever comes across it.
    await work(await openKeyring(config, { stores: database, clock, log, actor: { kind: 'schedule' } }), tools);
  });
}

/** The keys as they are stored, for a command that changes nothing. */
export type StoredKeys = {
  readonly keys: readonly KeyRecord[];
  readonly verifyOnly: readonly VerifyOnlyKey[];
  readonly unreadable: ReadonlySet<string>;
  /** Why not every private part could be looked at. */
  readonly fault: string | null;
};

export async function readStoredKeys({ config, database }: Tools): Promise<StoredKeys> {
  const keys = await database.keys.listKeys();
  const verifyOnly = await database.verifyOnlyKeys.listVerifyOnlyKeys();
  return { keys, verifyOnly, ...(await findUnreadable(config, keys)) };
}

/** For people, on standard error: what a command could not look at. */
export function warnOf({ fault }: StoredKeys): void {
  if (fault !== null) console.error(`Not every private part could be checked. ${fault}`);
}

export function reasonOption(): Option {
  return new Option('--reason <text>', 'why, for the audit trail').argParser((text) => {
    // As the contract has it for callers.
    if (/^[^\p{Cc}\u2028\u2029]{1,500}$/u.test(text)) return text;
    throw new InvalidArgumentError('It is 1 to 500 characters, no control characters.');
  });
}

export function scriptCause(reason: string | undefined): Cause {
  return { actor: scriptActor(), reason: reason ?? null };
}

function scriptActor(): Actor {
  return { kind: 'script', name: nameOfUser() };
}

/** In a container the user may have a number and no name. */
function nameOfUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.geteuid?.() ?? 'unknown'}`;
  }
}
