/** What waits for the lock that keeps one administrator, and what must not. */
import { expect, it, onTestFinished } from 'vitest';
import { postgresEngine } from '../../src/database/postgres/engine.ts';
import { lockTurn } from '../../src/database/turns.ts';
import { connectTo, newDatabase, newUrl } from '../support/database.ts';
import { addSessions, countOpen } from '../support/database/many-sessions.ts';
import { aUser, occasion } from '../support/records.ts';
import { waitFor } from '../support/wait.ts';

/** A database whose lock somebody holds until `release` is called. */
async function start() {
  const url = await newUrl();
  const { users } = await newDatabase(url);
  for (const name of ['ada', 'bob', 'eve']) await users.insertUser(aUser(name), occasion(1000));
  for (const name of ['first', 'second']) await users.insertUser(aUser(name, { roles: ['admin'] }), occasion(1000));
  const { db } = postgresEngine(url, { size: 2, statementTimeout: 30 });
  const isHeld = Promise.withResolvers<undefined>();
  const isReleased = Promise.withResolvers<undefined>();
  const holder = db.transaction().execute(async (trx) => {
    await lockTurn(trx, 'administration');
    isHeld.resolve(undefined);
    await isReleased.promise;
  });
  await isHeld.promise;
  async function release(): Promise<void> {
    isReleased.resolve(undefined);
    await holder;
  }
  onTestFinished(async () => {
    await release();
    await db.destroy();
  });
  return { url, users, release };
}

it('nothing that is done to the account of a plain user waits for it', async () => {
  const { users } = await start();
  expect(await users.deleteUser('usr_ada', occasion(1001))).toBe('deleted');
  expect(await users.administerUser('usr_bob', { disabled: true }, occasion(1001))).toMatchObject({ disabledAt: 1001 });
  expect(await users.administerUser('usr_eve', { roles: ['auditor'] }, occasion(1001))).toMatchObject({
    roles: ['auditor'],
  });
  expect(await users.endSessionsOf('usr_eve', occasion(1001))).toBe('ended');
  expect(await users.endSessionsOf('usr_first', occasion(1001))).toBe('ended');
});

it.each([
  ['disables an administrator', 'usr_first', { disabled: true }],
  ['takes the role', 'usr_first', { roles: [] }],
  ['gives it', 'usr_ada', { roles: ['admin'] }],
  ['enables one', 'usr_first', { disabled: false }],
  ['deletes one', 'usr_first', undefined],
] as const)('who %s waits for it', async (_, id, change) => {
  const { url, users, release } = await start();
  let isDone = false;
  const doing = (
    change === undefined ? users.deleteUser(id, occasion(1001)) : users.administerUser(id, change, occasion(1001))
  ).then((outcome) => {
    isDone = true;
    return outcome;
  });
  const connection = await connectTo(url);
  await waitFor(async () => {
    const waiting = await connection.all(
      "select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
    );
    return waiting.length > 0;
  });
  expect(isDone).toBe(false);
  await release();
  expect(await doing).not.toBeUndefined();
});

it('an account of which a row goes meanwhile keeps the others for later, however many there are', async () => {
  const { url, users } = await start();
  await addSessions(url, { userId: 'usr_ada', now: 1000, count: 40 });
  const other = await connectTo(url);
  await other.all('begin');
  await other.all(
    "delete from sessions where id = (select id from sessions where user_id = 'usr_ada' order by address limit 1)",
  );
  // It removes sixteen at once, and waits for that one.
  const deleting = users.deleteUser('usr_ada', occasion(1001));
  const connection = await connectTo(url);
  await waitFor(async () => {
    const waiting = await connection.all(
      "select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
    );
    return waiting.length > 0;
  });
  await other.all('commit');
  expect(await deleting).toBe('deleted');
  expect(await countOpen(url, 'usr_ada')).toBe(40 - 16);
});
