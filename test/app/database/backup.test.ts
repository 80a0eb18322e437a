import { chmod, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { backUp } from '../../../src/database/transfer/backup.ts';
import { moveInstallation } from '../../../src/database/transfer/move.ts';
import { connectTo, newDatabase, newUrl } from '../../support/database.ts';
import { aUser, occasion } from '../../support/records.ts';
import { newFile } from '../../support/sqlite.ts';
import { contentsOf, fill } from '../../support/database/filled.ts';
import { buildVersion, newEmptyUrl } from '../../support/database/versions.ts';

const silent = { begin: () => undefined, advance: () => undefined, finishTable: () => undefined };
const byAda = { actor: { kind: 'script', name: 'ada' }, reason: null, at: 1_790_000_000 } as const;

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
    const { tables, bytes, notRecorded } = await backUp(url, file, silent, byAda).finally(() => {
      // eslint-disable-next-line no-restricted-syntax -- as above
      process.umask(umask);
    });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(file)).size).toBe(bytes);
    expect(await around(file)).toEqual([basename(file)]);
    const contents = await contentsOf(`sqlite:${file}`);
    expect(contents).toEqual(await contentsOf(url));
    expect(notRecorded).toBeNull();
    const event = contents['audit_events']?.at(-1);
    expect(event).toMatchObject({ type: 'backup.started', at: byAda.at, actor: JSON.stringify(byAda.actor) });
    expect(event).toMatchObject({ subject: '', detail: `to ${file}` });
    const expected = Object.entries(contents).map(([name, rows]) => ({ name, rows: rows.length }));
    expect(tables).toEqual(expected.sort((a, b) => (a.name < b.name ? -1 : 1)));
  });

  it('is restored by a move into an empty database, and is left as it was by that', async () => {
    const [url, file, restored] = [await filled(), await newFile(), await newEmptyUrl()];
    await backUp(url, file, silent, byAda);
    const before = await readFile(file);
    await chmod(file, 0o400);
    await moveInstallation(`sqlite:${file}`, restored, silent, byAda);
    expect((await readFile(file)).equals(before)).toBe(true);
    expect(await around(file)).toEqual([basename(file)]);
    const contents = await contentsOf(restored);
    expect(contents['audit_events']?.pop()).toMatchObject({ type: 'move.started', at: byAda.at });
    expect(contents).toEqual(await contentsOf(url));
  });

  it('is made without an event where the database cannot be written to, or is of another version, and says so', async () => {
    const readOnly = await filled();
    const other = await connectTo(readOnly);
    const refuse = readOnly.startsWith('postgres')
      ? [
          `create function refuse() returns trigger language plpgsql as $$ begin raise exception 'refused'; end $$`,
          `create trigger refusal before insert on audit_events for each row execute function refuse()`,
        ]
      : [`create trigger refusal before insert on audit_events begin select raise(abort, 'refused'); end`];
    for (const statement of refuse) await other.all(statement);
    const behind = `sqlite:${await newFile()}`;
    await buildVersion(behind, '002-what-keys-signed-and-audit');
    for (const [url, obstacle] of [
      [readOnly, /refused|P0001/],
      [behind, /behind this version|no server has worked with/],
    ] as const) {
      const file = await newFile();
      const { notRecorded } = await backUp(url, file, silent, byAda);
      expect(notRecorded).toMatch(obstacle);
      expect(await around(file)).toEqual([basename(file)]);
    }
  });

  it('never touches a file that is there', async () => {
    const [url, file] = [await filled(), await newFile()];
    await writeFile(file, 'mine');
    await expect(backUp(url, file, silent, byAda)).rejects.toThrow(`There is a file ${file} already.`);
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
    await backUp(url, file, silent, byAda);
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
