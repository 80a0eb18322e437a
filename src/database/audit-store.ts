import type { Actor, AuditEvent, AuditStore, EventType, Occasion } from '../audit/event.ts';
import { newId } from '../secret.ts';
import type { Engine } from './engine.ts';
import { takeOnce } from './once.ts';
import type { AuditEventRow, Database } from './schema.ts';
import { inTransaction } from './transaction.ts';

export function auditStore({ db, lastSettledEvent }: Pick<Engine, 'db' | 'lastSettledEvent'>): AuditStore {
  return {
    async listEvents({ before, limit, subject, actor, types, since, until }) {
      // Of a span of time, in the order of time: an index leads to the page, however many events are newer or older. Where
      // the clocks of servers differ, this is not quite the order in which events were written.
      const isSpan = since !== undefined || until !== undefined;
      let query = db.selectFrom('audit_events').selectAll().limit(limit);
      if (isSpan) query = query.orderBy('at', 'desc');
      query = query.orderBy('seq', 'desc');
      if (subject !== undefined) query = query.where('subject', '=', subject);
      if (actor !== undefined) query = query.where('actor_sub', '=', actor);
      if (since !== undefined) query = query.where('at', '>=', since);
      if (until !== undefined) query = query.where('at', '<', until);
      if (before !== null) {
        const last = await db
          .selectFrom('audit_events')
          .select(['at', 'seq'])
          .where('id', '=', before)
          .executeTakeFirst();
        if (last === undefined) return undefined;
        query = isSpan
          ? query.where((eb) => eb(eb.refTuple('at', 'seq'), '<', eb.tuple(last.at, last.seq)))
          : query.where('seq', '<', last.seq);
      } else {
        const last = await lastSettledEvent();
        if (last !== null) query = query.where('seq', '<=', last);
      }
      if (types?.length === 0) return [];
      if (types !== undefined) query = query.where('type', 'in', types);
      return (await query.execute()).map(eventOf);
    },

    recordEvent: (type, subject, occasion) => recordEvents(db, type, [subject], occasion),

    recordOnce: (type, subject, occasion, { of, until }) =>
      inTransaction(db, async (trx) => {
        const isFirst = await takeOnce(trx, ['event', type, ...of], { now: occasion.at, until });
        if (isFirst) await recordEvents(trx, type, [subject], occasion);
      }),
  };
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
