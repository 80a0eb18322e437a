import { describe, expect, it } from 'vitest';
import { type KeyEvent, keyEvents } from '../../src/audit/event.ts';
import { FIRST } from '../../src/keys/store.ts';
import { Unavailable } from '../../src/unavailable.ts';
import { expectContractKept } from '../support/contract-check.ts';
import {
  type Stores,
  aKey,
  aSession,
  aToken,
  aUser,
  aVerifyOnlyKey,
  connectTo,
  newDatabase,
  newFile,
  occasion,
  openStores,
} from '../support/sqlite.ts';
import { password, startTessera } from '../support/tessera.ts';
import { ask, listen } from '../support/wire.ts';

const ada = aUser('ada');
const session = aSession('s', ada);

/** Its reason needs more room than there is where the disk is full, so the event is what cannot be written. */
const now = occasion(1500, { reason: 'x'.repeat(100_000) });

/** Every change of keys, each with something to do, and the events that it leaves. */
const keyChanges: Record<string, { write: (stores: Stores) => Promise<unknown>; events: readonly KeyEvent[] }> = {
  insertKey: {
    write: ({ keys }) => keys.insertKey(aKey('c', 'b'), 'key.created', now),
    events: ['key.created'],
  },
  promoteKey: {
    write: ({ keys }) => keys.promoteKey('b', { from: 2000, to: 1500 }, now),
    events: ['key.activated'],
  },
  revokeKey: {
    write: ({ keys }) => keys.revokeKey('a', { promote: 'b', spare: aKey('c', 'b') }, now),
    events: ['key.revoked', 'key.activated', 'key.created'],
  },
  settleKeys: {
    write: ({ keys }) => keys.settleKeys({ tookOver: ['b'], destroyPrivate: ['b'], remove: ['a'] }, now),
    events: ['key.activated', 'key.destroyed', 'key.retired'],
  },
  resealKey: {
    write: ({ keys }) => keys.resealKey('a', { from: 'sealed a', to: 'sealed anew' }, now),
    events: ['key.resealed'],
  },
  insertVerifyOnlyKey: {
    write: ({ verifyOnlyKeys }) => verifyOnlyKeys.insertVerifyOnlyKey(aVerifyOnlyKey('w'), now),
    events: ['key.imported'],
  },
  revokeVerifyOnlyKey: {
    write: ({ verifyOnlyKeys }) => verifyOnlyKeys.revokeVerifyOnlyKey('v', now),
    events: ['key.revoked'],
  },
  removeVerifyOnlyKeys: {
    write: ({ verifyOnlyKeys }) => verifyOnlyKeys.removeVerifyOnlyKeys(['v'], now),
    events: ['key.retired'],
  },
};

/** Every method that writes, each with something to do. */
const writes: Record<string, (stores: Stores) => Promise<unknown>> = {
  ...Object.fromEntries(Object.entries(keyChanges).map(([name, { write }]) => [name, write])),
  noteTokens: ({ keys }) => keys.noteTokens('a', 5000),
  insertUser: ({ users }) => users.insertUser(aUser('grace', { passwordHash: 'x'.repeat(100_000) })),
  updateUser: ({ users }) => users.updateUser(ada.id, { name: 'x'.repeat(100_000), updatedAt: 2 }),
  replacePasswordHash: ({ users }) =>
    users.replacePasswordHash(ada.id, { from: ada.passwordHash, to: 'x'.repeat(100_000), at: 2, endSessionsBut: '' }),
  deleteUser: ({ users }) => users.deleteUser(ada.id),
  insertClient: ({ clients }) =>
    clients.insertClient({ id: 'c', name: 'x'.repeat(100_000), secretHash: 'c', scope: 'c', createdAt: 1 }),
  startSession: ({ sessions }) => {
    const more = aSession('t', ada, { scope: 'x'.repeat(100_000) });
    return sessions.startSession(more, aToken('u', more), ada.passwordHash);
  },
  rotateRefreshToken: ({ sessions }) => sessions.rotateRefreshToken('h', 2, aToken('x'.repeat(100_000), session)),
  endSession: ({ sessions }) => sessions.endSession('s', 2),
  revokeAccessToken: ({ accessTokens }) => accessTokens.revokeAccessToken('x'.repeat(100_000), 2),
};

/** Those that need more room than there is. */
const growing = Object.keys(writes).filter((name) => !/noteTokens|delete|endSession/.test(name));

async function populated(): Promise<{ file: string; stores: Stores }> {
  const file = await newFile();
  await newDatabase(file);
  const stores = openStores(file);
  await stores.keys.insertKey(aKey('a', FIRST), 'key.created', occasion(1000));
  await stores.keys.insertKey(aKey('b', 'a'), 'key.created', occasion(1000));
  await stores.verifyOnlyKeys.insertVerifyOnlyKey(aVerifyOnlyKey('v'), occasion(1000));
  await stores.users.insertUser(ada);
  await stores.sessions.startSession(session, aToken('h', session), ada.passwordHash);
  return { file, stores };
}

/** All that is stored, to see that a failure has left it as it was. */
function contentsOf(file: string): Record<string, unknown[]> {
  const database = connectTo(file);
  const tables = database.prepare("select name from sqlite_master where type = 'table'").all();
  const names = tables.map(({ name }) => String(name));
  const contents = Object.fromEntries(names.map((name) => [name, database.prepare(`select * from ${name}`).all()]));
  database.close();
  return contents;
}

