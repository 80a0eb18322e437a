/** How SQLite finds the events of a page: each part of a walk in one index, with both bounds in it, whatever statistics say. */
import type { KyselyPlugin, RootOperationNode } from 'kysely';
import { expect, it } from 'vitest';
import { auditStore } from '../../../../src/database/stores/audit-store.ts';
import { readByIndex } from '../../../../src/database/sqlite/read-by-index.ts';
import { combinations } from '../../../support/database/audit-filters.ts';
import { connectTo, newDatabase, newUrl, openPatientEngine } from '../../../support/database.ts';

/** Keeps the statements as they are sent. */
function newRecorder() {
  const nodes: RootOperationNode[] = [];
  const plugin: KyselyPlugin = {
    transformQuery: ({ node }) => {
      nodes.push(node);
      return node;
    },
    transformResult: ({ result }) => Promise.resolve(result),
  };
  return { nodes, plugin };
}

const found = [
  /^SEARCH audit_events USING INDEX sqlite_autoindex_audit_events_1 \(id=\?\)$/,
  /^SEARCH audit_events USING (COVERING )?INDEX audit_events_by_(subject|actor|type|moment) \((subject|actor_sub|type|at)=\? AND seq>\? AND seq<\?\)$/,
  /^SEARCH audit_events USING (COVERING )?INDEX audit_events_by_moment \((at>\?)?( AND )?(at<\?)?\)$/,
  /^SEARCH audit_events USING INTEGER PRIMARY KEY \(rowid=\?\)$/,
];
/** Of the parts, which are short, and not of the table. */
const putTogether =
  /^(CO-ROUTINE|SCAN|MATERIALIZE) (\(subquery-\d+\)|part|events)|^COMPOUND QUERY|^LEFT-MOST SUBQUERY|^UNION ALL|^MERGE|^LEFT$|^RIGHT$|^USE TEMP B-TREE/;

it.each([
  ['none', []],
  ['those that say that all events are alike', ['analyze']],
])('with statistics: %s', async (_, statements) => {
  const url = await newUrl();
  await newDatabase(url);
  const connection = await connectTo(url);
  await connection.all(`insert into audit_events (id, at, type, subject, actor, actor_sub)
    with recursive s (n) as (select 1 union all select n + 1 from s where n < 500)
    select 'evt_' || printf('%022d', n), n, 'client.refused', 'busy', '{"kind":"schedule"}', 'busy' from s`);
  for (const each of statements) await connection.all(each);
  const { nodes, plugin } = newRecorder();
  const engine = openPatientEngine(url);
  const db = engine.db.withPlugin(plugin);
  const store = auditStore({ ...engine, db, readByIndex: readByIndex(db) }, { mostLookedAt: 50 });
  // Without a filter, by the number of the row.
  for (const filter of combinations.filter((each) => Object.keys(each).length > 0))
    for (const before of [null, `evt_${'400'.padStart(22, '0')}`])
      await store.findPage({ before, limit: 20, ...filter });
  const statementsSent = new Map(
    nodes.map((node) => {
      const { sql, parameters } = engine.db.getExecutor().compileQuery(node, { queryId: 'plan' });
      return [sql, parameters];
    }),
  );
  const steps = new Set<string>();
  for (const [sql, parameters] of statementsSent)
    for (const { detail } of await connection.all(`explain query plan ${sql}`, ...parameters))
      steps.add(String(detail));
  const wrong = [...steps].filter((step) => ![...found, putTogether].some((each) => each.test(step)));
  expect(wrong).toEqual([]);
  expect([...steps].join()).toMatch(/by_subject.*by_type|by_type.*by_subject/);
});
