import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { systemClock } from '../../../../src/clock.ts';
import { openDatabase } from '../../../../src/database/open.ts';
import { FIRST } from '../../../../src/keys/store.ts';
import { newDatabase } from '../../../support/database.ts';
import { aKey, aUser, occasion } from '../../../support/records.ts';
import { newFile, openFile } from '../../../support/sqlite.ts';
import { useFromAnotherProcess } from '../../../support/database/another-process.ts';
import { buildVersion001, type KeyRow } from './version-001.ts';

const now = 1_800_000_000;
const day = 86_400;

/** A line with a key for everything that a key can be for at `now`. */
function lineAt(now: number): KeyRow[] {
  const turn = (
    kid: string,
    succeeds: string,
    begins: number,
    tokensLiveFor: number,
    sealed: string | null = `sealed ${kid}`,
  ) => ({ kid, succeeds, activates_at: begins, tokens_live_for: tokensLiveFor, sealed_private_key: sealed });
  return [
    { ...turn('revoked', FIRST, now - 90 * day, 600, null), revoked_at: now - 70 * day },
    turn('retired', 'revoked', now - 70 * day, 7200, null),
    turn('retiring', 'retired', now - 30 * day, 900),
    turn('active', 'retiring', now, 3600),
    turn('standby', 'active', now + 1, 3600),
  ];
}

const line = lineAt(now);

async function version001(keys = line): Promise<string> {
  const file = await newFile();
  buildVersion001(file, keys);
  return file;
}

/** What `statement` finds, as plain objects. */
function query(file: string, statement: string): Record<string, unknown>[] {
  const database = openFile(file);
  const rows = database.prepare(statement).all();
  database.close();
  return rows.map((row) => ({ ...row }));
}

function columnsOf(file: string, table: string): unknown[] {
  return query(file, `pragma table_info(${table})`).map(({ name }) => name);
}

/** What version 001 knew of accounts, but for the secrets of clients. */
function accountsOf(file: string): Record<string, unknown>[][] {
  return [
    'select id, username, username_key, name, password_hash, roles, disabled_at, created_at, updated_at from users',
    'select id, name, scope, created_at from clients',
    'select id, user_id, client_id, scope, created_at, ended_at from sessions',
    'select hash, session_id, issued_at, expires_at, used_at from refresh_tokens',
    'select * from revoked_tokens',
  ].map((statement) => query(file, statement));
}

/** Has the clock stand at `now` until the test ends. */
function stopTheClock(): void {
  vi.useFakeTimers({ toFake: ['Date'], now: now * 1000 });
  onTestFinished(() => {
    vi.useRealTimers();
  });
}

