import type { RawBuilder, SqlBool } from 'kysely';
import type { Database } from './schema.ts';
import type { Upkeep } from './upkeep.ts';

/** What differs from one kind of database to the other, beside the dialect of its SQL. */
export type Engine = {
  readonly db: Database;
  readonly upkeep: Upkeep;
  /** Runs `work` on a connection whose statements may take their time. */
  readonly withoutHurry: <T>(work: (db: Database) => Promise<T>) => Promise<T>;
  readonly readByIndex: ReadByIndex;
  /** Removes what is left of something that was overwritten or deleted, as far as it is in this process's hands. */
  readonly traces: Traces;
  /** The number up to which all events are there that ever will be; null where each is there before the next gets its own. */
  readonly lastSettledEvent: () => Promise<bigint | null>;
  /** As part of `trx`: tells all who watch, once it is committed, that the signing keys are not what they were. */
  readonly announceKeys: (trx: Database) => Promise<void>;
  /** Calls `onChange` whenever the signing keys may have changed, be it by this process or another. */
  readonly watchKeys: (onChange: () => void) => Promise<KeyWatch>;
  /** Connections of this process: open, idle among them, and requests that wait for one. Null where there is one only. */
  readonly connections: () => Connections | null;
};

/**
 * Runs `work`, which only reads; on PostgreSQL, what there was at one moment. Whatever statistics say, a query that has an order
 * and a limit reads rows in an index of that order, one by one, up to the limit.
 */
export type ReadByIndex = <T>(work: (reader: IndexReader) => Promise<T>) => Promise<T>;

export type IndexReader = {
  readonly db: Database;
  /** The rows of an index `(column, seq)` that have a value and are numbered so. The query is to be ordered by both columns. */
  readonly entriesOf: (column: string, value: string | number, numbers: Numbers) => RawBuilder<SqlBool>;
};

/** Both are included. */
export type Numbers = { readonly first: bigint; readonly last: bigint };

export type Traces = {
  /** What is in the way of that, a reader or a full disk, only puts it off. */
  remove(): Promise<void>;
  removeIfOwed(): Promise<void>;
};

export type KeyWatch = { close(): Promise<void> };

export type Connections = { readonly open: number; readonly idle: number; readonly waiting: number };
