import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { moveInstallation } from '../../../src/database/transfer/move.ts';
import { movedTables } from '../../../src/database/transfer/moved-tables.ts';
import { FIRST } from '../../../src/keys/store.ts';
import { compileCache } from '../../support/compile-cache.ts';
import { connectTo, newDatabase, newUrl, tablesOf } from '../../support/database.ts';
import { aKey, occasion } from '../../support/records.ts';
import { isPostgres } from '../../support/place.ts';
import { newFile } from '../../support/sqlite.ts';
import { contentsOf, fill } from '../../support/database/filled.ts';
import { buildVersion, newEmptyUrl, openEngine } from '../../support/database/versions.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const silent = { begin: () => undefined, advance: () => undefined, finishTable: () => undefined };
const byAda = { actor: { kind: 'script', name: 'ada' }, reason: 'a new home', at: 1_790_000_000 } as const;
const move = (from: string, to: string) => moveInstallation(from, to, silent, byAda);

async function newFileUrl(): Promise<string> {
  return `sqlite:${await newFile()}`;
}

/** From one kind to the other, from each to itself, and back. */
const ways: [string, () => Promise<string>, () => Promise<string>][] = isPostgres
  ? [
      ['SQLite to PostgreSQL', newFileUrl, newEmptyUrl],
      ['PostgreSQL to SQLite', newUrl, newFileUrl],
      ['PostgreSQL to PostgreSQL', newUrl, newEmptyUrl],
    ]
  : [['SQLite to SQLite', newFileUrl, newFileUrl]];

async function filled(newSource: () => Promise<string>): Promise<string> {
  const url = await newSource();
  await newDatabase(url).then((database) => database.close());
  await fill(url);
  return url;
}

