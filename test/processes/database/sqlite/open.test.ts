import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../../../src/database/open.ts';
import { newDatabase } from '../../../support/database.ts';
import { aUser, occasion } from '../../../support/records.ts';
import { newFile, openFile } from '../../../support/sqlite.ts';
import { useFromAnotherProcess } from '../../../support/database/another-process.ts';

function count(file: string, table: string): number {
  const [row] = openFile(file).prepare(`select count(*) as n from ${table}`).all() as { n: number }[];
  return row?.n ?? -1;
}

/** The migrations that were carried out on it. */
function historyOf(file: string): unknown[] {
  const rows = openFile(file).prepare('select name from kysely_migration order by name').all();
  return rows.map((row) => row['name']);
}

/** All that there are, as one process carries them out on a new database. */
async function fullHistory(): Promise<unknown[]> {
  const file = await newFile();
  await newDatabase(`sqlite:${file}`);
  return historyOf(file);
}

async function modeOf(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777;
}

describe('openDatabase', () => {
  it('makes the folders and the file, for their owner alone, whatever the umask', async () => {
    const file = join(dirname(await newFile()), 'a', 'b', 'tessera.db');
    const before = process.umask(0);
    const database = await openDatabase(`sqlite:${file}`).finally(() => process.umask(before));
    expect(await modeOf(dirname(file))).toBe(0o700);
    for (const each of ['', '-wal', '-shm']) expect(await modeOf(file + each)).toBe(0o600);
    await database.close();
  });

  it('leaves nothing but the file behind when it is closed', async () => {
    const file = await newFile();
    const database = await openDatabase(`sqlite:${file}`);
    await database.users.insertUser(aUser('ada'), occasion(1000));
    await database.close();
    await expect(stat(`${file}-wal`)).rejects.toThrow('ENOENT');
    expect(count(file, 'users')).toBe(1);
  });

  it('brings the schema up to date once, and keeps what is there', async () => {
    const file = await newFile();
    const first = await openDatabase(`sqlite:${file}`);
    await first.users.insertUser(aUser('ada'), occasion(1000));
    await first.close();
    const history = historyOf(file);
    expect(history.length).toBeGreaterThan(0);
    const second = await newDatabase(`sqlite:${file}`);
    expect(await second.users.findUserByUsername('ada')).toEqual(aUser('ada'));
    expect(historyOf(file)).toEqual(history);
  });

  it('refuses a database that is ahead of this code, and leaves it as it is', async () => {
    const file = await newFile();
    await (await openDatabase(`sqlite:${file}`)).close();
    const other = openFile(file);
    other.exec("insert into kysely_migration (name, timestamp) values ('999-from-the-future', 'x')");
    await expect(openDatabase(`sqlite:${file}`)).rejects.toThrow('999-from-the-future');
    other.exec("delete from kysely_migration where name like '999%'");
    // Nobody else has the database open: only then does SQLite leave the WAL.
    expect(other.prepare('PRAGMA journal_mode = delete').get()).toEqual({ journal_mode: 'delete' });
    await (await openDatabase(`sqlite:${file}`)).close();
  });

  it('undoes a migration that fails half-way', async () => {
    const file = await newFile();
    const other = openFile(file);
    other.exec('create table sessions (x)');
    await expect(openDatabase(`sqlite:${file}`)).rejects.toThrow(/sessions/);
    const rows = other.prepare("select name from sqlite_master where type = 'table' and name not like 'kysely%'").all();
    expect(rows.map((row) => row['name'])).toEqual(['sessions']);
    other.exec('drop table sessions');
    await newDatabase(`sqlite:${file}`);
    expect(historyOf(file)).toEqual(await fullHistory());
  });

  it('may be called in several processes at the same moment, for a database that is not there yet', async () => {
    for (const round of ['one', 'two']) {
      const file = await newFile();
      const ends = await Promise.all(['a', 'b', 'c'].map((name) => useFromAnotherProcess(file, 0, `${round}${name}`)));
      for (const end of ends) expect(end).toEqual({ code: 0, stderr: '' });
      expect(historyOf(file)).toEqual(await fullHistory());
    }
  });
});

describe('several processes that write to one database', () => {
  it('wait for each other: none finds it locked, and nothing is lost', async () => {
    const file = await newFile();
    await (await openDatabase(`sqlite:${file}`)).close();
    const rounds = 25;
    const ends = await Promise.all(['a', 'b', 'c'].map((name) => useFromAnotherProcess(file, rounds, name)));
    for (const end of ends) expect(end).toEqual({ code: 0, stderr: '' });
    expect(count(file, 'clients')).toBe(3 * rounds);
    expect(count(file, 'revoked_tokens')).toBe(3 * rounds);
    expect(count(file, 'users')).toBe(3 * Math.ceil(rounds / 2));
    expect(count(file, 'refresh_tokens')).toBe(2 * 3 * Math.ceil(rounds / 2));
  });
});
