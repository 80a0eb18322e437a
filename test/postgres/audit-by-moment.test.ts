import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { openDatabase } from '../../src/database/open.ts';
import { connectTo } from '../support/database.ts';
import { allMigrations, buildVersion, historyOf, newEmptyUrl } from '../support/database/versions.ts';

it('the index of moments is built while servers write events, also where one has begun to and does not end', async () => {
  const url = await newEmptyUrl();
  await buildVersion(url, '004-replicas');
  const [holder, writer] = [await connectTo(url), await connectTo(url)];
  const write = (id: string) =>
    `insert into audit_events (id, at, type, subject, actor) values ('${id}', 1, 't', 's', '{}')`;
  await holder.all('begin');
  await holder.all(write('held'));
  const opening = openDatabase(url);
  const isBuilding = `select 1 from pg_stat_activity where datname = current_database()
    and query like 'create index concurrently%' and wait_event_type = 'Lock'`;
  while ((await writer.all(isBuilding)).length === 0) await sleep(20);
  const begin = performance.now();
  for (let n = 0; n < 20; n += 1) await writer.all(write(`meanwhile ${n}`));
  // Otherwise they would wait for as long as the table is held.
  expect(performance.now() - begin).toBeLessThan(20_000);
  await holder.all('commit');
  await (await opening).close();
  expect(await historyOf(url)).toEqual(allMigrations);
  const index = `select indisvalid as valid from pg_index where indexrelid = 'audit_events_by_moment'::regclass`;
  expect(await writer.all(index)).toEqual([{ valid: true }]);
});
