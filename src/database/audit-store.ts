import type { Actor, AuditEvent, AuditStore, EventFilter, EventType, Occasion } from '../audit/event.ts';
import { newId } from '../secret.ts';
import type { Engine } from './engine.ts';
import { takeOnce } from './once.ts';
import type { AuditEventRow, Database } from './schema.ts';
import { inTransaction } from './transaction.ts';

export function auditStore({ db, lastSettledEvent }: Pick<Engine, 'db' | 'lastSettledEvent'>): AuditStore {
  return {
    async listEvents({ before, limit, ...filter }) {
      const edge = before === null ? await lastSettledEvent() : await placeOf(db, before);
      if (edge === undefined) return undefined;
      if (filter.types?.length === 0) return [];
      const within = isSpanAlone(filter) ? null : await findSpan(db, filter);
      if (within === 'empty') return [];
      return (await selectEvents(db, filter, { edge, within, limit }).execute()).map(eventOf);
    },

    recordEvent: (type, subject, occasion) => recordEvents(db, type, [subject], occasion),

    recordOnce: (type, subject, occasion, { of, until }) =>
      inTransaction(db, async (trx) => {
        const isFirst = await takeOnce(trx, ['event', type, ...of], { now: occasion.at, until });
        if (isFirst) await recordEvents(trx, type, [subject], occasion);
      }),
  };
}

/** The event that a page lies behind; undefined when there is none of that id. */
function placeOf(db: Database, id: string): Promise<Place | undefined> {
  return db.selectFrom('audit_events').select(['at', 'seq']).where('id', '=', id).executeTakeFirst();
}

type Place = { readonly at: number; readonly seq: number };

/** What the events of a span of time are numbered, if that is to be had at little cost. */
type Span = { readonly first: number; readonly last: number };

/** So many are looked at, out of an index. */
const mostOfSpan = 10_000;

/**
 * Where the events of a span of time are, in the order in which they were written: so that whoever asks for the few failures of
 * the last minutes does not go through all older ones. Null where nothing is said of time, or there are too many to look at.
 */
async function findSpan(db: Database, { since, until }: EventFilter): Promise<Span | 'empty' | null> {
  if (since === undefined && until === undefined) return null;
  let events = db.selectFrom('audit_events').select('seq').limit(mostOfSpan);
  if (since !== undefined) events = events.where('at', '>=', since);
  if (until !== undefined) events = events.where('at', '<', until);
  const { count, first, last } = await db
    .selectFrom(events.as('events'))
    .select(({ fn }) => [fn.countAll<number>().as('count'), fn.min('seq').as('first'), fn.max('seq').as('last')])
    .executeTakeFirstOrThrow();
  if (count === 0) return 'empty';
  return count < mostOfSpan ? { first, last } : null;
}

/** Whether events are asked for by when they happened, and by nothing else. */
function isSpanAlone({ subject, actor, types, since, until }: EventFilter): boolean {
  return [subject, actor, types].every((each) => each === undefined) && (since ?? until) !== undefined;
}

/**
 * The newest events that are so, behind a place or, as far as they are settled, up to a number; null for no end.
 *
 * In the order in which they were written: there are indexes of subjects, actors and types that have it. Those of a span of
 * time, and of nothing else, are in the order of time: an index leads to the page, however many events are newer or older.
 * Where the clocks of servers differ, that is not quite the same. Nothing is ever sorted: it could be all that there is.
 */
export function selectEvents(
  db: Database,
  filter: EventFilter,
  { edge, within, limit }: { edge: Place | number | null; within: Span | null; limit: number },
) {
  const { subject, actor, types, since, until } = filter;
  const isInOrderOfTime = isSpanAlone(filter);
  // Of several types each by itself, merged by their order: out of a list of them SQLite would sort whatever it finds. Where
  // the index of a subject or an actor leads to them, it does not.
  const isListed = types === undefined || subject !== undefined || actor !== undefined;
  const [first, ...more] = isListed ? [types] : types.map((type) => [type]);
  let query = eventsOf(first);
  for (const each of more) query = query.unionAll(eventsOf(each));
  if (isInOrderOfTime) query = query.orderBy('at', 'desc');
  return query.orderBy('seq', 'desc').limit(limit);

  function eventsOf(some: readonly EventType[] | undefined) {
    let events = db.selectFrom('audit_events').selectAll();
    if (some !== undefined) events = events.where('type', 'in', some);
    if (subject !== undefined) events = events.where('subject', '=', subject);
    if (actor !== undefined) events = events.where('actor_sub', '=', actor);
    if (since !== undefined) events = events.where('at', '>=', since);
    if (until !== undefined) events = events.where('at', '<', until);
    if (within !== null) events = events.where('seq', '>=', within.first).where('seq', '<=', within.last);
    if (edge === null) return events;
    if (typeof edge === 'number') return events.where('seq', '<=', edge);
    return isInOrderOfTime
      ? events.where((eb) => eb(eb.refTuple('at', 'seq'), '<', eb.tuple(edge.at, edge.seq)))
      : events.where('seq', '<', edge.seq);
  }
}

/** A subject is never empty, so this stands for none. */
const nothing = '';

/** Rows of one statement: of few sizes, so that there is no statement for each number of subjects. */
const sizes = [50, 8, 1] as const;

/** Writes one event for each subject, as part of the transaction that makes the change. */
export function recordEvents(
  trx: Database,
  type: EventType,
  subjects: readonly (string | null)[],
  { detail = null, ...occasion }: Occasion,
): Promise<void> {
  return recordEach(
    trx,
    type,
    subjects.map((subject) => ({ subject, detail })),
    occasion,
  );
}

/** The same, where there is something else to say of each. */
export async function recordEach(
  trx: Database,
  type: EventType,
  events: readonly { readonly subject: string | null; readonly detail: string | null }[],
  { at, actor, reason, address = null }: Omit<Occasion, 'detail'>,
): Promise<void> {
  const actorSub = actor.kind === 'caller' ? actor.sub : null;
  const all = { type, at, actor: JSON.stringify(actor), actor_sub: actorSub, reason, address };
  const rows = events.map(({ subject, detail }) => ({
    ...all,
    id: newId('evt_'),
    subject: subject ?? nothing,
    detail,
  }));
  for (let at = 0; at < rows.length;) {
    const size = sizes.find((each) => each <= rows.length - at) ?? 1;
    await trx
      .insertInto('audit_events')
      .values(rows.slice(at, at + size))
      .execute();
    at += size;
  }
}

function eventOf(row: Omit<AuditEventRow, 'seq'>): AuditEvent {
  const { id, at, type, subject, actor, reason, address, detail } = row;
  return {
    id,
    at,
    // Both are written by recordEvents alone.
    type: type as EventType,
    actor: JSON.parse(actor) as Actor,
    subject: subject === nothing ? null : subject,
    reason,
    address,
    detail,
  };
}
