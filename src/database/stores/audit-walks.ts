/**
 * Walks through the audit trail. Each follows one index from the newest event to the oldest, in parts that are read one by one
 * up to a limit of their own, so that what a walk reads does not depend on how many events there are.
 */
import { type SelectQueryBuilder, type Selectable, sql } from 'kysely';
import type { IndexReader, Numbers } from '../engine.ts';
import type { AuditEventRow, Tables } from '../schema.ts';

/** Where an event is. */
export type Place = { readonly at: number; readonly seq: bigint };

/** Behind which a page lies: an event, or the last number that is to be read, if not all are. */
export type Edge = Place | { readonly last: bigint | null };

/** Within which moments events are wanted, where they are wanted in the order of time: `until` is not included. */
export type Span = { readonly since: number; readonly until: number };

/** By number, by moment, or through the events that have one of the values in a column. */
export type Walk =
  { readonly by: 'seq' | 'at' } | { readonly by: 'subject' | 'actor_sub' | 'type'; readonly values: readonly string[] };

/** What of a walk is read: from behind `edge` to `end`, which is included, or else to where `most` of each part are read. */
export type Stretch = { readonly edge: Edge; readonly end: End | null; readonly most: number };

/** The moment is that of a walk by moments alone. */
export type End = { readonly at: number | null; readonly seq: bigint };

/**
 * All that either kind of database can number rows with: bigints, since somebody may have numbered one far beyond the others, and
 * SQLite goes on from there.
 */
const numbers: Numbers = { first: -(2n ** 63n), last: 2n ** 63n - 1n };

/** No number is among these. */
const none: Numbers = { first: 1n, last: 0n };

type Part = SelectQueryBuilder<Tables, 'audit_events', Selectable<AuditEventRow>>;

/** The events of a stretch, in no order. */
export function selectStretch(reader: IndexReader, walk: Walk, { most, ...bounds }: Stretch, span: Span | null) {
  return unionOf(
    partsOf(reader, walk, bounds, span).map((part) => reader.db.selectFrom(part.limit(most).as('part')).selectAll()),
  );
}

/** Of each part that has so many, the last of its `most` events. */
export function selectEnds(reader: IndexReader, walk: Walk, { edge, most }: Omit<Stretch, 'end'>, span: Span | null) {
  return unionOf(
    partsOf(reader, walk, { edge, end: null }, span).map((part) => {
      // As much as the index has: the events themselves are not read.
      const at = sql<number | null>`${walk.by === 'at' ? sql.ref('at') : sql.lit(null)}`;
      const end = part.clearSelect().select([sql<string>`cast(seq as text)`.as('seq_text'), at.as('at')]);
      return reader.db
        .selectFrom(
          end
            .limit(1)
            .offset(most - 1)
            .as('part'),
        )
        .selectAll();
    }),
  );
}

function unionOf<Row>(parts: readonly Rows<Row>[]): Rows<Row> {
  const [first, ...more] = parts;
  if (first === undefined) throw new Error('A walk through events of no value.');
  return more.reduce((all, part) => all.unionAll(part), first);
}

type Rows<Row> = SelectQueryBuilder<Tables & { part: Row }, 'part', Row>;

type Bounds = Omit<Stretch, 'most'>;

function partsOf(reader: IndexReader, walk: Walk, { edge, end }: Bounds, span: Span | null): Part[] {
  if (walk.by === 'at') return momentsOf(reader, { edge, end }, span);
  const first = end?.seq ?? numbers.first;
  const wanted = 'last' in edge ? { first, last: edge.last ?? numbers.last } : numbersBelow(edge, first);
  if ('values' in walk) return walk.values.map((value) => entriesOf(reader, walk.by, value, wanted));
  return [eventsOf(reader).where(isAmong(wanted)).orderBy('seq', 'desc')];
}

/** What is left of the moment of the edge, the moments between, and what there is of that of the end. */
function momentsOf(reader: IndexReader, { edge, end }: Bounds, span: Span | null): Part[] {
  if (span === null) throw new Error('A walk by moments without a span of them.');
  const from = 'at' in edge && edge.at < span.until ? edge : null;
  const parts: Part[] = [];
  if (from !== null && from.at >= span.since) {
    const first = end?.at === from.at ? end.seq : numbers.first;
    parts.push(entriesOf(reader, 'at', from.at, numbersBelow(from, first)));
    if (end?.at === from.at) return parts;
  }
  let between = eventsOf(reader)
    .where('at', end === null ? '>=' : '>', end?.at ?? span.since)
    .where('at', '<', from?.at ?? span.until);
  if ('last' in edge && edge.last !== null) between = between.where(sql<boolean>`seq <= ${edge.last}`);
  parts.push(between.orderBy('at', 'desc').orderBy('seq', 'desc'));
  if (end?.at != null) parts.push(entriesOf(reader, 'at', end.at, { ...numbers, first: end.seq }));
  return parts;
}

/** Below the least of all there is no number, and none that a database would take. */
function numbersBelow({ seq }: Place, first: bigint): Numbers {
  return seq <= first ? none : { first, last: seq - 1n };
}

function isAmong({ first, last }: Numbers) {
  return sql<boolean>`seq between ${first} and ${last}`;
}

function entriesOf(
  reader: IndexReader,
  column: 'subject' | 'actor_sub' | 'type' | 'at',
  value: string | number,
  numbers: Numbers,
) {
  return eventsOf(reader)
    .where(reader.entriesOf(column, value, numbers))
    .orderBy(column, 'desc')
    .orderBy('seq', 'desc');
}

function eventsOf({ db }: IndexReader): Part {
  return db.selectFrom('audit_events').selectAll();
}

export function isBehind(edge: Edge) {
  if ('last' in edge) return edge.last === null ? sql<boolean>`true` : sql<boolean>`seq <= ${edge.last}`;
  return sql<boolean>`(at, seq) < (${edge.at}, ${edge.seq})`;
}
