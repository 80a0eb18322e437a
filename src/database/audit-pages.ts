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
import type { Selectable } from 'kysely';
import type { EventFilter } from '../audit/event.ts';
import {
  type Edge,
  type End,
  type Stretch,
  type Walk,
  isBehind,
  lastOfAll,
  selectEnds,
  selectStretch,
} from './audit-walks.ts';
import type { IndexReader } from './engine.ts';
import type { AuditEventRow } from './schema.ts';

export type Wanted = {
  readonly filter: EventFilter;
  readonly edge: Edge;
  readonly limit: number;
  readonly mostLookedAt: number;
};

/** `next` is the id of the event that the next page lies behind, which need not be one of these; null on the last page. */
export type EventPage = { readonly rows: readonly Selectable<AuditEventRow>[]; readonly next: string | null };

export async function findEventPage(reader: IndexReader, wanted: Wanted): Promise<EventPage> {
  const { limit } = wanted;
  if (wanted.filter.types?.length === 0) return { rows: [], next: null };
  const way = await chooseWay(reader, wanted);
  const rows = await selectPage(reader, way, { ...wanted, limit: limit + 1 }).execute();
  if (rows.length > limit) return { rows: rows.slice(0, limit), next: rows[limit - 1]?.id ?? null };
  return { rows, next: way.end && (await idOf(reader, way.end)) };
}

type Way = Stretch & { readonly walk: Walk };

async function chooseWay(reader: IndexReader, { filter, edge, limit, mostLookedAt }: Wanted): Promise<Way> {
  const walks = walksOf(filter);
  const [only = { by: 'seq' }, ...others] = walks;
  if (others.length === 0) return { walk: only, edge, end: null, most: limit + 1 };
  const isTimed = isInOrderOfTime(filter);
  const ways: Way[] = [];
  for (const walk of walks) {
    // One that goes in another order leads nowhere unless it is short, from its beginning.
    const from = isTimed && walk.by !== 'at' && 'at' in edge ? { last: lastOfAll } : edge;
    const most = shareOf(walk, mostLookedAt);
    const end = await findEnd(reader, walk, { edge: from, most }, filter);
    // Twice as many are to be had as there should be, since more may be written before they are read.
    const way = { walk, edge: from, end, most: 2 * most };
    if (end === null) return way;
    ways.push(way);
  }
  const best = isTimed ? ways.at(-1) : ways.toSorted((a, b) => (a.end?.seq ?? 0) - (b.end?.seq ?? 0))[0];
  if (best === undefined) throw new Error('No walk leads to what is wanted.');
  return best;
}

/** Up to where all parts of a walk are known once each has shown so many; null where none has so many. */
async function findEnd(
  reader: IndexReader,
  walk: Walk,
  stretch: Omit<Stretch, 'end'>,
  filter: EventFilter,
): Promise<End | null> {
  const ends = await selectEnds(reader, walk, stretch, filter).execute();
  return ends.reduce<End | null>((end, each) => (end === null || isNewer(each, end) ? each : end), null);
}

function isNewer(one: End, other: End): boolean {
  return one.at === other.at ? one.seq > other.seq : (one.at ?? 0) > (other.at ?? 0);
}

function shareOf(walk: Walk, all: number): number {
  return Math.max(1, Math.floor(all / ('values' in walk ? walk.values.length : 1)));
}

function isInOrderOfTime({ since, until }: EventFilter): boolean {
  return (since ?? until) !== undefined;
}

/** That by moments is the last. */
function walksOf(filter: EventFilter): Walk[] {
  const { subject, actor, types } = filter;
  const walks: (Walk | false)[] = [
    subject !== undefined && { by: 'subject', values: [subject] },
    actor !== undefined && { by: 'actor_sub', values: [actor] },
    types !== undefined && { by: 'type', values: types },
    isInOrderOfTime(filter) && { by: 'at' },
  ];
  return walks.filter((each) => each !== false);
}

function selectPage(reader: IndexReader, { walk, ...stretch }: Way, { filter, edge, limit }: Wanted) {
  const { subject, actor, types, since, until } = filter;
  let events = reader.db.selectFrom(selectStretch(reader, walk, stretch, filter).as('events')).selectAll();
  if (subject !== undefined) events = events.where('subject', '=', subject);
  if (actor !== undefined) events = events.where('actor_sub', '=', actor);
  if (types !== undefined) events = events.where('type', 'in', types);
  if (since !== undefined) events = events.where('at', '>=', since);
  if (until !== undefined) events = events.where('at', '<', until);
  if (isInOrderOfTime(filter)) events = events.where(isBehind(edge)).orderBy('at', 'desc');
  return events.orderBy('seq', 'desc').limit(limit);
}

async function idOf(reader: IndexReader, { seq }: End): Promise<string> {
  const { id } = await reader.db
    .selectFrom('audit_events')
    .select('id')
    .where('seq', '=', seq)
    .executeTakeFirstOrThrow();
  return id;
}
