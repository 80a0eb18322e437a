import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { type How, migrations } from '../../../src/database/migrations/migrate.ts';
import { postgresUpkeep } from '../../../src/database/postgres/upkeep.ts';

/** The statements of a migration. */
async function statementsOf(up: (db: Kysely<unknown>, how: How) => Promise<void>): Promise<string[]> {
  const statements: string[] = [];
  const db = new Kysely<unknown>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (each) => new PostgresIntrospector(each),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
    log: ({ query }) => void statements.push(query.sql.trim().replaceAll(/\s+/g, ' ').toLowerCase()),
  });
  await up(db, { upkeep: postgresUpkeep, concurrently: true });
  return statements;
}

/**
 * What in it would be in the way of a server of the version before, which knows nothing of it. Anything that is not known
 * to be harmless is.
 */
function findContractions(statements: readonly string[]): string[] {
  const made = statements.map((each) => /^create table "(\w+)"/.exec(each)?.[1]).filter((name) => name !== undefined);
  const isMade = (name: string | undefined) => name !== undefined && made.includes(name);
  const gives = (table: string | undefined, column: string | undefined) =>
    statements.some((each) => each.startsWith(`alter table "${table}" add column "${column}" `));
  return statements.filter((each) => {
    if (/^(create table|select) /.test(each)) return false;
    const [, unique, indexed] = /^create (unique )?index (?:concurrently )?"\w+" on "?(\w+)"?/.exec(each) ?? [];
    if (indexed !== undefined) return unique !== undefined && !isMade(indexed);
    // Half of what it then makes.
    const half = /^drop index concurrently if exists "(\w+)"$/.exec(each)?.[1];
    if (half !== undefined)
      return !statements.some((made) => made.startsWith(`create index concurrently "${half}" on `));
    // Settings of the connection, and a reference that is gone: what was allowed before still is.
    if (/^set \w+ = 0$/.test(each)) return false;
    if (/^alter table "\w+" drop constraint "\w+_fkey"$/.test(each)) return false;
    // What a column of its own gets where a server of the version before says nothing of it.
    const filled = /^create function "(\w+)_inherit_(\w+)"\(\) returns trigger .* if new\.(\w+) is null then/.exec(
      each,
    );
    if (filled !== null) return filled[2] !== filled[3] || !gives(filled[1], filled[2]);
    if (/^create trigger "(\w+)" before insert on "\w+" for each row execute function "\1"\(\)$/.test(each))
      return false;
    const [, written] = /^(?:insert into|update|delete from) "?(\w+)"?/.exec(each) ?? [];
    if (written !== undefined) return !isMade(written) && !each.startsWith('update ');
    const added = /^alter table "\w+" add column "\w+" (.*)$/.exec(each)?.[1];
    if (added === undefined) return true;
    return (
      /unique|primary key|check|references|generated/.test(added) || (/not null/.test(added) && !/default/.test(added))
    );
  });
}

const sinceReplicas = Object.entries(migrations).filter(([name]) => name >= '004');

describe('a migration since there are replicas', () => {
  it.each(sinceReplicas)('%s lets servers of the version before go on', async (name, { up, contracts }) => {
    const found = findContractions(await statementsOf(up));
    if (contracts === undefined) expect(found).toEqual([]);
    else {
      // A step that takes something away ends one of an earlier release, and adds nothing: that would be half of another.
      expect(Object.keys(migrations)).toContain(contracts);
      expect(contracts < name).toBe(true);
      expect(found).not.toEqual([]);
    }
  });

  it('has its place in the order of their names', () => {
    const names = Object.keys(migrations);
    expect(names).toEqual([...names].sort());
    expect(names.map((name) => name.slice(0, 3))).toEqual(names.map((_, at) => String(at + 1).padStart(3, '0')));
  });
});

describe('what would stop servers of the version before', () => {
  const schema = (step: (db: Kysely<unknown>) => { execute(): Promise<unknown> }) => async (db: Kysely<unknown>) => {
    await step(db).execute();
  };

  const sqlStep = (text: string) => async (db: Kysely<unknown>) => {
    await sql.raw(text).execute(db);
  };
  const filling =
    'create function "users_inherit_name"() returns trigger language plpgsql as $$begin if new.name is null then$$';

  it.each([
    ['a column that is dropped', schema((db) => db.schema.alterTable('users').dropColumn('name'))],
    ['a column that is renamed', schema((db) => db.schema.alterTable('users').renameColumn('name', 'called'))],
    ['a table that is renamed', schema((db) => db.schema.alterTable('users').renameTo('accounts'))],
    ['a table that is dropped', schema((db) => db.schema.dropTable('users'))],
    ['an index that is dropped', schema((db) => db.schema.dropIndex('users_by_age'))],
    [
      'a column of another type',
      schema((db) => db.schema.alterTable('users').alterColumn('name', (to) => to.setDataType('integer'))),
    ],
    [
      'a column that may not be null any more',
      schema((db) => db.schema.alterTable('users').alterColumn('name', (to) => to.setNotNull())),
    ],
    [
      'a new column that must be given',
      schema((db) => db.schema.alterTable('users').addColumn('x', 'text', (to) => to.notNull())),
    ],
    [
      'a new column with a condition',
      schema((db) => db.schema.alterTable('users').addColumn('x', 'text', (to) => to.unique())),
    ],
    ['a constraint', schema((db) => db.schema.alterTable('users').addUniqueConstraint('once', ['name']))],
    ['an index that is dropped aside', sqlStep('drop index concurrently if exists "users_by_age"')],
    [
      'a trigger that does more',
      sqlStep('create trigger "t" before update on "users" for each row execute function "t"()'),
    ],
    ['a function that fills in a column of an earlier step', sqlStep(filling)],
    ['an index that is unique', schema((db) => db.schema.createIndex('once').on('users').column('name').unique())],
  ])('is %s', async (_, up) => {
    expect(findContractions(await statementsOf(up))).toHaveLength(1);
  });

  it.each([
    ['a table', schema((db) => db.schema.createTable('x').addColumn('a', 'text', (to) => to.notNull().unique()))],
    ['an index', schema((db) => db.schema.createIndex('x').on('users').column('name'))],
    ['a column that may be null', schema((db) => db.schema.alterTable('users').addColumn('x', 'text'))],
    [
      'a column with a default',
      schema((db) => db.schema.alterTable('users').addColumn('x', 'text', (to) => to.notNull().defaultTo('a'))),
    ],
  ])('is not %s', async (_, up) => {
    expect(findContractions(await statementsOf(up))).toEqual([]);
  });
});
