import { describe, expect, it } from 'vitest';
import { newDatabase } from '../../support/database.ts';
import { aSession, aToken, aUser, occasion } from '../../support/records.ts';

const ada = aUser('Ada', { name: 'Ada Lovelace', roles: ['admin'] });
const session = aSession('s', ada);
const token = aToken('h1', session);

/** A database in which Ada has a session with one refresh token. */
async function signedIn() {
  const database = await newDatabase();
  expect(await database.users.insertUser(ada, occasion(1000))).toBe(true);
  expect(await database.sessions.startSession(session, token, ada.passwordHash, occasion(1000))).toBe(true);
  return database;
}

describe('the UserStore', () => {
  it('gives back what it was given, by the username in the form that is compared', async () => {
    const { users } = await signedIn();
    expect(await users.findUserByUsername('ada')).toEqual(ada);
    expect(await users.findUserByUsername('Ada')).toBeUndefined();
    const hostile = aUser('\u0000"\'; drop table users; --', { usernameKey: "'", name: '😀\u0000é' });
    await users.insertUser(hostile, occasion(1000));
    expect(await users.findUserByUsername("'")).toEqual(hostile);
  });

  it('lets one account have a username, of any number that want it at once [HOSTILE/name-race]', async () => {
    const { users } = await newDatabase();
    const rivals = Array.from({ length: 10 }, (_, at) => aUser('ADA', { id: `usr_${at}` }));
    expect(
      (await Promise.all(rivals.map((user) => users.insertUser(user, occasion(1000))))).filter(Boolean),
    ).toHaveLength(1);
  });

  it('changes the members that are given and leaves the others', async () => {
    const { users } = await signedIn();
    expect(await users.updateUser(ada.id, { name: null }, occasion(1002))).toEqual({
      ...ada,
      name: null,
      updatedAt: 1002,
    });
    const renamed = { username: 'Augusta', usernameKey: 'augusta' };
    const after = { ...ada, name: null, ...renamed, updatedAt: 1003 };
    expect(await users.updateUser(ada.id, renamed, occasion(1003))).toEqual(after);
    expect(await users.findUserByUsername('ada')).toBeUndefined();
    expect(await users.updateUser('nobody', {}, occasion(1004))).toBeUndefined();
  });

  it('refuses a username that another account has, and changes nothing', async () => {
    const { users } = await signedIn();
    await users.insertUser(aUser('grace'), occasion(1000));
    const change = { username: 'Grace', usernameKey: 'grace', name: 'x' };
    expect(await users.updateUser(ada.id, change, occasion(1002))).toBe('taken');
    expect(await users.findUserByUsername('ada')).toEqual(ada);
  });

  it('replaces a password once, and ends every session with it', async () => {
    const { users, sessions } = await signedIn();
    const other = aSession('other', ada);
    await sessions.startSession(other, aToken('h2', other), ada.passwordHash, occasion(1000));
    const change = { from: ada.passwordHash, to: 'new', endsSessionsBy: session.id };
    const done = await Promise.all([1, 2, 3].map(() => users.replacePasswordHash(ada.id, change, occasion(1005))));
    expect(done.filter(Boolean)).toHaveLength(1);
    expect(await users.findUserByUsername('ada')).toMatchObject({ passwordHash: 'new', updatedAt: 1005 });
    for (const hash of ['h1', 'h2'])
      expect(await sessions.findRefreshToken(hash)).toMatchObject({ session: { endedAt: 1005 } });
  });

  it('replaces a hash that has become cheap, and ends no session for it', async () => {
    const { users, sessions } = await signedIn();
    expect(await users.replacePasswordHash(ada.id, { from: ada.passwordHash, to: 'dearer' }, occasion(1005))).toBe(
      true,
    );
    expect(await sessions.findRefreshToken('h1')).toMatchObject({ session: { endedAt: null } });
  });

  it('removes an account with all that was kept for it', async () => {
    const { users, sessions, accessTokens } = await signedIn();
    await users.insertUser(aUser('other', { roles: ['admin'] }), occasion(1000));
    await users.deleteUser(ada.id, occasion(1006));
    expect(await users.findUserByUsername('ada')).toBeUndefined();
    expect(await sessions.findRefreshToken('h1')).toBeUndefined();
    const accessToken = { jti: 'j', sessionId: 's', userId: ada.id, credentialId: undefined, now: 1006 };
    expect(await accessTokens.findTokenUser(accessToken)).toBeUndefined();
    await users.deleteUser(ada.id, occasion(1006));
  });
});
