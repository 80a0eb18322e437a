import { describe, expect, it } from 'vitest';
import { clientEvents, keyEvents, sessionEvents, tokenEvents, userEvents } from '../../src/audit/event.ts';
import { Unavailable } from '../../src/unavailable.ts';
import { expectContractKept } from '../support/contract-check.ts';
import { type Stores, connectTo, newDatabase, newFile, openStores } from '../support/sqlite.ts';
import { password, startTessera } from '../support/tessera.ts';
import { ask, listen } from '../support/wire.ts';
import { type Change, ada, changes, now, populate } from './changes.ts';

async function populated(): Promise<{ file: string; stores: Stores; make: (change: Change) => Promise<unknown> }> {
  const file = await newFile();
  await newDatabase(file);
  const stores = openStores(file);
  const taken = await populate(stores);
  return { file, stores, make: ({ write }) => write(stores, taken) };
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

describe.each(Object.entries(changes))('%s', (_, change) => {
  it('is unavailable while another process keeps the database locked, and changes nothing', async () => {
    const { file, make } = await populated();
    const before = contentsOf(file);
    const other = connectTo(file);
    other.exec('begin immediate');
    await expect(make(change)).rejects.toThrow(Unavailable);
    other.exec('rollback');
    expect(contentsOf(file)).toEqual(before);
    await make(change);
    expect(contentsOf(file)).not.toEqual(before);
  });

  it('is unavailable while the database is read-only, and changes nothing', async () => {
    const { file, stores, make } = await populated();
    const before = contentsOf(file);
    await stores.run('PRAGMA query_only = ON');
    await expect(make(change)).rejects.toThrow(Unavailable);
    expect(contentsOf(file)).toEqual(before);
    await stores.run('PRAGMA query_only = OFF');
    await make(change);
    expect(contentsOf(file)).not.toEqual(before);
  });
});

describe.each(Object.entries(changes).filter(([, { grows }]) => grows))('%s', (_, change) => {
  it('is unavailable while the disk is full, and changes nothing', async () => {
    const { file, stores, make } = await populated();
    const before = contentsOf(file);
    await stores.run('PRAGMA max_page_count = 1');
    await expect(make(change)).rejects.toThrow(Unavailable);
    expect(contentsOf(file)).toEqual(before);
    await stores.run('PRAGMA max_page_count = 1000000');
    await make(change);
    expect(contentsOf(file)).not.toEqual(before);
  });
});

describe.each(Object.entries(changes).filter(([, { events }]) => events.length > 0))('%s', (_, change) => {
  it.each(change.events)('is not done when its event cannot be written, and leaves no other: %s', async (event) => {
    const { file, stores, make } = await populated();
    const before = contentsOf(file);
    const refusal = `before insert on audit_events when new.type = '${event}' begin select raise(abort, 'refused'); end`;
    await stores.run(`create temporary trigger refusal ${refusal}`);
    await expect(make(change)).rejects.toThrow('refused');
    expect(contentsOf(file)).toEqual(before);
    await stores.run('drop trigger refusal');
    await make(change);
    const written = contentsOf(file)['audit_events']?.slice(before['audit_events']?.length);
    expect(written).toMatchObject(change.events.map((type) => ({ type, at: now.at, reason: now.reason })));
  });
});

describe('a change', () => {
  it('is tried here for every event that there is', () => {
    const tried = Object.values(changes).flatMap(({ events }) => events);
    const all = [...keyEvents, ...userEvents, ...sessionEvents, ...clientEvents, ...tokenEvents];
    expect(new Set(tried)).toEqual(new Set(all));
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
