import { sql } from 'kysely';
import type { AuditEvent, AuditStore, EventQuery, EventType, Occasion } from '../../audit/event.ts';
import { lastMoment } from '../../clock.ts';
import { newId } from '../../secret.ts';
import { findEventPage } from './audit-pages.ts';
import { nothing, numberIn } from './audit-row.ts';
import type { Edge, Place } from './audit-walks.ts';
import type { Engine } from '../engine.ts';
import { takeOnce } from './once.ts';
import type { Database } from '../schema.ts';
import { inTransaction } from '../transaction.ts';

/** For either kind of database, a few milliseconds of work. */
const defaults = { mostLookedAt: 5000 };

/** For one page of a list with several filters, `mostLookedAt` events are read at most (`audit-pages.ts`). */
export function auditStore(
  engine: Pick<Engine, 'db' | 'lastSettledEvent' | 'readByIndex'>,
  { mostLookedAt } = defaults,
): AuditStore {
  const { db, readByIndex } = engine;
  return {
    findPage,

    async listEvents({ limit, ...wanted }) {
      const listed: AuditEvent[] = [];
      for (let before = wanted.before; ;) {
        const page = await findPage({ ...wanted, before, limit: Math.min(limit - listed.length, mostAtOnce) });
        if (page === undefined) return undefined;
        listed.push(...page.events);
        if (page.next === null || listed.length === limit) return listed;
        before = page.next;
      }
    },

    recordEvent: (type, subject, occasion) => recordEvents(db, type, [subject], occasion),

    recordOnce: (type, subject, occasion, { of, until }) =>
      inTransaction(db, async (trx) => {
        const isFirst = await takeOnce(trx, ['event', type, ...of], { now: occasion.at, until });
        if (isFirst) await recordEvents(trx, type, [subject], occasion);
      }),
  };

  async function findPage({ before, limit, ...filter }: EventQuery) {
    const edge = before === null ? await newest(engine) : await placeOf(db, before);
    if (edge === undefined) return undefined;
    return readByIndex((reader) => findEventPage(reader, { filter, edge, limit, mostLookedAt }));
  }
}

/** Events of one page of a list that has to be whole. */
const mostAtOnce = 1000;

async function newest({ lastSettledEvent }: Pick<Engine, 'lastSettledEvent'>): Promise<Edge> {
  return { last: await lastSettledEvent() };
}

/** Where one is that has no moment: before all spans of time, so that nothing is left out of the page behind it. */
const noMoment = lastMoment + 1;

/** The event that a page lies behind; undefined when there is none of that id. */
async function placeOf(db: Database, id: string): Promise<Place | undefined> {
  const number = numberIn(id);
  const row = await db
    .selectFrom('audit_events')
    .select([
      sql<number>`case when at between 0 and ${sql.lit(lastMoment)} then at else ${sql.lit(noMoment)} end`.as('moment'),
      sql<string>`cast(seq as text)`.as('seq_text'),
    ])
    // Compared as what all numbers fit into, that of no row among them.
    .where(number === null ? sql<boolean>`id = ${id}` : sql<boolean>`seq = cast(${number} as bigint)`)
    .executeTakeFirst();
  return row && { at: row.moment, seq: BigInt(row.seq_text) };
}

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
