import { closeSync, fchmodSync, fstatSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { Kysely } from 'kysely';
import type { Engine } from '../engine.ts';
import type { Tables } from '../schema.ts';
import { type Access, type Exactness, sqliteDialect } from './dialect.ts';
import { watchFile } from './key-watch.ts';
import { readByIndex } from './read-by-index.ts';
import { logTraces } from './traces.ts';
import { sqliteUpkeep } from './upkeep.ts';

/**
 * Opens a file, made when it is not there, unless it is only to be read. `patience` is how long a writer waits for another,
 * in milliseconds.
 */
export function sqliteEngine(file: string, patience?: number, access: Access = 'write', how?: Exactness): Engine {
  if (access === 'write') makeFile(file);
  const db = new Kysely<Tables>({ dialect: sqliteDialect(file, patience, access, how) });
  return {
    db,
    upkeep: sqliteUpkeep,
    withoutHurry: (work) => work(db),
    readByIndex: readByIndex(db),
    traces: logTraces(db),
    // Transactions that write are one after the other.
    lastSettledEvent: () => Promise.resolve(null),
    announceKeys: () => Promise.resolve(),
    watchKeys: async (onChange) => watchFile(db, onChange),
    connections: () => null,
  };
}

function makeFile(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  // SQLite gives the files beside it the mode of this one. It holds password hashes and sealed keys.
  const opened = openSync(file, 'a', 0o600);
  if ((fstatSync(opened).mode & 0o077) !== 0) fchmodSync(opened, 0o600);
  closeSync(opened);
}
