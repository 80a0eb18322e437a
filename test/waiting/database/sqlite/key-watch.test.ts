import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { expect, it, onTestFinished } from 'vitest';
import type { Engine } from '../../../../src/database/engine.ts';
import { migrate } from '../../../../src/database/migrations/migrate.ts';
import { sqliteEngine } from '../../../../src/database/sqlite/engine.ts';

async function twoProcesses(): Promise<[Engine, Engine]> {
  const folder = await mkdtemp(join(tmpdir(), 'tessera-'));
  const file = join(folder, 'tessera.db');
  const engines = [sqliteEngine(file), sqliteEngine(file)] as const;
  await migrate(engines[0]);
  onTestFinished(async () => {
    for (const { db } of engines) await db.destroy();
    await rm(folder, { recursive: true });
  });
  return [...engines];
}

it('tells of what another process has written, and not of what this one has', async () => {
  const [own, other] = await twoProcesses();
  let changes = 0;
  const watch = await own.watchKeys(() => {
    changes += 1;
  });
  await expect.poll(() => changes).toBe(1);
  await sql`insert into turns (name) values ('mine')`.execute(own.db);
  await sleep(600);
  expect(changes).toBe(1);
  await sql`insert into turns (name) values ('theirs')`.execute(other.db);
  await expect.poll(() => changes).toBe(2);
  await watch.close();
  await sql`insert into turns (name) values ('unseen')`.execute(other.db);
  await sleep(600);
  expect(changes).toBe(2);
});

it('goes on after a file that could not be looked at, and is not in the way of closing', async () => {
  const [own, other] = await twoProcesses();
  let changes = 0;
  await own.watchKeys(() => {
    changes += 1;
  });
  await expect.poll(() => changes).toBe(1);
  await own.db.destroy();
  await sql`insert into turns (name) values ('theirs')`.execute(other.db);
  await sleep(600);
  expect(changes).toBe(1);
});
