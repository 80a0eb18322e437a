import type { Kysely, RawBuilder } from 'kysely';
import type { Database } from './schema.ts';

/** `column` of `table` comes from the column `from` of the row of `parent` whose `id` is in `reference`. */
export type InheritedColumn = {
  readonly table: string;
  readonly column: string;
  readonly reference: string;
  readonly parent: string;
  readonly from: string;
};

/** `without` makes the table without the reference, under another name, where a kind of database cannot take it away. */
export type FreedColumn = {
  readonly table: string;
  readonly column: string;
  readonly without: (db: Kysely<unknown>, name: string) => { execute(): Promise<void> };
  readonly index: { readonly name: string; readonly column: string };
};

/** What it takes to look after a database that differs from one kind to the other. */
export type Upkeep = {
  /** Whether it knows which migrations it has had. Throws for one that cannot be used at all, and says why. */
  hasHistory(db: Database): Promise<boolean>;
  /**
   * As the first act of `trx`: waits until nobody else changes the schema. From then on no statement of `trx` waits for
   * a lock for long: others would have to wait behind it.
   */
  lockSchema(trx: Database): Promise<void>;
  /**
   * Until `trx` is over, nobody else builds indexes while others write; false when somebody does. Null where an index cannot
   * be built so.
   */
  readonly tryLockAside: ((trx: Database) => Promise<boolean>) | null;
  /**
   * Builds an index, `concurrently` while others write. There may be one of that name already, whole or half: whoever was
   * interrupted left it.
   */
  buildIndex(
    db: Kysely<unknown>,
    index: { name: string; on: RawBuilder<unknown>; concurrently: boolean },
  ): Promise<void>;
  /** From now on, a column of a table refers to nothing any more. */
  dropReference(db: Kysely<unknown>, column: FreedColumn): Promise<void>;
  /** From now on, a row that is inserted with null in a column gets there what the row has that it refers to. */
  inheritOnInsert(db: Kysely<unknown>, column: InheritedColumn): Promise<void>;
  /** Whether a transaction failed for a lock that it did not get. */
  isLocked(error: unknown): boolean;
  /** What ends a `select` that locks its rows, and leaves out those that somebody else has locked. */
  readonly skipLocked: 'for update skip locked' | '';
  /** Keeps everybody else from writing to the tables until `trx` is over. */
  lockTables(trx: Database, tables: readonly string[]): Promise<void>;
  /** The highest number that a column which numbers its rows ever gave, 0 for none. */
  lastNumber(db: Database, table: string, column: string): Promise<bigint>;
  /** Has a column go on behind `number`, where it has not come as far. */
  numberFrom(trx: Database, table: string, column: string, number: bigint): Promise<void>;
  /** Whether it takes what no column is for: bytes, and texts that are not UTF-8, which are read as others without a word. */
  readonly takesAnyValue: boolean;
  /** Whether it is, or was, a server's; a file that a backup made is nobody's until it is restored. */
  isInService(db: Database): Promise<boolean>;
  /** The result says whether somebody else may have written since, or may be about to. */
  watchUse(db: Database): Promise<() => Promise<boolean>>;
  /** What the clock of the database says, in epoch seconds; null where it has none of its own. */
  now(db: Database): Promise<number | null>;
};
