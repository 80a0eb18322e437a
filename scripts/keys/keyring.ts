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
