import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openDatabase } from '../../../src/database/open.ts';
import { readSchema, updateSchema } from '../../../src/database/migrations/update.ts';
import { compileCache } from '../../support/compile-cache.ts';
import { connectTo, newDatabase, tablesOf } from '../../support/database.ts';
import { allMigrations, buildVersion, historyOf, newEmptyUrl } from '../../support/database/versions.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const byCommand = { databasePoolSize: 2, databaseTimeout: 5, migrations: 'command' } as const;

/** `npm run migrate -- --json` in a process of its own. */
async function migrateElsewhere(url: string): Promise<{ taken: string[] }> {
  const environment = { ...process.env, ...compileCache, DATABASE_URL: url, LOG_LEVEL: 'warn' };
  const child = spawn(process.execPath, ['scripts/migrate.ts', '--json'], { cwd: root, env: environment });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  if (child.exitCode !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as { taken: string[] };
}

async function tablesIn(url: string): Promise<string[]> {
  const connection = await connectTo(url);
  const names = (await tablesOf(connection)).filter((name) => !name.startsWith('sqlite'));
  await connection.close();
  return names;
}

describe('the schema of a new database', () => {
  it('is made once by six processes at the same moment, and by none twice', async () => {
    const url = await newEmptyUrl();
    const ends = await Promise.all(Array.from({ length: 6 }, () => migrateElsewhere(url)));
    const taken = ends.map((end) => end.taken).filter((names) => names.length > 0);
    expect(taken).toEqual([allMigrations]);
    expect(await historyOf(url)).toEqual(allMigrations);
  });

  it('is not there at all when the process that made it is killed half-way, and then made by the next', async () => {
    const url = await newEmptyUrl();
    const child = spawn(process.execPath, ['test/support/database/migrate-worker.ts', url], {
      cwd: root,
      stdio: 'pipe',
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(await tablesIn(url)).toEqual([]);
    await newDatabase(url);
    expect(await historyOf(url)).toEqual(allMigrations);
  });
});

describe('a database that is behind', () => {
  it('is brought up to date as it is opened, and what is in it stays', async () => {
    const url = await newEmptyUrl();
    await buildVersion(url, '003-sessions-clients-limits');
    const other = await connectTo(url);
    await other.all(`insert into revoked_tokens (jti, expires_at) values ('j', 9000)`);
    await newDatabase(url);
    expect(await historyOf(url)).toEqual(allMigrations);
    expect(await other.all('select * from revoked_tokens')).toEqual([{ jti: 'j', expires_at: 9000 }]);
  });

  it('is refused where migrations are left to the command, which is named, and is left as it is', async () => {
    const url = await newEmptyUrl();
    await buildVersion(url, '003-sessions-clients-limits');
    await expect(openDatabase(url, byCommand)).rejects.toThrow(
      `is behind this version, and lacks ${allMigrations.slice(3).join(', ')}: npm run migrate brings it up to date`,
    );
    expect(await historyOf(url)).toEqual(allMigrations.slice(0, 3));
    expect((await updateSchema(url)).taken).toEqual(allMigrations.slice(3));
    await (await openDatabase(url, byCommand)).close();
  });

  it('is refused so when it is empty, too, and gets no table', async () => {
    const url = await newEmptyUrl();
    await expect(openDatabase(url, byCommand)).rejects.toThrow(/lacks 001-accounts-tokens-keys, /);
    expect(await tablesIn(url)).toEqual([]);
  });

  it('is left as it was by a migration that fails half-way', async () => {
    const url = await newEmptyUrl();
    await buildVersion(url, '003-sessions-clients-limits');
    const other = await connectTo(url);
    await other.all('create index revoked_tokens_by_expiry on users (name)');
    await expect(openDatabase(url)).rejects.toThrow('revoked_tokens_by_expiry');
    expect(await tablesIn(url)).not.toContain('turns');
    await other.all('drop index revoked_tokens_by_expiry');
    await newDatabase(url);
    expect(await tablesIn(url)).toContain('turns');
  });
});

describe('a database that is ahead', () => {
  it.each(['start', 'command'] as const)('is refused where migrations are taken by %s', async (migrations) => {
    const url = await newEmptyUrl();
    await (await openDatabase(url)).close();
    const other = await connectTo(url);
    await other.all(`insert into kysely_migration (name, timestamp) values ('999-later', '2030-01-01T00:00:00.000Z')`);
    await expect(openDatabase(url, { ...byCommand, migrations })).rejects.toThrow(
      /is ahead of this version, which does not know the migration 999-later/,
    );
    await expect(updateSchema(url)).rejects.toThrow('999-later');
  });
});

describe('readSchema', () => {
  it('says which migrations there have been, which are to come, and which are unknown, and changes nothing', async () => {
    const url = await newEmptyUrl();
    await buildVersion(url, '003-sessions-clients-limits');
    const other = await connectTo(url);
    await other.all(`insert into kysely_migration (name, timestamp) values ('999-later', '2030-01-01T00:00:00.000Z')`);
    const { applied, pending, unknown } = await readSchema(url);
    expect(applied.map(({ name }) => name)).toEqual([...allMigrations.slice(0, 3), '999-later']);
    expect(applied[0]?.at).toBe('2026-01-01T00:00:00.000Z');
    expect(pending).toEqual(allMigrations.slice(3));
    expect(unknown).toEqual(['999-later']);
    expect(await tablesIn(url)).not.toContain('turns');
  });

  it('says of an empty database that all are to come', async () => {
    const url = await newEmptyUrl();
    await (await connectTo(url)).all('select 1');
    expect(await readSchema(url)).toMatchObject({ applied: [], pending: allMigrations, unknown: [] });
    expect(await tablesIn(url)).toEqual([]);
  });
});
