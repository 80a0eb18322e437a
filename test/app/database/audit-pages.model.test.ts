/** Pages of the audit trail against the events that a filter leaves of all of them, also where a page may look at few only. */
import { expect, it } from 'vitest';
import { type EventFilter, type EventType, eventsThat } from '../../../src/audit/event.ts';
import { auditStore } from '../../../src/database/stores/audit-store.ts';
import { connectTo, newDatabase, newUrl, openPatientEngine } from '../../support/database.ts';
import fc from '../../support/property.ts';

const types: readonly EventType[] = ['client.refused', 'session.refused', 'session.started', 'key.created'];
const names = ['a', 'b', 'c'];

/** Most have one subject, one actor, one type and one of two moments; and clocks differ. */
const anEvent = fc.record({
  at: fc.oneof({ weight: 3, arbitrary: fc.constantFrom(20, 21) }, fc.nat(40)),
  type: fc.oneof({ weight: 2, arbitrary: fc.constant(types[0]) }, fc.constantFrom(...types)),
  subject: fc.oneof({ weight: 2, arbitrary: fc.constant('a') }, fc.constantFrom(...names)),
  actor: fc.oneof({ weight: 2, arbitrary: fc.constant('a') }, fc.constantFrom(...names, null)),
});

const aFilter = fc.record(
  {
    subject: fc.constantFrom(...names, 'nobody'),
    actor: fc.constantFrom(...names, 'nobody'),
    types: fc.oneof(
      fc.constantFrom(eventsThat('failure'), eventsThat('success')),
      fc.uniqueArray(fc.constantFrom(...types), { maxLength: 3 }),
    ),
    since: fc.integer({ min: -1, max: 42 }),
    until: fc.integer({ min: -1, max: 42 }),
  },
  { requiredKeys: [] },
);

type Row = { seq: number; id: string; at: number; type: EventType; subject: string; actor: string | null };

const isSo =
  ({ subject, actor, types, since = -Infinity, until = Infinity }: EventFilter) =>
  (row: Row) =>
    (subject ?? row.subject) === row.subject &&
    (actor === undefined || actor === row.actor) &&
    (types === undefined || types.includes(row.type)) &&
    row.at >= since &&
    row.at < until;

/** The newest first: by time where a span of it is asked for. */
function listOf(rows: readonly Row[], filter: EventFilter): Row[] {
  const isTimed = (filter.since ?? filter.until) !== undefined;
  return rows.filter(isSo(filter)).toSorted((a, b) => (isTimed ? b.at - a.at : 0) || b.seq - a.seq);
}

it(
  'are together what the filter leaves, in its order, from the newest or behind any event',
  { timeout: 120_000 },
  async () => {
    const url = await newUrl();
    await newDatabase(url);
    const connection = await connectTo(url);
    const engine = openPatientEngine(url);
    const run = fc.asyncProperty(
      fc.array(anEvent, { maxLength: 60 }),
      fc.array(
        fc.record({
          filter: aFilter,
          limit: fc.integer({ min: 1, max: 9 }),
          most: fc.integer({ min: 1, max: 30 }),
          behind: fc.option(fc.nat(59)),
        }),
        { minLength: 8, maxLength: 8 },
      ),
      async (events, asked) => {
        await connection.all('delete from audit_events');
        const rows: Row[] = [];
        for (const [n, { at, type, subject, actor }] of events.entries()) {
          const id = `evt_${String(n).padStart(22, '0')}`;
          const values = [id, at, type, subject, '{"kind":"schedule"}', actor];
          const returned = await connection.all(
            `insert into audit_events (id, at, type, subject, actor, actor_sub)
          values (?, ?, ?, ?, ?, ?) returning seq`,
            ...values,
          );
          rows.push({ seq: Number(returned[0]?.['seq']), id, at, type: type as EventType, subject, actor });
        }
        for (const { filter, limit, most, behind } of asked) {
          const store = auditStore(engine, { mostLookedAt: most });
          const start = behind === null ? undefined : rows[behind];
          const isTimed = (filter.since ?? filter.until) !== undefined;
          const expected = listOf(rows, filter).filter(
            (row) => start === undefined || (isTimed && row.at !== start.at ? row.at < start.at : row.seq < start.seq),
          );
          const found: string[] = [];
          let before: string | null = start?.id ?? null;
          // Each page but the last comes further, be it by one event.
          for (let pages = 0; pages <= events.length; pages += 1) {
            const page = await store.findPage({ before, limit, ...filter });
            found.push(...(page?.events ?? []).map(({ id }) => id));
            expect(page?.events.length).toBeLessThanOrEqual(limit);
            before = page?.next ?? null;
            if (before === null) break;
          }
          expect({ filter, limit, most, before, found }).toEqual({
            filter,
            limit,
            most,
            before: null,
            found: expected.map(({ id }) => id),
          });
        }
      },
    );
    await fc.assert(run);
  },
);