describe.each(ways)('a move from %s', (_, newSource, newTarget) => {
  it('brings everything, says how much, and leaves the source as it was, but for the event that tells of it', async () => {
    const from = await filled(newSource);
    const before = await contentsOf(from);
    const to = await newTarget();
    const steps = { begun: 0, done: 0, tables: [] as string[] };
    const progress = {
      begin: (rows: number) => (steps.begun += rows),
      advance: (rows: number) => (steps.done += rows),
      finishTable: (name: string) => steps.tables.push(name),
    };
    const { tables, notRecorded, ...moved } = await moveInstallation(from, to, progress, byAda);
    expect(notRecorded).toBeNull();
    const after = await contentsOf(from);
    const event = after['audit_events']?.pop();
    expect(after).toEqual(before);
    expect(event).toMatchObject({ type: 'move.started', at: byAda.at, reason: 'a new home', subject: '' });
    expect(JSON.parse(String(event?.['actor']))).toEqual(byAda.actor);
    expect(event?.['detail']).toBe(`from ${moved.from} to ${moved.to}`);
    const arrived = await contentsOf(to);
    expect(arrived['audit_events']?.pop()).toEqual(event);
    expect(arrived).toEqual(before);
    const count = (name: string) => (before[name]?.length ?? 0) + (name === 'audit_events' ? 1 : 0);
    expect(tables.map(({ name, rows }) => [name, rows])).toEqual(movedTables.map(({ name }) => [name, count(name)]));
    expect(steps.done).toBe(steps.begun);
    expect(steps.tables).toEqual(movedTables.map(({ name }) => name));
  });

  it('has rows numbered on from where they were, even from those that have gone', async () => {
    const to = await newTarget();
    await move(await filled(newSource), to);
    const { keys, audit } = await newDatabase(to);
    expect(await keys.insertKey(aKey('next', 'two'), 'key.created', occasion(1000))).toBe(true);
    const other = await connectTo(to);
    // Three was given, and deleted.
    expect(await other.all(`select place from signing_keys where kid = 'next'`)).toEqual([{ place: 4 }]);
    expect(await other.all('select max(seq) as last from audit_events')).toEqual([{ last: 4 }]);
    expect(await audit.listEvents({ before: null, limit: 10 })).toHaveLength(4);
  });

  it('is refused where there is a row already, and says where', async () => {
    const from = await filled(newSource);
    const to = await newTarget();
    await newDatabase(to).then(({ keys }) => keys.insertKey(aKey('k', FIRST), 'key.created', occasion(1)));
    await expect(move(from, to)).rejects.toThrow(/is not empty: it has rows in signing_keys, 1 of them/);
    expect((await contentsOf(to))['users']).toEqual([]);
  });

  it('is refused of what is no installation, or one of another version', async () => {
    const to = await newTarget();
    const behind = await (newSource === newUrl ? newEmptyUrl() : newSource());
    await buildVersion(behind, '003-sessions-clients-limits');
    await expect(move(behind, to)).rejects.toThrow(/cannot be moved: it is behind this version/);
    const ahead = await filled(newSource);
    await (await connectTo(ahead)).all(`insert into kysely_migration values ('999-later', '2030-01-01T00:00:00.000Z')`);
    await expect(move(ahead, to)).rejects.toThrow(/cannot be moved: it is ahead of this version/);
    await expect(move(to, await newTarget())).rejects.toThrow(/holds no installation|unable to open/);
  });

  it('keeps nothing when what came is not what was read', async () => {
    const from = await filled(newSource);
    const to = await newTarget();
    await newDatabase(to).then((database) => database.close());
    const spoil =
      isPostgres && to.startsWith('postgres')
        ? [
            `create function spoil() returns trigger language plpgsql as $$ begin new.points := 7; return new; end $$`,
            `create trigger spoil before insert on rate_limits for each row execute function spoil()`,
          ]
        : [`create trigger spoil after insert on rate_limits begin update rate_limits set points = 7; end`];
    const other = await connectTo(to);
    for (const statement of spoil) await other.all(statement);
    await expect(move(from, to)).rejects.toThrow(/of 1 rows of rate_limits it has 1, or they are not/);
    expect((await contentsOf(to))['users']).toEqual([]);
  });

  it('names the row that is not taken, and keeps nothing', async () => {
    const from = await filled(newSource);
    const to = await newTarget();
    await newDatabase(to).then((database) => database.close());
    const refusal = `before insert on used_assertions for each row when (new.jti = 'a')`;
    const refuse = to.startsWith('postgres')
      ? [
          `create function refuse() returns trigger language plpgsql as $$ begin raise exception 'refused'; end $$`,
          `create trigger refusal ${refusal} execute function refuse()`,
        ]
      : [`create trigger refusal ${refusal} begin select raise(abort, 'refused'); end`];
    const other = await connectTo(to);
    for (const statement of refuse) await other.all(statement);
    const row = `the row of used_assertions whose client_id is 'cli_1' and whose jti is 'a'`;
    await expect(move(from, to)).rejects.toThrow(new RegExp(`does not take ${row}: (refused|SQLSTATE P0001)$`));
    expect((await contentsOf(to))['users']).toEqual([]);
  });

  it('leaves nothing behind when it is killed, and can be done again', async () => {
    const from = await filled(newSource);
    const to = await newTarget();
    const args = ['scripts/migrate.ts', '--from', from, '--to', to];
    const environment = { PATH: process.env['PATH'] ?? '', DATABASE_URL: 'sqlite:unused.db', ...compileCache };
    const child = spawn(process.execPath, args, { cwd: root, env: environment, stdio: 'pipe' });
    onTestFinished(() => void child.kill('SIGKILL'));
    let told = '';
    for await (const chunk of child.stderr) if ((told += String(chunk)).includes('users: 4')) break;
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(child.signalCode).toBe('SIGKILL');
    expect((await contentsOf(to))['users']).toEqual([]);
    await move(from, to);
    expect(await contentsOf(to)).toEqual(await contentsOf(from));
  });
});

