import { chmod, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { backUp } from '../../../src/database/backup.ts';
import { moveInstallation } from '../../../src/database/move.ts';
import { newDatabase, newUrl } from '../../support/database.ts';
import { aUser, occasion } from '../../support/records.ts';
import { newFile } from '../../support/sqlite.ts';
import { contentsOf, fill } from '../../support/database/filled.ts';
import { newEmptyUrl } from '../../support/database/versions.ts';

const silent = { begin: () => undefined, advance: () => undefined, finishTable: () => undefined };

async function filled(): Promise<string> {
  const url = await newUrl();
  await newDatabase(url).then((database) => database.close());
  await fill(url);
  return url;
}

/** What lies in the folder of a file. */
async function around(file: string): Promise<string[]> {
  return (await readdir(dirname(file))).sort();
}

describe('backUp', () => {
  it('writes everything to one file for its owner alone, whatever the umask, and says what is in it', async () => {
    const [url, file] = [await filled(), await newFile()];
    // eslint-disable-next-line no-restricted-syntax -- the subject, and put back before the next test
    const umask = process.umask(0);
    const { tables, bytes } = await backUp(url, file, silent).finally(() => {
      // eslint-disable-next-line no-restricted-syntax -- as above
      process.umask(umask);
    });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(file)).size).toBe(bytes);
    expect(await around(file)).toEqual([basename(file)]);
    const contents = await contentsOf(`sqlite:${file}`);
    expect(contents).toEqual(await contentsOf(url));
    const expected = Object.entries(contents).map(([name, rows]) => ({ name, rows: rows.length }));
    expect(tables).toEqual(expected.sort((a, b) => (a.name < b.name ? -1 : 1)));
  });

  it('is restored by a move into an empty database, and is left as it was by that', async () => {
    const [url, file, restored] = [await filled(), await newFile(), await newEmptyUrl()];
    await backUp(url, file, silent);
    const before = await readFile(file);
    await chmod(file, 0o400);
    await moveInstallation(`sqlite:${file}`, restored, silent);
    expect((await readFile(file)).equals(before)).toBe(true);
    expect(await around(file)).toEqual([basename(file)]);
    expect(await contentsOf(restored)).toEqual(await contentsOf(url));
  });

  it('never touches a file that is there', async () => {
    const [url, file] = [await filled(), await newFile()];
    await writeFile(file, 'mine');
    await expect(backUp(url, file, silent)).rejects.toThrow(`There is a file ${file} already.`);
    expect(await readFile(file, 'utf8')).toBe('mine');
    expect(await around(file)).toEqual([basename(file)]);
  });

  it('is as of one moment while others write: every account with all its events, none without', async () => {
    const [url, file] = [await filled(), await newFile()];
    const { users } = await newDatabase(url);
    const known: string[] = [];
    let isOver = false as boolean;
    const writing = (async () => {
      for (let n = 0; !isOver; n += 1) {
        const user = aUser(`w${n}`);
        expect(await users.insertUser(user, occasion(n))).toBe(true);
        known.push(user.id);
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    while (known.length < 20) await new Promise((resolve) => setTimeout(resolve, 5));
    const acknowledged = [...known];
    await backUp(url, file, silent);
    isOver = true;
    await writing;
    const copy = new DatabaseSync(file, { readOnly: true });
    const ids = copy
      .prepare(`select id from users where id like 'usr\\_w%' escape '\\'`)
      .all()
      .map(({ id }) => String(id));
    const subjects = copy.prepare(`select subject from audit_events where type = 'user.registered'`).all();
    copy.close();
    expect(ids).toEqual(expect.arrayContaining(acknowledged));
    expect(subjects.map(({ subject }) => subject).sort()).toEqual(ids.sort());
  });
});
