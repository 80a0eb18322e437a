import { describe, expect, it } from 'vitest';
import { aSession, aToken, aUser, newDatabase } from '../support/sqlite.ts';

const ada = aUser('Ada', { name: 'Ada Lovelace', roles: ['admin'] });
const session = aSession('s', ada);
const token = aToken('h1', session);

/** A database in which Ada has a session with one refresh token. */
async function signedIn() {
  const database = await newDatabase();
  expect(await database.users.insertUser(ada)).toBe(true);
  expect(await database.sessions.startSession(session, token, ada.passwordHash)).toBe(true);
  return database;
}

describe('the UserStore', () => {
  it('gives back what it was given, by the username in the form that is compared', async () => {
    const { users } = await signedIn();
    expect(await users.findUserByUsername('ada')).toEqual(ada);
    expect(await users.findUserByUsername('Ada')).toBeUndefined();
    const hostile = aUser('\u0000"\'; drop table users; --', { usernameKey: "'", name: '😀\u0000é' });
    await users.insertUser(hostile);
    expect(await users.findUserByUsername("'")).toEqual(hostile);
  });

  it('lets one account have a username, of any number that want it at once', async () => {
    const { users } = await newDatabase();
    const rivals = Array.from({ length: 10 }, (_, at) => aUser('ADA', { id: `usr_${at}` }));
    expect((await Promise.all(rivals.map((user) => users.insertUser(user)))).filter(Boolean)).toHaveLength(1);
  });

  it('changes the members that are given and leaves the others', async () => {
    const { users } = await signedIn();
    expect(await users.updateUser(ada.id, { name: null, updatedAt: 2 })).toEqual({ ...ada, name: null, updatedAt: 2 });
    const renamed = { username: 'Augusta', usernameKey: 'augusta', updatedAt: 3 };
    expect(await users.updateUser(ada.id, renamed)).toEqual({ ...ada, name: null, ...renamed });
    expect(await users.findUserByUsername('ada')).toBeUndefined();
    expect(await users.updateUser('nobody', { updatedAt: 1 })).toBeUndefined();
  });

  it('refuses a username that another account has, and changes nothing', async () => {
    const { users } = await signedIn();
    await users.insertUser(aUser('grace'));
    const change = { username: 'Grace', usernameKey: 'grace', name: 'x', updatedAt: 2 };
    expect(await users.updateUser(ada.id, change)).toBe('taken');
    expect(await users.findUserByUsername('ada')).toEqual(ada);
  });

  it('replaces a password once, and ends every other session with it', async () => {
    const { users, sessions } = await signedIn();
    const other = aSession('other', ada);
    await sessions.startSession(other, aToken('h2', other), ada.passwordHash);
    const change = { from: ada.passwordHash, to: 'new', at: 5, endSessionsBut: 's' };
    const done = await Promise.all([1, 2, 3].map(() => users.replacePasswordHash(ada.id, change)));
    expect(done.filter(Boolean)).toHaveLength(1);
    expect(await users.findUserByUsername('ada')).toMatchObject({ passwordHash: 'new', updatedAt: 5 });
    expect(await sessions.findRefreshToken('h1')).toMatchObject({ session: { endedAt: null } });
    expect(await sessions.findRefreshToken('h2')).toMatchObject({ session: { endedAt: 5 } });
  });

  it('replaces a hash that has become cheap, and ends no session for it', async () => {
    const { users, sessions } = await signedIn();
    expect(await users.replacePasswordHash(ada.id, { from: ada.passwordHash, to: 'dearer', at: 5 })).toBe(true);
    expect(await sessions.findRefreshToken('h1')).toMatchObject({ session: { endedAt: null } });
  });

  it('removes an account with all that was kept for it', async () => {
    const { users, sessions, accessTokens } = await signedIn();
    await users.deleteUser(ada.id);
    expect(await users.findUserByUsername('ada')).toBeUndefined();
    expect(await sessions.findRefreshToken('h1')).toBeUndefined();
    expect(await accessTokens.findTokenUser({ jti: 'j', sessionId: 's', userId: ada.id })).toBeUndefined();
    await users.deleteUser(ada.id);
  });
});