describe('a database of version 001', () => {
  it('comes to say by when the tokens of a key expire: it may have signed one just now, unless it is a standby', async () => {
    stopTheClock();
    const { keys } = await newDatabase(`sqlite:${await version001()}`);
    const told = (await keys.listKeys()).map(({ kid, tokensExpireAt }) => ({ kid, tokensExpireAt }));
    expect(told).toEqual([
      { kid: 'revoked', tokensExpireAt: now + 600 },
      { kid: 'retired', tokensExpireAt: now + 7200 },
      { kid: 'retiring', tokensExpireAt: now + 900 },
      { kid: 'active', tokensExpireAt: now + 3600 },
      { kid: 'standby', tokensExpireAt: null },
    ]);
  });

  it('keeps every other fact about its keys, in their order, and knows of each that it took over', async () => {
    stopTheClock();
    const { keys, audit, verifyOnlyKeys } = await newDatabase(`sqlite:${await version001()}`);
    const told = (await keys.listKeys()).map((key) => ({ ...key, tokensExpireAt: null }));
    const [revoked, retired, retiring, active, standby] = line.map(({ kid, succeeds, activates_at: at, ...row }) =>
      aKey(kid, succeeds, { activatesAt: at, tookOverAt: at, sealedPrivateKey: row.sealed_private_key }),
    );
    expect(told).toEqual([
      { ...revoked, revokedAt: now - 70 * day },
      // Nobody remembers when it was destroyed, but it has been by now.
      { ...retired, destroyedAt: now },
      retiring,
      active,
      { ...standby, tookOverAt: null },
    ]);
    expect(await audit.listEvents({ before: null, limit: 10 })).toEqual([]);
    expect(await verifyOnlyKeys.listVerifyOnlyKeys()).toEqual([]);
  });

  it('no longer says how long the tokens of a key live', async () => {
    const file = await version001();
    expect(columnsOf(file, 'signing_keys')).toContain('tokens_live_for');
    await newDatabase(`sqlite:${file}`);
    expect(columnsOf(file, 'signing_keys')).not.toContain('tokens_live_for');
  });

  it('keeps its accounts, sessions and tokens, and how they hang together', async () => {
    const file = await version001();
    const before = accountsOf(file);
    const { users, sessions } = await newDatabase(`sqlite:${file}`);
    expect(accountsOf(file)).toEqual(before);
    expect(query(file, 'pragma integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    expect(query(file, 'pragma foreign_key_check')).toEqual([]);
    expect(await sessions.findRefreshToken('h2')).toMatchObject({ session: { id: 's1' }, user: { id: 'usr_ada' } });
    await users.insertUser(aUser('root', { roles: ['admin'] }), occasion(now));
    expect(await users.deleteUser('usr_ada', occasion(now))).toBe('deleted');
    expect(query(file, 'select * from sessions')).toEqual([]);
    expect(query(file, 'select * from refresh_tokens')).toEqual([]);
  });

  it('keeps the rules of the line', async () => {
    const file = await version001();
    const { keys } = await newDatabase(`sqlite:${file}`);
    const statement = "update signing_keys set revoked_at = 1, sealed_private_key = 'x' where kid = 'active'";
    expect(() => query(file, statement)).toThrow('revoked_is_destroyed');
    expect(() => query(file, "update signing_keys set kid = 'active' where kid = 'standby'")).toThrow('UNIQUE');
    expect(() => query(file, "update signing_keys set succeeds = 'retired' where kid = 'standby'")).toThrow('UNIQUE');
    expect(await keys.insertKey(aKey('x', 'active'), 'key.created', occasion(now))).toBe(false);
    expect(await keys.insertKey(aKey('x', 'standby'), 'key.created', occasion(now))).toBe(true);
    expect((await keys.listKeys()).at(-1)).toEqual(aKey('x', 'standby'));
  });

  it('is brought up once by several processes at the same moment', async () => {
    const earliest = systemClock();
    const file = await version001(lineAt(earliest));
    const ends = await Promise.all(['a', 'b', 'c'].map((name) => useFromAnotherProcess(file, 0, name)));
    for (const end of ends) expect(end).toEqual({ code: 0, stderr: '' });
    expect(query(file, "select name from kysely_migration where name like '002%'")).toHaveLength(1);
    expect(query(file, 'select kid from signing_keys order by place')).toEqual(line.map(({ kid }) => ({ kid })));
    const [active] = query(file, "select tokens_expire_at - 3600 as at from signing_keys where kid = 'active'");
    expect(active?.['at']).toBeGreaterThanOrEqual(earliest);
    expect(active?.['at']).toBeLessThanOrEqual(systemClock());
  });

  it('is left as it was by a migration that fails half-way', async () => {
    const file = await version001();
    const before = query(file, 'select * from signing_keys');
    query(file, 'create index audit_events_by_subject on users (name)');
    await expect(openDatabase(`sqlite:${file}`)).rejects.toThrow('audit_events_by_subject');
    expect(query(file, 'select * from signing_keys')).toEqual(before);
    expect(columnsOf(file, 'audit_events')).toEqual([]);
    query(file, 'drop index audit_events_by_subject');
    const { keys } = await newDatabase(`sqlite:${file}`);
    expect(await keys.listKeys()).toHaveLength(line.length);
  });
});

describe('what version 003 adds to', () => {
  it('sessions: an end, a last use, and by when their tokens have expired', async () => {
    stopTheClock();
    const file = await version001();
    const { sessions } = await newDatabase(`sqlite:${file}`);
    const found = query(
      file,
      'select id, last_used_at, expires_at, tokens_expire_at, audience, user_agent, address from sessions order by id',
    );
    const nothing = { audience: null, user_agent: null, address: null };
    expect(found).toEqual([
      // Its newest token was issued at 1004, and works until 9000.
      { id: 's1', last_used_at: 1004, expires_at: now + 90 * day, tokens_expire_at: 9000, ...nothing },
      { id: 's2', last_used_at: 1004, expires_at: now + 90 * day, tokens_expire_at: 1004, ...nothing },
    ]);
    expect((await sessions.findRefreshToken('h2'))?.session).toMatchObject({ audience: null, endedAt: null });
  });

  it('clients: their secret as the first of two, and the grants that they have really used', async () => {
    const file = await version001();
    query(file, "insert into clients values ('cli_2', 'another', 'hash 2', 'a', 1006)");
    const { clients } = await newDatabase(`sqlite:${file}`);
    const [one, two] = [await clients.findClient('cli_1'), await clients.findClient('cli_2')];
    expect(one?.client).toMatchObject({
      authMethod: 'client_secret_basic',
      grantTypes: ['client_credentials', 'password', 'refresh_token'],
      audiences: [],
      accessTokenLifetime: null,
      updatedAt: 1002,
    });
    expect(two?.client.grantTypes).toEqual(['client_credentials']);
    expect(one?.secrets).toEqual([
      { id: expect.stringMatching(/^sec_[\w-]{22}$/) as string, hash: 'hash', createdAt: 1002, lastUsedAt: null },
    ]);
    expect(two?.secrets.map(({ hash }) => hash)).toEqual(['hash 2']);
    expect(columnsOf(file, 'clients')).not.toContain('secret_hash');
  });

  it('the audit trail: by whose token something was done', async () => {
    const file = await version001();
    const { audit } = await newDatabase(`sqlite:${file}`);
    const caller = { kind: 'caller', sub: 'usr_ada', clientId: 'first-party' } as const;
    await audit.recordEvent('user.updated', 'usr_ada', { ...occasion(now), actor: caller });
    await audit.recordEvent('session.refused', null, occasion(now));
    const found = await audit.listEvents({ before: null, limit: 10, actor: 'usr_ada' });
    expect(found?.map(({ type }) => type)).toEqual(['user.updated']);
  });
});

describe('the audit trail in the schema', () => {
  it('has no two events of one id, and never the place of one that is gone for another', async () => {
    const file = await newFile();
    await newDatabase(`sqlite:${file}`);
    const insert = (id: string) =>
      query(
        file,
        `insert into audit_events (id, at, type, subject, actor) values ('${id}', 1, 't', 's', '{}') returning seq`,
      );
    expect(insert('one')).toEqual([{ seq: 1 }]);
    expect(() => insert('one')).toThrow('UNIQUE');
    query(file, 'delete from audit_events');
    expect(insert('two')).toEqual([{ seq: 2 }]);
  });
});
