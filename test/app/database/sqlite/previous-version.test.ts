import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { newDatabase } from '../../../support/database.ts';
import { newFile, openFile } from '../../../support/sqlite.ts';
import { buildVersion } from '../../../support/database/versions.ts';

/** Every statement of the stores of version 0.1, which migrated as far as 003, as they were seen at work in its tests. */
const statements = JSON.parse(
  await readFile(new URL('./statements-003.json', import.meta.url), 'utf8'),
) as readonly string[];

/** What is wrong with those that this file does not understand. */
function findFaults(file: string): string[] {
  const database = openFile(file);
  return statements.flatMap((statement) => {
    try {
      database.prepare(statement);
      return [];
    } catch (error) {
      return [(error as Error).message];
    }
  });
}

describe('the statements of the version before', () => {
  it('are those of all its tables', async () => {
    const file = await newFile();
    await buildVersion(`sqlite:${file}`, '003-sessions-clients-limits');
    expect(findFaults(file)).toEqual([]);
    const tables = openFile(file).prepare(`select name from sqlite_master where type = 'table'`).all();
    const unused = tables
      .map(({ name }) => String(name))
      .filter((name) => !statements.some((each) => each.includes(name)));
    expect(unused.sort()).toEqual(['kysely_migration', 'sqlite_sequence']);
  });

  it('mean the same to the database when it has been brought up to date', async () => {
    const file = await newFile();
    await newDatabase(`sqlite:${file}`);
    expect(findFaults(file)).toEqual([]);
  });

  it('are not understood without what they name', async () => {
    const file = await newFile();
    await newDatabase(`sqlite:${file}`);
    openFile(file).exec('alter table users rename column disabled_at to gone_at');
    expect(findFaults(file)).toContain('no such column: users.disabled_at');
  });

  it('write every row that they wrote before', async () => {
    const file = await newFile();
    await newDatabase(`sqlite:${file}`);
    const database = openFile(file);
    database.exec('pragma foreign_keys = off');
    const inserts = statements.filter((each) => each.startsWith('insert ') && /values \((\?, )*\?\)/.test(each));
    expect(inserts.length).toBeGreaterThan(6);
    for (const [at, insert] of inserts.entries()) {
      const values = Array.from(insert.matchAll(/\?/g), () => at);
      // Each as it is written by that version: with a value for every column that it knew.
      database
        .prepare(insert)
        .run(...(insert.includes('signing_keys') ? values.map((value, n) => (n === 6 ? null : value)) : values));
    }
  });
});