describe.each(Object.entries(writes))('%s', (_, write) => {
  it('is unavailable while another process keeps the database locked, and changes nothing', async () => {
    const { file, stores } = await populated();
    const before = contentsOf(file);
    const other = connectTo(file);
    other.exec('begin immediate');
    await expect(write(stores)).rejects.toThrow(Unavailable);
    other.exec('rollback');
    expect(contentsOf(file)).toEqual(before);
    await write(stores);
    expect(contentsOf(file)).not.toEqual(before);
  });

  it('is unavailable while the database is read-only, and changes nothing', async () => {
    const { file, stores } = await populated();
    const before = contentsOf(file);
    await stores.run('PRAGMA query_only = ON');
    await expect(write(stores)).rejects.toThrow(Unavailable);
    expect(contentsOf(file)).toEqual(before);
    await stores.run('PRAGMA query_only = OFF');
    await write(stores);
    expect(contentsOf(file)).not.toEqual(before);
  });
});

describe.each(growing)('%s', (name) => {
  it('is unavailable while the disk is full, and changes nothing', async () => {
    const { file, stores } = await populated();
    const write = writes[name] ?? (() => Promise.resolve());
    const before = contentsOf(file);
    await stores.run('PRAGMA max_page_count = 1');
    await expect(write(stores)).rejects.toThrow(Unavailable);
    expect(contentsOf(file)).toEqual(before);
    await stores.run('PRAGMA max_page_count = 1000000');
    await write(stores);
    expect(contentsOf(file)).not.toEqual(before);
  });
});

describe.each(Object.entries(keyChanges))('%s', (_, { write, events }) => {
  it.each(events)('is not done when its event cannot be written, and leaves no other: %s', async (event) => {
    const { file, stores } = await populated();
    const before = contentsOf(file);
    const refusal = `before insert on audit_events when new.type = '${event}' begin select raise(abort, 'refused'); end`;
    await stores.run(`create temporary trigger refusal ${refusal}`);
    await expect(write(stores)).rejects.toThrow('refused');
    expect(contentsOf(file)).toEqual(before);
    await stores.run('drop trigger refusal');
    await write(stores);
    const written = contentsOf(file)['audit_events']?.slice(before['audit_events']?.length);
    expect(written).toMatchObject(events.map((type) => ({ type, at: now.at, reason: now.reason })));
  });
});

describe('a change of keys', () => {
  it('is tried here for every event that there is', () => {
    const tried = Object.values(keyChanges).flatMap(({ events }) => events);
    expect(new Set(tried)).toEqual(new Set(keyEvents));
  });
});

describe('a database that another process writes to', () => {
  it('can be read meanwhile', async () => {
    const { file, stores } = await populated();
    const other = connectTo(file);
    other.exec("begin immediate; delete from users; insert into revoked_tokens values ('x', 1)");
    expect(await stores.users.findUserByUsername('ada')).toEqual(ada);
    expect(await stores.keys.listKeys()).toHaveLength(2);
    expect(await stores.sessions.findRefreshToken('h')).toMatchObject({ user: ada });
    await stores.ping();
    other.exec('commit');
    expect(await stores.users.findUserByUsername('ada')).toBeUndefined();
  });
});

describe('a fault of ours', () => {
  it('is not taken for one that passes', async () => {
    const { file, stores } = await populated();
    connectTo(file).exec('drop table clients');
    const fault = await stores.clients.findClient('x').catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(Error);
    expect(fault).not.toBeInstanceOf(Unavailable);
  });
});

describe('a server whose database cannot be written', () => {
  const json = { 'Content-Type': 'application/json' };
  const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
  const account = JSON.stringify({ username: 'grace', password });
  const login = new URLSearchParams({ grant_type: 'password', username: 'ada', password }).toString();

  it.each(['locked', 'read-only'])('says so in the family of the operation, and recovers: %s', async (how) => {
    const file = await newFile();
    await newDatabase(file);
    const stores = openStores(file);
    const tessera = await startTessera({ DATABASE_URL: `sqlite:${file}` }, () => ({ stores }));
    await tessera.addUser('ada');
    const { access_token: token } = await tessera.login('ada');
    const { port, close } = await listen(tessera.app);
    const other = connectTo(file);
    if (how === 'locked') other.exec('begin immediate');
    else await stores.run('PRAGMA query_only = ON');

    const problem = await ask(port, 'POST', '/users', json, account);
    const oauth = await ask(port, 'POST', '/token', form, login);
    for (const [path, { status, headers }] of [
      ['/users', problem],
      ['/token', oauth],
    ] as const) {
      expect({ path, status, after: headers['retry-after'] }).toEqual({ path, status: 503, after: '1' });
    }
    expectContractKept('POST', '/users', problem);
    expectContractKept('POST', '/token', oauth);
    expect(JSON.parse(oauth.body)).toMatchObject({ error: 'temporarily_unavailable' });
    expect((await ask(port, 'GET', '/users/me', { Authorization: `Bearer ${token}` })).status).toBe(200);

    if (how === 'locked') other.exec('rollback');
    else await stores.run('PRAGMA query_only = OFF');
    expect((await ask(port, 'POST', '/users', json, account)).status).toBe(201);
    expect((await ask(port, 'POST', '/token', form, login)).status).toBe(200);
    close();
  });
});
