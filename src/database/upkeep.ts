import type { Database } from './schema.ts';

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
  /** Whether a transaction failed for a lock that it did not get. */
  isLocked(error: unknown): boolean;
  /** What ends a `select` that locks its rows, and leaves out those that somebody else has locked. */
  readonly skipLocked: 'for update skip locked' | '';
  /** Keeps everybody else from writing to the tables until `trx` is over. */
  lockTables(trx: Database, tables: readonly string[]): Promise<void>;
  /** The highest number that a column which numbers its rows ever gave, 0 for none. */
  lastNumber(db: Database, table: string, column: string): Promise<number>;
  /** Has a column go on behind `number`, where it has not come as far. */
  numberFrom(trx: Database, table: string, column: string, number: number): Promise<void>;
  /** Whether it is, or was, a server's; a file that a backup made is nobody's until it is restored. */
  isInService(db: Database): Promise<boolean>;
  /** The result says whether somebody else may have written since, or may be about to. */
  watchUse(db: Database): Promise<() => Promise<boolean>>;
  /** What the clock of the database says, in epoch seconds; null where it has none of its own. */
  now(db: Database): Promise<number | null>;
};
