/** node:sqlite under Kysely. */
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type QueryResult,
  SqliteAdapter,
  type SqliteDatabase,
  type SqliteDialectConfig,
  SqliteDriver,
  SqliteIntrospector,
  type SqliteStatement,
  type TransactionSettings,
} from 'kysely';
import { LRUCache } from 'lru-cache';
import { LocklessCompiler } from './compiler.ts';
import { guard, isBusy } from './faults.ts';
import { numberOr } from '../integers.ts';

/** Milliseconds for which a writer waits for another process to finish its transaction, and between two tries. */
const defaultPatience = 2000;
const pause = 10;

/** Milliseconds for which statements may follow each other while the process looks after nothing else. */
const mostAtAStretch = 5;

/** Statements that are kept prepared: more than there are in the code, but for those whose length follows a list. */
const mostStatements = 300;

/** What the connection may do: one that may only read leaves the file as it is, to the last bit. */
export type Access = 'write' | 'read';

/** Integers that no number of JavaScript is come as bigints; else a statement that meets one fails. */
export type Exactness = { readonly exactIntegers?: boolean };

export function sqliteDialect(
  file: string,
  patience = defaultPatience,
  access: Access = 'write',
  { exactIntegers = false }: Exactness = {},
): Dialect {
  // SQLite's own waiting would hold up the whole process, so it waits for a moment only.
  const database = guard(() => new DatabaseSync(file, { timeout: pause, readOnly: access === 'read' }));
  // WAL lets readers go on beside a writer; FULL keeps what was acknowledged through a power cut; what is deleted is
  // overwritten, so that a destroyed key or password hash cannot be read out of the file.
  if (access === 'write') prepareFile(database, patience);
  const config = { database: adapt(database, exactIntegers ? adaptExactStatement : adaptStatement) };
  return {
    createAdapter: () => new TransactionalDdlAdapter(),
    createDriver: () => new PatientDriver(config, () => database.isTransaction, patience),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new LocklessCompiler(),
  };
}

/**
 * Before anything is served, so this may wait the blocking way. SQLite itself does not wait where two processes turn the
 * write-ahead log on at the same moment: one of them would wait for the other for ever.
 */
function prepareFile(database: DatabaseSync, patience: number): void {
  const until = performance.now() + patience;
  for (;;) {
    try {
      guard(() => {
        database.exec('PRAGMA journal_mode = WAL');
      });
      break;
    } catch (error) {
      if (!isBusy(error) || performance.now() > until) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pause);
    }
  }
  database.exec('PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;');
}

/** SQLite rolls back DDL like anything else, so migrations run in one transaction, and two processes never mix. */
class TransactionalDdlAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/**
 * Takes the write lock when a transaction begins: one that reads first and then writes could not wait for it. One that
 * only reads sees the file as it is at its first statement, whatever others write meanwhile.
 */
class PatientDriver extends SqliteDriver {
  readonly #isInTransaction: () => boolean;
  readonly #patience: number;
  #lastTurn = performance.now();

  constructor(config: SqliteDialectConfig, isInTransaction: () => boolean, patience: number) {
    super(config);
    this.#isInTransaction = isInTransaction;
    this.#patience = patience;
  }

  /**
   * Statements are done when they return, so whoever waits for the connection goes on in the same turn of the event loop, one
   * after the other. The sockets, and who needs no database, have theirs in between.
   */
  override async acquireConnection(): Promise<DatabaseConnection> {
    if (performance.now() - this.#lastTurn > mostAtAStretch) {
      await turn();
      this.#lastTurn = performance.now();
    }
    return new PatientConnection(await super.acquireConnection(), this.#isInTransaction, this.#patience);
  }

  override async beginTransaction(
    connection: DatabaseConnection,
    { accessMode }: TransactionSettings = {},
  ): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw(accessMode === 'read only' ? 'begin' : 'begin immediate'));
  }

  /** Where the disk is full SQLite has done it already, and would now answer with a fault that hides the first. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#isInTransaction()) await super.rollbackTransaction(connection);
  }
}

/** Waits for another process's transaction without holding up this process. */
class PatientConnection implements DatabaseConnection {
  readonly #connection: DatabaseConnection;
  readonly #isInTransaction: () => boolean;
  readonly #patience: number;

  constructor(connection: DatabaseConnection, isInTransaction: () => boolean, patience: number) {
    this.#connection = connection;
    this.#isInTransaction = isInTransaction;
    this.#patience = patience;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const until = performance.now() + this.#patience;
    for (;;) {
      try {
        return await this.#connection.executeQuery<Row>(query);
      } catch (error) {
        if (!isBusy(error) || this.#isInTransaction() || performance.now() > until) throw error;
        await sleep(pause);
      }
    }
  }

  streamQuery<Row>(query: CompiledQuery, chunkSize: number): AsyncIterableIterator<QueryResult<Row>> {
    return this.#connection.streamQuery(query, chunkSize);
  }
}

function adapt(database: DatabaseSync, adaptOne: (statement: StatementSync) => SqliteStatement): SqliteDatabase {
  const prepared = new LRUCache<string, SqliteStatement>({ max: mostStatements });
  return {
    close: () => {
      database.close();
    },
    prepare(sql) {
      let statement = prepared.get(sql);
      if (statement === undefined) prepared.set(sql, (statement = adaptOne(guard(() => database.prepare(sql)))));
      return statement;
    },
  };
}

function adaptStatement(statement: StatementSync): SqliteStatement {
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => guard(() => statement.all(...(parameters as SQLInputValue[]))),
    run: (parameters) => guard(() => statement.run(...(parameters as SQLInputValue[]))),
    iterate: (parameters) => guard(() => statement.iterate(...(parameters as SQLInputValue[]))),
  };
}

function adaptExactStatement(statement: StatementSync): SqliteStatement {
  statement.setReadBigInts(true);
  const adapted = adaptStatement(statement);
  return { ...adapted, all: (parameters) => adapted.all(parameters).map(withNumbers) };
}

function withNumbers(row: unknown): unknown {
  const entries = Object.entries(row as object).map(([name, value]: [string, unknown]) => [name, numberOr(value)]);
  return Object.fromEntries(entries) as unknown;
}
