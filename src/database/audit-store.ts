import type { AuditEvent, AuditStore, EventQuery, EventType, Occasion } from '../audit/event.ts';
import { newId } from '../secret.ts';
import { findEventPage } from './audit-pages.ts';
import { type Edge, type Place, lastOfAll } from './audit-walks.ts';
import type { Engine } from './engine.ts';
import { takeOnce } from './once.ts';
import { readActor } from './recorded-actor.ts';
import type { AuditEventRow, Database } from './schema.ts';
import { inTransaction } from './transaction.ts';

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
    const { rows, next } = await readByIndex((reader) => findEventPage(reader, { filter, edge, limit, mostLookedAt }));
    return { events: rows.map(eventOf), next };
  }
}

/** Events of one page of a list that has to be whole. */
const mostAtOnce = 1000;

async function newest({ lastSettledEvent }: Pick<Engine, 'lastSettledEvent'>): Promise<Edge> {
  return { last: (await lastSettledEvent()) ?? lastOfAll };
}

/** The event that a page lies behind; undefined when there is none of that id. */
function placeOf(db: Database, id: string): Promise<Place | undefined> {
  return db.selectFrom('audit_events').select(['at', 'seq']).where('id', '=', id).executeTakeFirst();
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
    // Written by recordEvents alone.
    type: type as EventType,
    actor: readActor(actor),
    subject: subject === nothing ? null : subject,
    reason,
    address,
    detail,
  };
}
