/** Rows of events as only SQLite takes them. */
import { describe, expect, it } from 'vitest';
import { viewEvent } from '../../../../src/views/audit-event.ts';
import { connectTo } from '../../../support/database.ts';
import { type Event, newOperator, shortLife } from '../../../support/key-operator.ts';
import fc from '../../../support/property.ts';
import { startTessera } from '../../../support/tessera.ts';

const column = ['seq', 'id', 'at', 'type', 'subject', 'actor', 'actor_sub', 'reason', 'address', 'detail'] as const;

async function start() {
  const tessera = await startTessera(shortLife);
  const connection = await connectTo(tessera.databaseUrl);
  const operator = await newOperator(tessera);
  /** Values are literals of SQL. */
  const plant = (columns: Partial<Record<(typeof column)[number], string>>) => {
    const id = `'evt_${'p'.repeat(22)}'`;
    const row = { id, at: '7', type: `'key.created'`, subject: `'s'`, actor: `'{}'`, ...columns };
    const [names, values] = [Object.keys(row).join(', '), Object.values(row).join(', ')];
    return connection.all(`insert into audit_events (${names}) values (${values})`);
  };
  return { tessera, connection, operator, plant };
}

describe('an event with a value that is no text, or no number', () => {
  it.each([
    ['at', `'abc'`, { at: null }],
    ['at', `x'00'`, { at: null }],
    ['at', '9e999', { at: null }],
    ['at', '1.5', { at: '1970-01-01T00:00:01Z' }],
    ['subject', `x'00ff'`, { subject: 'no text: 00ff' }],
    ['reason', `x'00'`, { reason: 'no text: 00' }],
    ['address', `x'00'`, { address: 'no text: 00' }],
    ['detail', `x'00'`, { detail: 'no text: 00' }],
    ['actor', `x'00'`, { actor: { kind: 'unknown' } }],
    ['type', `x'00'`, { type: 'unknown', outcome: null }],
    ['id', `x'01'`, {}],
    ['id', `'evt_${'p'.repeat(22)}' || char(0)`, {}],
  ])('is shown among the others: %s %s', async (name, value, shown) => {
    const { operator, plant, tessera } = await start();
    const { events: before } = await operator.events();
    await plant({ [name]: value });
    const { events } = await operator.events();
    expect(events[0]).toMatchObject(shown);
    expect(events.slice(1)).toEqual(before);
    const { next_cursor } = await operator.events('?limit=1');
    expect((await operator.events(`?cursor=${next_cursor ?? ''}`)).events).toEqual(before);
    // As the command line shows it.
    const listed = await tessera.database.audit.listEvents({ before: null, limit: 1 });
    expect(listed?.map(viewEvent)).toEqual(events.slice(0, 1));
  });

  it('does not lead a page to another by an id that begins as that one does', async () => {
    const { operator, plant } = await start();
    const { events: before } = await operator.events();
    await plant({ id: `'${before.at(-1)?.id ?? ''}' || char(0)` });
    const { next_cursor } = await operator.events('?limit=1');
    expect((await operator.events(`?cursor=${next_cursor ?? ''}`)).events).toEqual(before);
  });
});

it('leaves no number for another, be it the greatest, until it is gone as docs/operations.md says', async () => {
  const { tessera, connection, operator, plant } = await start();
  const refuse = () => tessera.form('/token', { grant_type: 'password', username: 'nobody', password: 'x' });
  await plant({ seq: '9223372036854775807' });
  await refuse().expect(503);
  await connection.all('delete from audit_events where seq > 9000000000000000000');
  await connection.all(`update sqlite_sequence set seq = (select coalesce(max(seq), 0) from audit_events)
    where name = 'audit_events'`);
  await refuse().expect(400);
  expect((await operator.events()).events[0]).toMatchObject({ type: 'session.refused' });
});

const bytes = fc.uint8Array({ maxLength: 30 }).map((some) => Buffer.from(some).toString('hex'));
const anything = fc.oneof(
  bytes.map((hex) => `x'${hex}'`),
  bytes.map((hex) => `cast(x'${hex}' as text)`),
  fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n }).map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.constantFrom(
    'null',
    '9e999',
    '-9e999',
    `''`,
    `'{"kind":"caller","sub":"\\ud800","clientId":""}'`,
    `'limit.reached'`,
  ),
  fc.constantFrom(...['"', '[]', '5', '{"kind":"script","name":"\\u0000"}'].map((json) => `'${json}'`)),
);

it('is on a page like any other, and pages go on behind it, whatever SQLite takes', { timeout: 120_000 }, async () => {
  const { connection, operator, plant } = await start();
  const aRow = fc.record(Object.fromEntries(column.map((name) => [name, anything])), { requiredKeys: [] });
  const known = (await operator.events()).events.map(({ id }) => id);
  const run = fc.asyncProperty(fc.array(aRow, { minLength: 1, maxLength: 3 }), async (rows) => {
    // SQLite refuses some.
    for (const row of rows) await plant(row).catch(() => null);
    const [counted] = await connection.all('select count(*) as count from audit_events');
    const count = counted?.['count'];
    const seen: Event[] = [];
    for (let cursor = ''; ;) {
      const page = await operator.events(`?limit=2${cursor}`);
      seen.push(...page.events);
      if (page.next_cursor === undefined) break;
      cursor = `&cursor=${page.next_cursor}`;
    }
    expect(new Set(seen.map(({ id }) => id)).size).toBe(count);
    expect(seen.length).toBe(count);
    for (const filter of ['since=1970-01-01T00:00:00Z', 'until=2999-01-01T00:00:00Z', 'outcome=failure', 'subject=s'])
      await operator.events(`?${filter}`);
    const marks = known.map(() => '?').join(', ');
    await connection.all(`delete from audit_events where id not in (${marks})`, ...known);
    await connection.all(`update sqlite_sequence set seq = 1000 where name = 'audit_events'`);
  });
  await fc.assert(run, { numRuns: 40 });
});