describe('what is moved', () => {
  it('is every table, what other tables refer to first', async () => {
    const url = await newUrl();
    await newDatabase(url);
    const names = (await tablesOf(await connectTo(url))).filter((name) => !/^(sqlite|kysely)/.test(name));
    expect([...movedTables.map(({ name }): string => name), 'turns'].sort()).toEqual(names.sort());
  });

  it('is named where it is a row that only SQLite takes, and comes to SQLite as it is', async () => {
    const from = await filled(newFileUrl);
    const other = await connectTo(from);
    const columns = 'place, succeeds, alg, published_at, activates_at, public_jwk, kid';
    await other.all(`insert into signing_keys (${columns}) values (40, 's', 'RS256', 1, 2, '{}', x'616161')`);
    const to = await newEmptyUrl();
    const isTaken = to.startsWith('sqlite:');
    const row = 'the row of signing_keys whose place is 40';
    if (!isTaken)
      for (const [column, bytes, good] of [
        ['kid', '616161', `'k'`],
        ['tokens_expire_at', '00', 'null'],
        ['published_at', '0000000000000001', '1'],
      ]) {
        await other.all(`update signing_keys set ${column} = x'${bytes}' where place = 40`);
        await expect(move(from, to)).rejects.toThrow(`does not take ${row}: it has bytes in ${column}`);
        await other.all(`update signing_keys set ${column} = ${good} where place = 40`);
      }
    await other.all(`update signing_keys set published_at = 'text' where place = 40`);
    if (!isTaken) await expect(move(from, to)).rejects.toThrow(`does not take ${row}: SQLSTATE 22P02`);
    else await move(from, to);
    expect((await contentsOf(to))['signing_keys']).toHaveLength(isTaken ? 3 : 0);
  });

  it('is named where it has a number beyond those of JavaScript, and comes as it is where the other database takes it', async () => {
    const from = await filled(newFileUrl);
    const other = await connectTo(from);
    const columns = 'seq, id, at, type, subject, actor';
    await other.all(`insert into audit_events (${columns}) values (70, 'evt_odd', 9007199254740993, 't', 's', '{}')`);
    await other.all('update audit_events set seq = 9223372036854775806 where seq = 70');
    await other.all(`update sqlite_sequence set seq = 9223372036854775807 where name = 'audit_events'`);
    const to = await newEmptyUrl();
    const moved = await move(from, to);
    // No number is left for an event of it, neither there nor here.
    expect(moved.notRecorded).not.toBeNull();
    // As texts, which hold all numbers.
    const numbers = `select cast(seq as text) as seq, cast(at as text) as at from audit_events where id = 'evt_odd'`;
    const expected = [{ seq: '9223372036854775806', at: '9007199254740993' }];
    expect(await (await connectTo(to)).all(numbers)).toEqual(expected);

    await other.all(`insert into rate_limits (key, points, expires_at) values ('odd', 9007199254740993, 1)`);
    const refused = move(from, await newEmptyUrl());
    if (to.startsWith('sqlite:')) await refused;
    else
      await expect(refused).rejects.toThrow(`does not take the row of rate_limits whose key is 'odd': SQLSTATE 22003`);
  });

  it('is refused where rows without a key hide others, which would be lost', async () => {
    const from = await filled(newFileUrl);
    const other = await connectTo(from);
    const rows = Array.from({ length: 500 }, () => '(null, 1)').join();
    await other.all(`insert into revoked_tokens (jti, expires_at) values ${rows}`);
    const to = await newEmptyUrl();
    await expect(move(from, to)).rejects.toThrow(/revoked_tokens/);
    expect((await contentsOf(to))['users']).toEqual([]);
  });

  it.each([
    ['a byte that begins nothing', `name = cast(x'61ff41' as text)`, 'a text in name'],
    ['a character that is cut off, as long as what it is read as', `name = cast(x'f09f98' as text)`, 'a text in name'],
    ['half a surrogate pair', `roles = cast(x'eda080' as text)`, 'a text in roles'],
    ['both halves', `name = cast(x'eda0bdedb880' as text)`, 'a text in name'],
    ['a NUL in two bytes', `username = cast(x'61c080' as text)`, 'a text in username'],
    ['where a number belongs', `disabled_at = cast(x'31ff' as text)`, 'a text in disabled_at'],
    ['in two columns', `name = cast(x'ff' as text), roles = cast(x'ff' as text)`, 'a text in name, roles'],
  ])('is refused where a text is no UTF-8, which could only come as another: %s', async (_, change, text) => {
    const from = await filled(newFileUrl);
    const other = await connectTo(from);
    await other.all(`update users set ${change} where id = 'usr_a'`);
    const to = await newEmptyUrl();
    const message = `${from.slice('sqlite:'.length)} cannot be used: the row of users whose id is 'usr_a' has ${text} that is not UTF-8`;
    await expect(move(from, to)).rejects.toThrow(message);
    expect((await contentsOf(to))['users']).toEqual([]);
  });

  it('is named by the bytes of its key where that is no UTF-8, wherever it is in the table', async () => {
    const from = await filled(newFileUrl);
    const other = await connectTo(from);
    // As the last of five hundred, what it is read as would be where the next ones are looked for.
    const rows = Array.from({ length: 497 }, (_, n) => `('k${n}', 1)`).join();
    await other.all(`insert into revoked_tokens (jti, expires_at) values ${rows}, (cast(x'6bff' as text), 1)`);
    await other.all(`insert into revoked_tokens (jti, expires_at) values ('k\uFFFD', 1), ('z', 1)`);
    const to = await newEmptyUrl();
    const refusal = ' has a text in jti that is not UTF-8';
    const row = `the row of revoked_tokens whose jti is x'6bff'`;
    await expect(move(from, to)).rejects.toThrow(`${row}${refusal}`);
    // One that is too long to be named whole is found by where it begins.
    await other.all(
      `update revoked_tokens set jti = cast(x'6bff${'61'.repeat(150)}' as text) where cast(jti as blob) = x'6bff'`,
    );
    expect(await other.all(`select expires_at from revoked_tokens where hex(jti) like '6BFF%'`)).toHaveLength(1);
    const long = `the row of revoked_tokens whose jti begins with x'6bff${'61'.repeat(98)}'`;
    await expect(move(from, to)).rejects.toThrow(`${long}${refusal}`);
    expect((await contentsOf(to))['users']).toEqual([]);
  });

  it('may have in its texts what others are read as, and NUL', async () => {
    const from = await filled(newFileUrl);
    const name = 'a\0b \uFFFD \uFFFF \uFEFF';
    const { db } = await openEngine(from);
    await db.updateTable('users').set({ name }).where('id', '=', 'usr_a').execute();
    const jtis = Array.from({ length: 1001 }, (_, n) => `${n}\uFFFD`);
    const rows = jtis.map((jti) => ({ jti, expires_at: 1 }));
    await db.insertInto('revoked_tokens').values(rows).execute();
    const to = await newEmptyUrl();
    await move(from, to);
    const { db: target } = await openEngine(to);
    const user = target.selectFrom('users').select('name').where('id', '=', 'usr_a');
    expect(await user.executeTakeFirst()).toEqual({ name });
    const found = await target.selectFrom('revoked_tokens').select('jti').execute();
    expect(found.map(({ jti }) => jti).sort()).toEqual([...jtis, 'j'].sort());
  });

  it('is never more in memory than a few rows of each table', { timeout: 300_000 }, async () => {
    const url = await filled(newFileUrl);
    const { db } = await openEngine(url);
    const row = { session_id: 's', issued_at: 1, expires_at: 2, used_at: 3, sealed_successor: 'x'.repeat(500) };
    for (let begin = 0; begin < 60_000; begin += 1000) {
      const rows = Array.from({ length: 1000 }, (_, n) => ({ hash: `many${begin + n}`, ...row }));
      await db.insertInto('refresh_tokens').values(rows).execute();
    }
    // The rows alone would be more than all that it may have.
    const args = [
      '--max-old-space-size=40',
      'scripts/migrate.ts',
      '--from',
      url,
      '--to',
      await newEmptyUrl(),
      '--json',
    ];
    const environment = { PATH: process.env['PATH'] ?? '', DATABASE_URL: 'sqlite:unused.db', ...compileCache };
    const child = spawn(process.execPath, args, { cwd: root, env: environment, stdio: 'pipe' });
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    expect({ code: child.exitCode, stderr }).toMatchObject({ code: 0 });
    let rows = 0;
    for (const { name } of movedTables) {
      const count = db.selectFrom(name).select((eb) => eb.fn.countAll<number>().as('count'));
      rows += (await count.executeTakeFirstOrThrow()).count;
    }
    expect(rows).toBeGreaterThan(60_000);
    expect(JSON.parse(stdout)).toMatchObject({ rows });
  });
});
