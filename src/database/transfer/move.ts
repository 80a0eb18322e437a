/** Moves a whole installation from one database to another, of whichever kinds; as a backup or out of one, too. */
import type { Occasion } from '../../audit/event.ts';
import { recordCopy } from './copy-event.ts';
import type { Engine } from '../engine.ts';
import { migrate, schemaState } from '../migrations/migrate.ts';
import { type MovedTable, countRows, moveNumbers, movedTables, readTable, writeRows } from './moved-tables.ts';
import { nameRow } from './odd-row.ts';
import { MoveRefused, type Place, explained, placeOf, usePlace } from '../place.ts';
import { refuseAhead, refuseBehind } from '../migrations/schema-state.ts';
import type { Database } from '../schema.ts';

export { MoveRefused } from '../place.ts';

export type Moved = {
  /** In words that hold no password. */
  readonly from: string;
  readonly to: string;
  readonly tables: readonly { readonly name: string; readonly rows: number; readonly digest: string }[];
  /** Whether somebody else may have written to the source meanwhile, which is not in the target. */
  readonly wasInUse: boolean;
  /** Why no audit trail has an event of it; null when there is one in both, or, out of a backup, in the target. */
  readonly notRecorded: string | null;
};

/** How far it has come. Each row is copied, and then compared. */
export type Progress = {
  begin(rows: number): void;
  advance(rows: number): void;
  finishTable(name: string, rows: number): void;
};

/** What is moved is the same to the last digit. */
const pool = { size: 2, statementTimeout: 0, exactIntegers: true };

/**
 * Copies everything, and puts that on record: in the source beforehand, so that the target has the event with all the others;
 * and in the target alone where the source is not to be written to. Throws `MoveRefused` and `UnusableDatabase`.
 */
export async function moveInstallation(
  from: string,
  to: string,
  progress: Progress,
  occasion: Occasion,
): Promise<Moved> {
  const [source, target] = [placeOf(from), placeOf(to)];
  const event = { ...occasion, detail: `from ${source.name} to ${target.name}` };
  const obstacle = await recordCopy(source, 'move.started', event);
  const moved = await copyInstallation(source, target, progress);
  return { ...moved, notRecorded: obstacle && (await recordCopy(target, 'move.started', event)) };
}

/**
 * Copies everything that there is at one moment, and compares what has come to stand in the target with what was read: all
 * of it in one transaction, so that whatever interrupts it leaves the target empty. The source is only read, and goes on
 * meanwhile. Throws `MoveRefused` and `UnusableDatabase`.
 */
export async function copyInstallation(
  source: Place,
  target: Place,
  progress: Progress,
): Promise<Omit<Moved, 'notRecorded'>> {
  return usePlace(source, { pool, access: 'read' }, (engine) =>
    engine.withoutHurry(async (db) => {
      const wasUsed = await engine.upkeep.watchUse(db);
      const view = db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only');
      const tables = await view.execute(async (snapshot) => {
        await refuseOtherSchema(snapshot, engine, source);
        progress.begin(2 * (await countAll(snapshot)));
        return usePlace(target, { pool, access: 'write' }, async (targetEngine) => {
          await migrate(targetEngine);
          return targetEngine.withoutHurry((targetDb) =>
            targetDb
              .transaction()
              .execute((trx) =>
                fill({ ...engine, db: snapshot, place: source }, { ...targetEngine, db: trx, place: target }, progress),
              ),
          );
        });
      });
      return { from: source.name, to: target.name, tables, wasInUse: await wasUsed() };
    }),
  );
}

type End = Pick<Engine, 'db' | 'upkeep'> & { readonly place: Place };

async function fill(source: End, target: End, progress: Progress): Promise<Moved['tables']> {
  const names = movedTables.map(({ name }) => name);
  await target.upkeep.lockTables(target.db, names);
  await refuseRows(target);
  const tables: Moved['tables'][number][] = [];
  for (const table of movedTables) tables.push(await moveTable(table, source, target, progress));
  await moveNumbers(source, target);
  return tables;
}

async function moveTable(table: MovedTable, source: End, target: End, progress: Progress) {
  const { name } = table;
  const { odd, ...read } = await explained(source.place, () =>
    readTable(source, table, async (rows) => {
      await explained(target.place, () => writeRows(target, table, rows));
      progress.advance(rows.length);
    }),
  );
  const count = await countRows(source.db, table);
  // SQLite takes rows without a key, any number of them, and they are not told apart.
  if (count !== read.rows)
    throw new Error(`of ${count} rows of ${name} ${read.rows} could be read: some have no ${table.key.join(', ')}`);
  const found = await readTable(target, table, async (rows) => {
    progress.advance(rows.length);
  });
  if (found.rows !== read.rows || found.digest !== read.digest) {
    const culprit =
      odd === null ? '' : `: ${nameRow(table, odd)} has a value that is neither text nor a number below 2^53`;
    throw new Error(
      `of ${read.rows} rows of ${name} it has ${found.rows}, or they are not the same; nothing was kept${culprit}`,
    );
  }
  progress.finishTable(name, read.rows);
  return { name, ...read };
}

/** The source is not brought up to date by the way: who moves away from it wants it as it is, to go back to. */
async function refuseOtherSchema(db: Database, { upkeep }: Engine, { name }: Place): Promise<void> {
  const state = await schemaState({ db, upkeep });
  if (state.applied.length === 0) throw new MoveRefused(`The database ${name} holds no installation.`);
  try {
    refuseAhead(state);
    refuseBehind(state);
  } catch (error) {
    throw new MoveRefused(`The database ${name} cannot be moved: ${(error as Error).message}`);
  }
}

async function refuseRows({ db, place }: End): Promise<void> {
  for (const table of movedTables) {
    const count = await countRows(db, table);
    if (count > 0)
      throw new MoveRefused(`The database ${place.name} is not empty: it has rows in ${table.name}, ${count} of them.`);
  }
}

async function countAll(db: Database): Promise<number> {
  let sum = 0;
  for (const table of movedTables) sum += await countRows(db, table);
  return sum;
}
