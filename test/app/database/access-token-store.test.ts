import { describe, expect, it } from 'vitest';
import type { OpenDatabase } from '../../../src/database/open.ts';
import { connectTo, newDatabase, newUrl } from '../../support/database.ts';
import { aClient, aSession, aUser, occasion } from '../../support/records.ts';

const ada = aUser('ada');
const good = { jti: 'j', sessionId: 's', userId: ada.id, credentialId: undefined, now: 1500 };
const own = { jti: 'j', clientId: 'c', credentialId: undefined };

async function signedIn(): Promise<OpenDatabase> {
  const database = await newDatabase();
  await database.users.insertUser(ada, occasion(1000));
  await database.sessions.startSession(aSession('s', ada), null, ada.passwordHash, occasion(1000));
  return database;
}

describe('the user behind an access token', () => {
  it('is found while nothing of it has ended', async () => {
    const { accessTokens } = await signedIn();
    expect(await accessTokens.findTokenUser(good)).toEqual({ user: ada, client: null });
    for (const wrong of [{ sessionId: 'other' }, { userId: 'usr_other' }, { sessionId: '' }])
      expect(await accessTokens.findTokenUser({ ...good, ...wrong })).toBeUndefined();
  });

  it('is not found once the token is revoked, which ends no other', async () => {
    const { accessTokens } = await signedIn();
    await accessTokens.revokeAccessToken({ jti: 'j', expiresAt: 2000 }, occasion(1500));
    expect(await accessTokens.findTokenUser(good)).toBeUndefined();
    expect(await accessTokens.findTokenUser({ ...good, jti: 'k' })).toEqual({ user: ada, client: null });
  });

  it('is not found once the account is disabled', async () => {
    const { users, accessTokens } = await signedIn();
    await users.administerUser(ada.id, { disabled: true }, occasion(1500));
    expect(await accessTokens.findTokenUser(good)).toBeUndefined();
  });

  it('is not found once the session has been ended', async () => {
    const { sessions, accessTokens } = await signedIn();
    await sessions.endSession({ id: 's', userId: ada.id }, occasion(1500));
    expect(await accessTokens.findTokenUser(good)).toBeUndefined();
  });

  it('is not found from the second on in which the session ends by itself', async () => {
    const { accessTokens } = await signedIn();
    expect(await accessTokens.findTokenUser({ ...good, now: 8999 })).toEqual({ user: ada, client: null });
    expect(await accessTokens.findTokenUser({ ...good, now: 9000 })).toBeUndefined();
  });

  it("is not found for another user's session", async () => {
    const { users, sessions, accessTokens } = await signedIn();
    const grace = aUser('grace');
    await users.insertUser(grace, occasion(1000));
    await sessions.startSession(aSession('hers', grace), null, grace.passwordHash, occasion(1000));
    expect(await accessTokens.findTokenUser({ ...good, sessionId: 'hers' })).toBeUndefined();
  });
});

describe('a client that lacks what it was registered with', () => {
  it.each(['audiences', 'grant_types'])('is none: its %s', async (column) => {
    const url = await newUrl();
    const { users, clients, sessions, accessTokens } = await newDatabase(url);
    await clients.insertClient(aClient('c'), null, occasion(1000));
    await users.insertUser(ada, occasion(1000));
    const session = aSession('s', ada, { clientId: 'c' });
    expect(await sessions.startSession(session, null, ada.passwordHash, occasion(1000))).toBe(true);
    expect(await accessTokens.findTokenUser(good)).toBeDefined();
    const connection = await connectTo(url);
    await connection.all(`update clients set ${column} = null`);
    expect(await accessTokens.findTokenUser(good)).toBeUndefined();
    expect(await accessTokens.findTokenClient(own)).toBeUndefined();
  });
});

describe("a client's own access token", () => {
  it('is good while the client is registered and the token not revoked', async () => {
    const { clients, accessTokens } = await newDatabase();
    await clients.insertClient(aClient('c'), null, occasion(1000));
    const { scope, audiences, grantTypes } = aClient('c');
    expect(await accessTokens.findTokenClient(own)).toEqual({ scope, audiences, grantTypes });
    expect(await accessTokens.findTokenClient({ ...own, clientId: 'd' })).toBeUndefined();
    await accessTokens.revokeAccessToken({ jti: 'j', expiresAt: 2000 }, occasion(1500));
    expect(await accessTokens.findTokenClient(own)).toBeUndefined();
    expect(await accessTokens.findTokenClient({ ...own, jti: 'k' })).toBeDefined();
    await clients.deleteClient('c', () => true, occasion(1600));
    expect(await accessTokens.findTokenClient({ ...own, jti: 'k' })).toBeUndefined();
  });
});
