import { NotAdopted } from '../../src/keys/errors.ts';
import type { KeyOffice } from '../../src/keys/changes/key-office.ts';
import { type StoredKeys, lookAtKeys } from '../../src/server/look-at-keys.ts';
import { openKeyring } from '../../src/server/open-keyring.ts';
import { type Tools, clock, withDatabase } from '../command-line.ts';
import { complain } from '../../src/terminal.ts';

/** For a command that changes the keys: brings them up to date first, as a server would. */
export function withKeyring(work: (office: KeyOffice, tools: Tools) => Promise<void>): Promise<void> {
  return withDatabase(async (tools) => {
    const { config, database, log } = tools;
    // What was due anyway is the schedule's doing, whoever comes across it.
    const deps = { stores: database, clock, log, actor: { kind: 'schedule' }, isServer: false } as const;
    await work(await openKeyring(config, deps), tools);
  });
}

export function readStoredKeys({ config, database }: Tools): Promise<StoredKeys> {
  return lookAtKeys(config, database, clock);
}

/** For people, on standard error: what a command could not look at, and what it passes over. */
export function warnOf({ fault, rejected, unadopted, waiting }: StoredKeys): void {
  if (fault !== null) complain(`Not every private part could be checked. ${fault}`);
  if (unadopted.length > 0) complain(new NotAdopted().message);
  if (waiting.length > 0)
    complain(
      `${waiting.length} rows wait for a key-encryption key that is not at hand, and are left out (keys check).`,
    );
  if (rejected.length > 0)
    complain(`Not every row is what a server wrote: ${rejected.length} are left out (keys check).`);
}
