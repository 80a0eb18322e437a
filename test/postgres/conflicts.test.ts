/** Transactions that wait for each other, which PostgreSQL ends by rolling one back. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { TransactionConflict } from '../../src/database/faults.ts';
import { postgresEngine } from '../../src/database/postgres/engine.ts';
import { inTransaction } from '../../src/database/transaction.ts';
import { connectTo, newDatabase, newUrl, rowsOf } from '../support/database.ts';
import { aUser, occasion } from '../support/records.ts';

async function start() {
  const url = await newUrl();
  const database = await newDatabase(url);
  for (const name of ['a', 'b']) await database.users.insertUser(aUser(name), occasion(1000));
  const { db } = postgresEngine(url, { size: 4, statementTimeout: 5 });
  onTestFinished(() => db.destroy());
  return { url, database, db };
}

/** Resolves for all when `count` have come. */
function barrier(count: number): () => Promise<undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  let come = 0;
  return () => {
    come += 1;
    if (come === count) resolve(undefined);
    return promise;
  };
}

describe('two transactions that wait for each other', () => {
  it('are both done, one of them anew', async () => {
    const { url, db } = await start();
    const bothHaveOne = barrier(2);
    let tries = 0;
    const change = (name: string, first: string, second: string) =>
      inTransaction(db, async (trx) => {
        tries += 1;
        const append = async (id: string) => {
          const { name: before } = await trx
            .selectFrom('users')
            .select('name')
            .where('id', '=', id)
            .forUpdate()
            .executeTakeFirstOrThrow();
          await trx
            .updateTable('users')
            .set({ name: `${before ?? ''}${name}` })
            .where('id', '=', id)
            .execute();
        };
        await append(first);
        await bothHaveOne();
        await append(second);
        return name;
      });
    expect(await Promise.all([change('1', 'usr_a', 'usr_b'), change('2', 'usr_b', 'usr_a')])).toEqual(['1', '2']);
    expect(tries).toBe(3);
    const [one, two] = await rowsOf(url, 'users');
    expect(one?.['name']).toBe(two?.['name']);
    expect(String(one?.['name']).split('').toSorted()).toEqual(['1', '2']);
  });

  it('are given up when it happens over and over', async () => {
    const { db } = await start();
    let tries = 0;
    const conflict = new TransactionConflict('The database is unavailable.');
    const work = () => {
      tries += 1;
      return Promise.reject(conflict);
    };
    await expect(inTransaction(db, work)).rejects.toBe(conflict);
    expect(tries).toBe(5);
  });
});

describe('a transaction', () => {
  it('sees what those have done that it waited for, whatever level the operator made the usual one', async () => {
    const { url, database } = await start();
    const name = new URL(url).pathname.slice(1);
    await (await connectTo(url)).all(`alter database ${name} set default_transaction_isolation = 'repeatable read'`);
    const [one, two] = [await newDatabase(url), await newDatabase(url)];
    for (let round = 0; round < 10; round += 1) {
      const admins = [aUser(`x${round}`, { roles: ['admin'] }), aUser(`y${round}`, { roles: ['admin'] })];
      for (const admin of admins) await database.users.insertUser(admin, occasion(1000));
      const [x, y] = await Promise.all([
        one.users.administerUser(`usr_x${round}`, { roles: [] }, occasion(1001)),
        two.users.administerUser(`usr_y${round}`, { roles: [] }, occasion(1001)),
      ]);
      expect([x, y].filter((outcome) => outcome === 'last-administrator')).toHaveLength(1);
      const left = x === 'last-administrator' ? `usr_x${round}` : `usr_y${round}`;
      await (await connectTo(url)).all('delete from users where id = ?', left);
    }
  });
});

describe('the audit trail', () => {
  it('shows no event while one below it may still come, and waits for nobody who began later', async () => {
    const { url, database } = await start();
    const early = await connectTo(url);
    const write = (subject: string) =>
      `insert into audit_events (id, at, type, subject, actor)
        values ('evt_${subject.padEnd(22, '0')}', 1, 'key.created', '${subject}', '{"kind":"schedule"}')`;
    await early.all('begin');
    await early.all(write('early'));
    await database.audit.recordEvent('session.refused', 'late', occasion(1000));
    let page: (string | null)[] | undefined;
    const listing = database.audit.listEvents({ before: null, limit: 10 }).then((events) => {
      page = events?.map(({ subject }) => subject);
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(page).toBeUndefined();
    // Whoever comes now is above what is listed, and what is written after them is not listed either.
    const later = await connectTo(url);
    await later.all('begin');
    await later.all(write('later'));
    await database.audit.recordEvent('session.refused', 'latest', occasion(1000));
    await early.all('commit');
    await listing;
    expect(page).toEqual(['late', 'early', 'usr_b', 'usr_a']);
    await later.all('commit');
    const newest = await database.audit.listEvents({ before: null, limit: 2 });
    expect(newest?.map(({ subject }) => subject)).toEqual(['latest', 'later']);
  });

  it('is not shown where somebody who writes does not end', async () => {
    const { url, database } = await start();
    const stuck = await connectTo(url);
    await stuck.all('begin');
    await stuck.all(
      `insert into audit_events (id, at, type, subject, actor) values ('evt_x', 1, 'key.created', '', '{"kind":"schedule"}')`,
    );
    await expect(database.audit.listEvents({ before: null, limit: 10 })).rejects.toThrow('audit trail');
    await stuck.all('rollback');
    expect(await database.audit.listEvents({ before: null, limit: 10 })).toHaveLength(2);
  });
});
