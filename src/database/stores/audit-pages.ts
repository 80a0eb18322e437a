/**
 * Pages of the audit trail, the newest events first. Whatever is asked for, however many events there are, and whatever a
 * planner takes them for: a page looks at few of them.
 *
 * One filter alone leads to the events of the page. Of several, one leads, and the others leave out what they do not want: where
 * a walk has come to `mostLookedAt` events, the page ends, full or not, and the next one goes on from there. The walk that leads
 * is the one that comes furthest. Without a span of time, events are in the order in which they were written. With one they
 * are in that of time, in which only the walk by moments goes; another one leads where it has few events altogether.
 *
 * So a page reads `mostLookedAt` events at most, or one page for each type that is asked for; and before that, for each filter,
 * as many entries of an index.
 */
import { sql } from 'kysely';
import type { AuditEvent, EventFilter } from '../../audit/event.ts';
import { lastMoment } from '../../clock.ts';
import { eventColumns, eventOf, idOf, nameColumns } from './audit-row.ts';
import {
  type Edge,
  type End,
  type Span,
  type Stretch,
  type Walk,
  isBehind,
  selectEnds,
  selectStretch,
} from './audit-walks.ts';
import type { IndexReader } from '../engine.ts';

export type Wanted = {
  readonly filter: EventFilter;
  readonly edge: Edge;
  readonly limit: number;
  readonly mostLookedAt: number;
};

/** `next` is the id of the event that the next page lies behind, which need not be one of these; null on the last page. */
export type EventPage = { readonly events: AuditEvent[]; readonly next: string | null };

export async function findEventPage(reader: IndexReader, wanted: Wanted): Promise<EventPage> {
  const { limit } = wanted;
  if (wanted.filter.types?.length === 0) return { events: [], next: null };
  const way = await chooseWay(reader, wanted);
  const rows = await selectPage(reader, way, { ...wanted, limit: limit + 1 }).execute();
  const events = rows.slice(0, limit).map(eventOf);
  if (rows.length > limit) return { events, next: events.at(-1)?.id ?? null };
  return { events, next: way.end && (await findId(reader, way.end)) };
}

type Way = Stretch & { readonly walk: Walk };

async function chooseWay(reader: IndexReader, { filter, edge, limit, mostLookedAt }: Wanted): Promise<Way> {
  const walks = walksOf(filter);
  const [only = { by: 'seq' }, ...others] = walks;
  if (others.length === 0) return { walk: only, edge, end: null, most: limit + 1 };
  const span = spanOf(filter);
  const isTimed = span !== null;
  const ways: Way[] = [];
  for (const walk of walks) {
    // One that goes in another order leads nowhere unless it is short, from its beginning.
    const from = isTimed && walk.by !== 'at' && 'at' in edge ? { last: null } : edge;
    const most = shareOf(walk, mostLookedAt);
    const end = await findEnd(reader, walk, { edge: from, most }, span);
    // Twice as many are to be had as there should be, since more may be written before they are read.
    const way = { walk, edge: from, end, most: 2 * most };
    if (end === null) return way;
    ways.push(way);
  }
  const best = isTimed ? ways.at(-1) : ways.toSorted(byEnd)[0];
  if (best === undefined) throw new Error('No walk leads to what is wanted.');
  return best;
}

function byEnd({ end: a }: Way, { end: b }: Way): number {
  if (a === null || b === null || a.seq === b.seq) return 0;
  return a.seq < b.seq ? -1 : 1;
}

/** Up to where all parts of a walk are known once each has shown so many; null where none has so many. */
async function findEnd(
  reader: IndexReader,
  walk: Walk,
  stretch: Omit<Stretch, 'end'>,
  span: Span | null,
): Promise<End | null> {
  const rows = await selectEnds(reader, walk, stretch, span).execute();
  const ends = rows.map(({ seq_text: seq, at }) => ({ at, seq: BigInt(seq) }));
  return ends.reduce<End | null>((end, each) => (end === null || isNewer(each, end) ? each : end), null);
}

function isNewer(one: End, other: End): boolean {
  return one.at === other.at ? one.seq > other.seq : (one.at ?? 0) > (other.at ?? 0);
}

function shareOf(walk: Walk, all: number): number {
  return Math.max(1, Math.floor(all / ('values' in walk ? walk.values.length : 1)));
}

/** Null where events are in the order in which they were written. What is no moment is in no span. */
function spanOf({ since, until }: EventFilter): Span | null {
  if (since === undefined && until === undefined) return null;
  return { since: Math.max(0, since ?? 0), until: Math.min(until ?? Infinity, lastMoment + 1) };
}

/** That by moments is the last. */
function walksOf(filter: EventFilter): Walk[] {
  const { subject, actor, types } = filter;
  const walks: (Walk | false)[] = [
    subject !== undefined && { by: 'subject', values: [subject] },
    actor !== undefined && { by: 'actor_sub', values: [actor] },
    types !== undefined && { by: 'type', values: types },
    spanOf(filter) !== null && { by: 'at' },
  ];
  return walks.filter((each) => each !== false);
}

function selectPage(reader: IndexReader, { walk, ...stretch }: Way, { filter, edge, limit }: Wanted) {
  const { subject, actor, types } = filter;
  const span = spanOf(filter);
  let events = reader.db.selectFrom(selectStretch(reader, walk, stretch, span).as('events')).select(eventColumns);
  if (subject !== undefined) events = events.where('subject', '=', subject);
  if (actor !== undefined) events = events.where('actor_sub', '=', actor);
  if (types !== undefined) events = events.where('type', 'in', types);
  if (span !== null) {
    events = events.where('at', '>=', span.since).where('at', '<', span.until);
    events = events.where(isBehind(edge)).orderBy('at', 'desc');
  }
  return events.orderBy('seq', 'desc').limit(limit);
}

async function findId(reader: IndexReader, { seq }: End): Promise<string> {
  const row = await reader.db
    .selectFrom('audit_events')
    .select(nameColumns)
    .where(sql<boolean>`seq = ${seq}`)
    .executeTakeFirstOrThrow();
  return idOf(row);
}
