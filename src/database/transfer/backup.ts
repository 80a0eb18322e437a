/** Copies a database into a file of SQLite, while servers go on with it. */
import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, linkSync, openSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { sql } from 'kysely';
import type { Engine } from '../engine.ts';
import type { Occasion } from '../../audit/event.ts';
import { recordCopy } from './copy-event.ts';
import { MoveRefused, type Progress, copyInstallation } from './move.ts';
import { placeOf, usePlace } from '../place.ts';

export type Backup = {
  /** In words that hold no password. */
  readonly from: string;
  readonly bytes: number;
  /** Why the audit trail has no event of it; null when it has one. */
  readonly notRecorded: string | null;
  readonly tables: readonly { readonly name: string; readonly rows: number }[];
};

const pool = { size: 1, statementTimeout: 0 };

/**
 * Writes all that there is at one moment to `file`, which nobody but its owner can read, and looks whether it is sound. A
 * file that is there is never touched, and there is none until all of it is on the disk. Throws `MoveRefused` and
 * `UnusableDatabase`.
 */
export async function backUp(url: string, file: string, progress: Progress, occasion: Occasion): Promise<Backup> {
  if (existsSync(file)) throw new MoveRefused(`There is a file ${file} already.`);
  const partial = `${file}.${randomUUID()}.partial`;
  try {
    // SQLite would make it readable for all whom the umask lets.
    closeSync(openSync(partial, 'wx', 0o600));
    const source = placeOf(url);
    const notRecorded = await recordCopy(source, 'backup.started', { ...occasion, detail: `to ${file}` });
    if (url.startsWith('sqlite:')) await vacuumInto(url, partial);
    else {
      await copyInstallation(source, placeOf(`sqlite:${partial}`), progress);
      await makeOneFile(partial);
    }
    const tables = await usePlace(placeOf(`sqlite:${partial}`), { pool, access: 'read' }, inspect);
    sync(partial);
    publish(partial, file);
    return { from: source.name, bytes: statSync(file).size, notRecorded, tables };
  } finally {
    for (const end of ['', '-wal', '-shm', '-journal']) rmSync(partial + end, { force: true });
  }
}

/** Its own copy of itself: of whatever version the schema is, and without what has been deleted. */
async function vacuumInto(url: string, file: string): Promise<void> {
  await usePlace(placeOf(url), { pool, access: 'read' }, async ({ db }) => {
    await sql`vacuum into ${file}`.execute(db);
  });
}

/** Without the write-ahead log of a server: what only reads it makes no files beside it. */
async function makeOneFile(file: string): Promise<void> {
  await usePlace(placeOf(`sqlite:${file}`), { pool, access: 'write' }, async ({ db }) => {
    await sql`pragma journal_mode = delete`.execute(db);
  });
}

async function inspect({ db }: Engine): Promise<Backup['tables']> {
  const faults = await sql<{ integrity_check: string }>`pragma integrity_check`.execute(db);
  const orphans = await sql`pragma foreign_key_check`.execute(db);
  if (faults.rows[0]?.integrity_check !== 'ok' || orphans.rows.length > 0) throw new Error('the copy is not sound');
  const names = await sql<{ name: string }>`select name from sqlite_master where type = 'table'
    and name not like 'sqlite%' and name not like 'kysely%' and name <> 'turns' order by name`.execute(db);
  const tables: Backup['tables'][number][] = [];
  for (const { name } of names.rows) {
    const { rows } = await sql<{ rows: number }>`select count(*) as rows from ${sql.table(name)}`.execute(db);
    tables.push({ name, rows: rows[0]?.rows ?? 0 });
  }
  return tables;
}

function sync(path: string): void {
  const opened = openSync(path, 'r');
  fsyncSync(opened);
  closeSync(opened);
}

/** Gives the file its name, unless somebody else has taken it meanwhile. */
function publish(partial: string, file: string): void {
  try {
    linkSync(partial, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new MoveRefused(`There is a file ${file} already.`);
  }
  sync(dirname(file));
}
