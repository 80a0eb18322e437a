import { describe, expect, it } from 'vitest';
import type { OpenDatabase } from '../../../src/database/open.ts';
import type { Role } from '../../../src/users/store.ts';
import { connectTo, newDatabase, newUrl, rowsOf } from '../../support/database.ts';
import { followAll } from '../../support/database/follow-all.ts';
import { aSession, aToken, aUser, occasion } from '../../support/records.ts';

const ada = aUser('Ada', { name: 'Ada Lovelace', roles: ['admin'] });
const now = occasion(2000);

async function started(...more: Parameters<typeof aUser>[]) {
  const url = await newUrl();
  const database = await newDatabase(url);
  for (const user of [ada, ...more.map((each) => aUser(...each))])
    expect(await database.users.insertUser(user, occasion(1000))).toBe(true);
  return { url, database, users: database.users };
}

async function typesSince({ audit }: OpenDatabase, at: number): Promise<string[]> {
  const events = (await audit.listEvents({ before: null, limit: 100, since: at })) ?? [];
  return events.map(({ type, subject }) => `${type} ${subject}`).toReversed();
}

describe('the UserStore', () => {
  it('leaves no event where nothing changes', async () => {
    const { database, users } = await started();
    const same = { username: 'Ada', usernameKey: 'ada', name: 'Ada Lovelace' };
    expect(await users.updateUser(ada.id, same, now)).toEqual(ada);
    expect(await users.updateUser(ada.id, {}, now)).toEqual(ada);
    expect(await users.administerUser(ada.id, { roles: ['admin'], disabled: false }, now)).toEqual(ada);
    expect(await users.administerUser(ada.id, {}, now)).toEqual(ada);
    expect(await users.insertUser({ ...ada, id: 'usr_2' }, now)).toBe(false);
    expect(await users.replacePasswordHash(ada.id, { from: 'another', to: 'x', endsSessionsBy: 's' }, now)).toBe(false);
    expect(await users.replacePasswordHash(ada.id, { from: ada.passwordHash, to: 'x' }, now)).toBe(true);
    expect(await users.updateUser('nobody', { name: 'x' }, now)).toBeUndefined();
    expect(await users.administerUser('nobody', { disabled: true }, now)).toBeUndefined();
    expect(await users.endSessionsOf('nobody', now)).toBeUndefined();
    expect(await users.deleteUser('nobody', now)).toBeUndefined();
    expect(await typesSince(database, 2000)).toEqual([]);
  });

  it('leaves the event out together with a change that could not be made', async () => {
    const { database, users } = await started(['grace']);
    const taken = { username: 'Grace', usernameKey: 'grace', name: 'x' };
    expect(await users.updateUser(ada.id, taken, now)).toBe('taken');
    expect(await users.findUser(ada.id)).toEqual(ada);
    expect(await typesSince(database, 2000)).toEqual([]);
  });

  it('asks by the account as it is whether it may be touched, and leaves it as it is where not', async () => {
    const { database, users } = await started(['grace', { roles: ['auditor'] }]);
    const asked: (readonly Role[])[] = [];
    const never = ({ roles }: { roles: readonly Role[] }) => {
      asked.push(roles);
      return false;
    };
    expect(await users.administerUser('usr_grace', { disabled: true }, now, never)).toBe('out-of-bounds');
    expect(await users.endSessionsOf('usr_grace', now, never)).toBe('out-of-bounds');
    expect(await users.deleteUser('usr_grace', now, never)).toBe('out-of-bounds');
    expect(asked).toEqual([['auditor'], ['auditor'], ['auditor']]);
    expect(await users.findUser('usr_grace')).toMatchObject({ disabledAt: null, roles: ['auditor'] });
    expect(await typesSince(database, 2000)).toEqual([]);
  });

  it('keeps an administrator, however many processes remove how many at once', async () => {
    const { url, users } = await started();
    const elsewhere = (await newDatabase(url)).users;
    const connection = await connectTo(url);
    const all = [ada, aUser('grace', { roles: ['admin'] }), aUser('joan', { roles: ['admin', 'support'] })];
    for (let round = 0; round < 20; round += 1) {
      await connection.all('delete from users');
      for (const user of all) await users.insertUser(user, occasion(1000));
      const outcomes = await Promise.all([
        users.administerUser(ada.id, { disabled: true }, now),
        elsewhere.administerUser('usr_grace', { roles: [] }, now),
        users.deleteUser('usr_joan', now),
        elsewhere.administerUser('usr_joan', { roles: ['support'] }, now),
      ]);
      expect(outcomes).toContain('last-administrator');
      const left = (await users.listUsers({ after: null, limit: 10 })).filter(
        ({ roles, disabledAt }) => roles.includes('admin') && disabledAt === null,
      );
      expect(left).toHaveLength(1);
    }
  });

  it('takes roles that it does not know for none, and leaves them to whoever does', async () => {
    const { url, users } = await started();
    const database = await connectTo(url);
    const store = (roles: string) => database.all('update users set roles = ? where id = ?', roles, ada.id);
    await store('["wizard","auditor",7,null]');
    expect(await users.findUser(ada.id)).toMatchObject({ roles: ['auditor'] });
    expect(await users.listUsers({ after: null, limit: 1 })).toMatchObject([{ roles: ['auditor'] }]);
    await users.administerUser(ada.id, { disabled: true }, now);
    expect(await database.all('select roles from users')).toEqual([{ roles: '["wizard","auditor",7,null]' }]);
    await users.administerUser(ada.id, { roles: ['support'] }, now);
    expect(await database.all('select roles from users')).toEqual([{ roles: '["support"]' }]);
    await store('"admin"');
    expect(await users.findUser(ada.id)).toMatchObject({ roles: [] });
  });

  it('ends what was left of the sessions of an account that an earlier version had disabled', async () => {
    const { url, database, users } = await started();
    const session = aSession('s', ada, { tokensExpireAt: 9000, expiresAt: 9000 });
    await database.sessions.startSession(session, null, ada.passwordHash, occasion(1000));
    await (await connectTo(url)).all('update users set disabled_at = 1500');
    await users.administerUser(ada.id, { disabled: false }, now);
    expect(await database.sessions.listSessions(ada.id, 2000)).toEqual([]);
    expect(await typesSince(database, 2000)).toEqual(['session.ended s', `user.enabled ${ada.id}`]);
  });

  it('removes an account with many used tokens at once for everybody, and row by row', async () => {
    const { url, database, users } = await started(['grace']);
    const grace = aUser('grace');
    for (const id of ['s', 't']) {
      const session = aSession(id, grace, { tokensExpireAt: 9000, expiresAt: 9000 });
      await database.sessions.startSession(session, aToken(`${id}-0`, session), grace.passwordHash, occasion(1000));
      const values = Array.from({ length: 300 }, (_, at) => `('${id}-used-${at}', '${id}', 1, 9000, 2)`);
      const statement = 'insert into refresh_tokens (hash, session_id, issued_at, expires_at, used_at) values ';
      await (await connectTo(url)).all(statement + values.join());
    }
    expect(await users.deleteUser(grace.id, now)).toBe('deleted');
    expect(await users.findUser(grace.id)).toBeUndefined();
    expect(await users.deleteUser(grace.id, now)).toBeUndefined();
    expect((await users.listUsers({ after: null, limit: 10 })).map(({ id }) => id)).toEqual([ada.id]);
    expect(await users.listUsers({ after: null, limit: 10, search: grace.id })).toEqual([]);
    const [left] = (await rowsOf(url, 'users')).filter(({ id }) => id === grace.id);
    expect(await users.findUserByUsername(String(left?.['username_key']))).toBeUndefined();
    expect((await rowsOf(url, 'refresh_tokens')).length).toBeGreaterThan(500);
    // The name is free while rows of the account are there.
    expect(await users.insertUser({ ...grace, id: 'usr_another' }, now)).toBe(true);
    await followAll(database);
    for (const table of ['refresh_tokens', 'sessions']) expect(await rowsOf(url, table)).toEqual([]);
    expect((await rowsOf(url, 'users')).map(({ id }) => id).toSorted()).toEqual([ada.id, 'usr_another'].toSorted());
    expect(await typesSince(database, 2000)).toEqual([`user.deleted ${grace.id}`, 'user.registered usr_another']);
  });

  it('lists behind a place, whether an account stands there or not', async () => {
    const { users } = await started(['grace']);
    const idsBehind = async (createdAt: number, id: string) =>
      (await users.listUsers({ after: { createdAt, id }, limit: 10 })).map((user) => user.id);
    const { createdAt } = ada;
    expect(await idsBehind(createdAt, '')).toEqual([ada.id, 'usr_grace']);
    expect(await idsBehind(createdAt, ada.id)).toEqual(['usr_grace']);
    expect(await idsBehind(createdAt, 'usr_g')).toEqual(['usr_grace']);
    expect(await idsBehind(createdAt, 'usr_grace')).toEqual([]);
    expect(await idsBehind(createdAt - 1, 'z')).toEqual([ada.id, 'usr_grace']);
    expect(await idsBehind(createdAt + 1, '')).toEqual([]);
  });
});
