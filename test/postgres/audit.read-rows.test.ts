/**
 * A page of the audit trail costs the same whatever is asked for, and whatever is in it: almost all events are of one subject, one
 * actor and two types. PostgreSQL chooses by statistics, which may be those of an empty table, or of one in which it was
 * the other way round.
 */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenDatabase, openDatabase } from '../../src/database/open.ts';
import { combinations } from '../support/database/audit-filters.ts';
import { createStatementLog, explainingFlags } from '../support/postgres/read-rows.ts';
import type { PostgresServer } from '../support/postgres-server.ts';
import { newServer } from '../support/postgres.ts';

/** What a page looks at, in `audit-store.ts`, and the one event more that says that there is another page. */
const most = 5_001;

const early = 4_000;
const all = 40_000;

let server: PostgresServer;
let database: OpenDatabase;
let connection: pg.Client;
const log = createStatementLog();

beforeAll(async () => {
  server = await newServer(explainingFlags, log.add);
  await server.start();
  const url = `${server.url}postgres`;
  database = await openDatabase(url);
  connection = new pg.Client({ connectionString: url });
  await connection.connect();
});
afterAll(async () => {
  await connection.end();
  await database.close();
  await server.stop();
  await server.remove();
});

async function fill(
  from: number,
  to: number,
  [type, subject, actor]: readonly [string, string, string],
): Promise<void> {
  await connection.query(`insert into audit_events (id, at, type, subject, actor, actor_sub)
    select 'evt_' || n, n, ${type}, ${subject}, '{"kind":"anonymous"}', ${actor} from generate_series(${from}, ${to}) n`);
}

const fillEarly = () => fill(1, early, [`'session.started'`, `'ses_' || n`, `'early'`]);
const fillBusy = (from = early + 1, to = all) =>
  fill(from, to, [`case n % 2 when 0 then 'client.refused' else 'session.refused' end`, `'busy'`, `'busy'`]);

/** Each leaves the same events, and makes PostgreSQL believe something else of them. */
const statistics: Readonly<Record<string, () => Promise<void>>> = {
  'of an empty table': async () => {
    await connection.query('analyze audit_events');
    await fillEarly();
    await fillBusy();
  },
  'of when there was nothing of the busy one': async () => {
    await fillEarly();
    await connection.query('analyze audit_events');
    await fillBusy();
  },
  'of when there was nothing else': async () => {
    await fillBusy();
    await connection.query('analyze audit_events');
    await fillEarly();
  },
  new: async () => {
    await fillEarly();
    await fillBusy();
    await connection.query('analyze audit_events');
  },
};

describe.each(Object.entries(statistics))('with statistics %s', (_, make) => {
  it('every page reads few rows, the first and those behind it', { timeout: 120_000 }, async () => {
    await connection.query('truncate audit_events restart identity');
    await make();
    const read = await log.readWhile(async () => {
      for (const filter of combinations)
        for (const before of [null, `evt_${all / 2}`])
          expect(await database.audit.findPage({ before, limit: 200, ...filter })).toBeDefined();
    }, connection);
    expect(read.length).toBeGreaterThan(2 * combinations.length);
    expect(read.filter(({ rows }) => rows > most)).toEqual([]);
  });
});
