import { describe, expect, it } from 'vitest';
import { eventTypes } from '../../../src/audit/event.ts';
import { Unavailable } from '../../../src/unavailable.ts';
import { expectContractKept } from '../../support/contract-check.ts';
import {
  type Row,
  type Stores,
  connectTo,
  holdUp,
  newDatabase,
  newUrl,
  openStores,
  tablesOf,
} from '../../support/database.ts';
import { isPostgres } from '../../support/place.ts';
import { password, startTessera } from '../../support/tessera.ts';
import { ask, listen } from '../../support/wire.ts';
import { type Change, ada, changes, now, populate } from '../../support/database/changes.ts';

async function populated(): Promise<{
  url: string;
  stores: Stores;
  make: (change: Change, by?: Stores) => Promise<unknown>;
}> {
  const url = await newUrl();
  await newDatabase(url);
  const stores = openStores(url, 'patient');
  const taken = await populate(stores);
  return { url, stores, make: ({ write }, by = stores) => write(by, taken) };
}

/** All that is stored, to see that a failure has left it as it was. */
async function contentsOf(url: string): Promise<Record<string, Row[]>> {
  const connection = await connectTo(url);
  const contents: Record<string, Row[]> = {};
  for (const table of await tablesOf(connection))
    contents[table] = (await connection.all(`select * from ${table}`)).toSorted((one, two) =>
      JSON.stringify(one) < JSON.stringify(two) ? -1 : 1,
    );
  await connection.close();
  return contents;
}

describe.each(Object.entries(changes))('%s', (_, change) => {
  it('is unavailable while another process keeps the database locked, and changes nothing', async () => {
    const { url, make } = await populated();
    const before = await contentsOf(url);
    const hurried = openStores(url);
    const letGo = await holdUp(url);
    await expect(make(change, hurried)).rejects.toThrow(Unavailable);
    await letGo();
    expect(await contentsOf(url)).toEqual(before);
    await make(change);
    expect(await contentsOf(url)).not.toEqual(before);
  });

  it('is unavailable while the database is read-only, and changes nothing', async () => {
    const { url, stores, make } = await populated();
    const before = await contentsOf(url);
    await stores.run(isPostgres ? 'set default_transaction_read_only = on' : 'PRAGMA query_only = ON');
    await expect(make(change)).rejects.toThrow(Unavailable);
    expect(await contentsOf(url)).toEqual(before);
    await stores.run(isPostgres ? 'set default_transaction_read_only = off' : 'PRAGMA query_only = OFF');
    await make(change);
    expect(await contentsOf(url)).not.toEqual(before);
  });
});

/** What has an event of that type refused. */
const refuse = (type: string) =>
  isPostgres
    ? [
        `create function refuse() returns trigger language plpgsql as $$ begin raise exception 'refused'; end $$`,
        `create trigger refusal before insert on audit_events for each row when (new.type = '${type}') execute function refuse()`,
      ]
    : [
        `create temporary trigger refusal before insert on audit_events when new.type = '${type}'
          begin select raise(abort, 'refused'); end`,
      ];

describe.each(Object.entries(changes).filter(([, { events }]) => events.length > 0))('%s', (_, change) => {
  it.each(change.events)('is not done when its event cannot be written, and leaves no other: %s', async (event) => {
    const { url, stores, make } = await populated();
    const before = await contentsOf(url);
    for (const statement of refuse(event)) await stores.run(statement);
    await expect(make(change)).rejects.toThrow(isPostgres ? 'SQLSTATE P0001' : 'refused');
    expect(await contentsOf(url)).toEqual(before);
    await stores.run(isPostgres ? 'drop function refuse cascade' : 'drop trigger refusal');
    await make(change);
    const known = new Set(before['audit_events']?.map(({ seq }) => seq));
    const events = (await contentsOf(url))['audit_events'] ?? [];
    const written = events
      .filter(({ seq }) => !known.has(seq))
      .sort((one, two) => Number(one['seq']) - Number(two['seq']));
    expect(written).toMatchObject(change.events.map((type) => ({ type, at: now.at, reason: now.reason })));
  });
});

describe('a change', () => {
  it('is tried here for every event that there is', () => {
    const tried = Object.values(changes).flatMap(({ events }) => events);
    expect(new Set(tried)).toEqual(new Set(eventTypes));
  });
});

describe('a database that another process writes to', () => {
  it('can be read meanwhile', async () => {
    const { url, stores } = await populated();
    const other = await connectTo(url);
    await other.all(isPostgres ? 'begin' : 'begin immediate');
    await other.all('delete from users');
    expect(await stores.users.findUserByUsername('ada')).toEqual(ada);
    expect(await stores.keys.listKeys()).toHaveLength(2);
    expect(await stores.sessions.findRefreshToken('h')).toMatchObject({ user: ada });
    await stores.ping();
    await other.all('commit');
    expect(await stores.users.findUserByUsername('ada')).toBeUndefined();
  });
});

describe('a fault of ours', () => {
  it('is not taken for one that passes', async () => {
    const { url, stores } = await populated();
    await (await connectTo(url)).all('alter table clients rename to gone');
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

  it.each(isPostgres ? ['locked'] : ['locked', 'read-only'])(
    'says so in the family of the operation, and recovers: %s',
    async (how) => {
      const url = await newUrl();
      await newDatabase(url);
      const stores = openStores(url);
      const tessera = await startTessera({ DATABASE_URL: url }, () => ({ stores }));
      await tessera.addUser('ada');
      const { access_token: token } = await tessera.login('ada');
      const { port, close } = await listen(tessera.app);
      const letGo = how === 'locked' ? await holdUp(url) : () => stores.run('PRAGMA query_only = OFF');
      if (how === 'read-only') await stores.run('PRAGMA query_only = ON');

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

      await letGo();
      expect((await ask(port, 'POST', '/users', json, account)).status).toBe(201);
      expect((await ask(port, 'POST', '/token', form, login)).status).toBe(200);
      close();
    },
  );
});
