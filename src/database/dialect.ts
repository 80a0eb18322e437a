/** node:sqlite under Kysely. */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  SqliteAdapter,
  type SqliteDatabase,
  type SqliteDialectConfig,
  type SqliteStatement,
  SqliteDriver,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { guard } from './faults.ts';

/** Seconds for which a writer waits for another process to finish its transaction. */
const busyTimeout = 5;

export function sqliteDialect(file: string): Dialect {
  const database = new DatabaseSync(file, { timeout: busyTimeout * 1000 });
  // WAL lets readers go on beside a writer; FULL keeps what was acknowledged through a power cut.
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;');
  const config = { database: adapt(database) };
  return {
    createAdapter: () => new TransactionalDdlAdapter(),
    createDriver: () => new ImmediateDriver(config, () => database.isTransaction),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

/** SQLite rolls back DDL like anything else, so migrations run in one transaction, and two processes never mix. */
class TransactionalDdlAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/** Takes the write lock when a transaction begins: one that reads first and then writes could not wait for it. */
class ImmediateDriver extends SqliteDriver {
  readonly #isInTransaction: () => boolean;

  constructor(config: SqliteDialectConfig, isInTransaction: () => boolean) {
    super(config);
    this.#isInTransaction = isInTransaction;
  }

  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }

  /** Where the disk is full SQLite has done it already, and would now answer with a fault that hides the first. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#isInTransaction()) await super.rollbackTransaction(connection);
  }
}

function adapt(database: DatabaseSync): SqliteDatabase {
  const prepared = new Map<string, SqliteStatement>();
  return {
    close: () => {
      database.close();
    },
    prepare(sql) {
      let statement = prepared.get(sql);
      if (statement === undefined) prepared.set(sql, (statement = adaptStatement(database.prepare(sql))));
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
