/** Events that no server of this version wrote: somebody changed the database, or a newer server writes beside this one. */
import { describe, expect } from 'vitest';
import { connectTo } from '../../support/database.ts';
import { type Event, type Operator, newOperator, shortLife } from '../../support/key-operator.ts';
import { it, startTessera } from '../../support/tessera.ts';

async function start() {
  const tessera = await startTessera(shortLife);
  const connection = await connectTo(tessera.databaseUrl);
  const operator = await newOperator(tessera);
  let planted = 0;
  const plant = async (columns: Record<string, string | number | null> = {}) => {
    planted += 1;
    const id = `evt_planted${String(planted).padStart(15, '0')}`;
    const row = { id, at: tessera.clock(), type: 'key.created', subject: 'planted', actor: '{}', ...columns };
    const values = Object.values(row);
    const marks = values.map(() => '?').join(', ');
    await connection.all(`insert into audit_events (${Object.keys(row).join(', ')}) values (${marks})`, ...values);
    return id;
  };
  return { tessera, connection, operator, plant };
}

/** One event a page. */
async function walk(operator: Operator, query = ''): Promise<Event[]> {
  const seen: Event[] = [];
  for (let cursor = ''; ;) {
    const page = await operator.events(`?limit=1${query}${cursor}`);
    seen.push(...page.events);
    if (page.next_cursor === undefined) return seen;
    cursor = `&cursor=${page.next_cursor}`;
  }
}

const idsOf = (events: readonly { id: string }[]) => events.map(({ id }) => id);

describe('an event that is numbered far beyond the others', () => {
  it('hides neither itself nor what comes after it', async () => {
    const { tessera, connection, operator, plant } = await start();
    // What SQLite numbers goes on behind the greatest number.
    for (const seq of ['3000000000', '9007199254740993', '9223372036854775000']) {
      const id = await plant({ seq });
      await tessera.form('/token', { grant_type: 'password', username: 'nobody', password: 'x' }).expect(400);
      const { events } = await operator.events();
      const types = events.slice(0, 2).map(({ type }) => type);
      expect(types.toSorted()).toEqual(['key.created', 'session.refused']);
      expect(idsOf(events)).toContain(id);
      expect((await operator.events('?subject=planted&type=key.created')).events[0]?.id).toBe(id);
      expect((await operator.events('?since=2000-01-01T00:00:00Z')).events[0]?.type).toMatch(/session|created/);
      expect((await operator.events('?outcome=failure')).events[0]?.type).toBe('session.refused');
      expect(idsOf(await walk(operator))).toEqual(idsOf(events));
      expect(idsOf(await walk(operator, '&since=2000-01-01T00:00:00Z')).toSorted()).toEqual(idsOf(events).toSorted());
      await connection.all('delete from audit_events where id = ?', id);
    }
  });

  it('nor is one hidden that is numbered below them all', async () => {
    const { operator, plant } = await start();
    const id = await plant({ seq: '-9223372036854775808' });
    const all = await walk(operator);
    expect(all.at(-1)?.id).toBe(id);
    expect(await operator.events(`?cursor=${id}`)).toEqual({ events: [] });
    expect(await operator.events(`?cursor=${id}&subject=planted`)).toEqual({ events: [] });
    expect((await operator.events('?subject=planted')).events).toHaveLength(1);
  });
});

describe('an event that is not as a server writes it', () => {
  it('is shown without a moment where it has none, and is in no span of time', async () => {
    const { operator, plant } = await start();
    const before = await operator.events('?limit=200&since=1970-01-01T00:00:00Z');
    const ids: string[] = [];
    for (const at of ['1152921504606846976', 1e13, -1e12, -1]) ids.unshift(await plant({ at }));
    const { events } = await operator.events();
    expect(events.slice(0, 4)).toMatchObject(ids.map((id) => ({ id, at: null, type: 'key.created' })));
    expect(idsOf(await walk(operator))).toEqual(idsOf(events));
    expect(await operator.events('?limit=200&since=1970-01-01T00:00:00Z')).toEqual(before);
    expect((await operator.events('?until=1971-01-01T00:00:00Z')).events).toEqual([]);
    // Behind one that stands in no span, a span begins with its newest.
    expect(await operator.events(`?limit=200&since=1970-01-01T00:00:00Z&cursor=${ids[0] ?? ''}`)).toEqual(before);
  });

  it('is shown as of unknown type and outcome where a newer server has more types', async () => {
    const { operator, plant } = await start();
    const id = await plant({ type: 'weather.changed' });
    const { events } = await operator.events();
    expect(events[0]).toMatchObject({ id, type: 'unknown', outcome: null, subject: 'planted' });
    expect(idsOf((await operator.events('?outcome=success')).events)).not.toContain(id);
    expect(idsOf((await operator.events('?outcome=failure')).events)).not.toContain(id);
    expect((await operator.ask('get', '/audit-events?type=unknown')).status).toBe(400);
  });

  it('is named by its number where its id is none, and pages go on behind it', async () => {
    const { operator, plant, connection } = await start();
    const { events: before } = await operator.events();
    for (const id of ['x', '', 'y'.repeat(300), 'evt_________________seven']) {
      await plant({ id });
      const { events } = await operator.events();
      const rows = await connection.all('select cast(max(seq) as text) as seq from audit_events');
      expect(events[0]?.id).toBe(`evt_${String(rows[0]?.['seq']).padStart(22, '_')}`);
    }
    // Of one who would lead the walk astray: the number of the oldest, in the way in which a row without an id is named.
    const oldest = await connection.all('select cast(min(seq) as text) as seq from audit_events');
    await plant({ id: `evt_${String(oldest[0]?.['seq']).padStart(22, '_')}` });
    const { events } = await operator.events();
    expect(idsOf(await walk(operator))).toEqual(idsOf(events));
    expect(idsOf(events.slice(5))).toEqual(idsOf(before));
    for (const number of ['99999999999', '9223372036854775807', '99999999999999999999', '-', '1-'])
      expect((await operator.ask('get', `/audit-events?cursor=evt_${number.padStart(22, '_')}`)).status).toBe(400);
  });
});