describe('the SessionStore', () => {
  it('gives back the token with its session and its user', async () => {
    const { sessions } = await signedIn();
    expect(await sessions.findRefreshToken('h1')).toEqual({ token, session, user: ada });
    expect(await sessions.findRefreshToken('H1')).toBeUndefined();
  });

  it('starts no session for an account that has changed since it was read', async () => {
    const { users, sessions } = await signedIn();
    const next = aSession('next', ada);
    expect(await sessions.startSession(next, aToken('n', next), 'another hash')).toBe(false);
    await users.updateUser(ada.id, { disabledAt: 2, updatedAt: 2 });
    expect(await sessions.startSession(next, aToken('n', next), ada.passwordHash)).toBe(false);
    await users.deleteUser(ada.id);
    expect(await sessions.startSession(next, aToken('n', next), ada.passwordHash)).toBe(false);
    expect(await sessions.findRefreshToken('n')).toBeUndefined();
  });

  it('lets one of many rotate a token, and stores the successor of that one alone', async () => {
    const { sessions } = await signedIn();
    const successors = Array.from({ length: 10 }, (_, at) => aToken(`next${at}`, session));
    const rotated = await Promise.all(successors.map((next) => sessions.rotateRefreshToken('h1', 5, next)));
    expect(rotated.filter(Boolean)).toHaveLength(1);
    expect(await sessions.findRefreshToken('h1')).toMatchObject({ token: { usedAt: 5 } });
    const stored = await Promise.all(successors.map(({ hash }) => sessions.findRefreshToken(hash)));
    expect(stored.map((found) => found !== undefined)).toEqual(rotated);
  });

  it('rotates no token of a session that has ended', async () => {
    const { sessions } = await signedIn();
    await sessions.endSession('s', 3);
    expect(await sessions.rotateRefreshToken('h1', 5, aToken('n', session))).toBe(false);
    expect(await sessions.rotateRefreshToken('nobody', 5, aToken('n', session))).toBe(false);
    expect(await sessions.findRefreshToken('n')).toBeUndefined();
    expect(await sessions.findRefreshToken('h1')).toMatchObject({ token: { usedAt: null } });
  });

  it('undoes a rotation whose successor cannot be stored', async () => {
    const { sessions } = await signedIn();
    const homeless = aToken('n', { ...session, id: 'nowhere' });
    await expect(sessions.rotateRefreshToken('h1', 5, homeless)).rejects.toThrow('FOREIGN KEY');
    await expect(sessions.rotateRefreshToken('h1', 5, aToken('h1', session))).rejects.toThrow('UNIQUE');
    expect(await sessions.findRefreshToken('h1')).toMatchObject({ token: { usedAt: null } });
  });

  it('remembers when a session ended first', async () => {
    const { sessions } = await signedIn();
    await sessions.endSession('s', 3);
    await sessions.endSession('s', 9);
    await sessions.endSession('nobody', 9);
    expect(await sessions.findRefreshToken('h1')).toMatchObject({ session: { endedAt: 3 } });
  });
});

describe('the AccessTokenStore', () => {
  const good = { jti: 'j', sessionId: 's', userId: ada.id };

  it('finds the user behind a token, unless any part of it has ended', async () => {
    const { users, sessions, accessTokens } = await signedIn();
    expect(await accessTokens.findTokenUser(good)).toEqual(ada);
    for (const wrong of [{ sessionId: 'other' }, { userId: 'usr_other' }, { sessionId: '' }]) {
      expect(await accessTokens.findTokenUser({ ...good, ...wrong })).toBeUndefined();
    }

    await accessTokens.revokeAccessToken('j', 9);
    await accessTokens.revokeAccessToken('j', 9);
    expect(await accessTokens.findTokenUser(good)).toBeUndefined();
    const other = { ...good, jti: 'k' };
    expect(await accessTokens.findTokenUser(other)).toEqual(ada);

    await users.updateUser(ada.id, { disabledAt: 2, updatedAt: 1000 });
    expect(await accessTokens.findTokenUser(other)).toBeUndefined();
    await users.updateUser(ada.id, { disabledAt: null, updatedAt: 1000 });
    expect(await accessTokens.findTokenUser(other)).toEqual(ada);

    await sessions.endSession('s', 3);
    expect(await accessTokens.findTokenUser(other)).toBeUndefined();
  });

  it("does not take another user's session for one of the user", async () => {
    const { users, sessions, accessTokens } = await signedIn();
    const grace = aUser('grace');
    await users.insertUser(grace);
    const hers = aSession('hers', grace);
    await sessions.startSession(hers, aToken('h3', hers), grace.passwordHash);
    expect(await accessTokens.findTokenUser({ ...good, sessionId: 'hers' })).toBeUndefined();
  });

  it("finds a client's token good while the client is registered and the token not revoked", async () => {
    const { clients, accessTokens } = await newDatabase();
    await clients.insertClient({ id: 'c', name: 'n', secretHash: 'h', scope: 'a b', createdAt: 1 });
    expect(await accessTokens.isClientTokenGood({ jti: 'j', clientId: 'c' })).toBe(true);
    expect(await accessTokens.isClientTokenGood({ jti: 'j', clientId: 'd' })).toBe(false);
    await accessTokens.revokeAccessToken('j', 9);
    expect(await accessTokens.isClientTokenGood({ jti: 'j', clientId: 'c' })).toBe(false);
    expect(await accessTokens.isClientTokenGood({ jti: 'k', clientId: 'c' })).toBe(true);
  });
});

describe('the ClientStore', () => {
  it('gives back what it was given', async () => {
    const { clients } = await newDatabase();
    const client = { id: 'c', name: '"; é', secretHash: 'h', scope: 'a b', createdAt: 1 };
    await clients.insertClient(client);
    expect(await clients.findClient('c')).toEqual(client);
    expect(await clients.findClient('C')).toBeUndefined();
    await expect(clients.insertClient(client)).rejects.toThrow();
  });
});
