import type { Actor, AuditEvent, AuditStore, Occasion } from '../audit/event.ts';
import { newId } from '../secret.ts';
import type { AuditEventRow, Database } from './schema.ts';

export function auditStore(db: Database): AuditStore {
  return {
    async listEvents({ before, limit, subject, types }) {
      let query = db.selectFrom('audit_events').selectAll().orderBy('seq', 'desc').limit(limit);
      if (subject !== undefined) query = query.where('subject', '=', subject);
      if (types !== undefined) query = query.where('type', 'in', types);
      if (before !== null) {
        const last = await db.selectFrom('audit_events').select('seq').where('id', '=', before).executeTakeFirst();
        if (last === undefined) return undefined;
        query = query.where('seq', '<', last.seq);
      }
      return (await query.execute()).map(eventOf);
    },
  };
}

/** Writes one event for each subject, as part of the transaction that makes the change. */
export async function recordEvents(
  trx: Database,
  type: AuditEvent['type'],
  subjects: readonly string[],
  { at, actor, reason }: Occasion,
): Promise<void> {
  if (subjects.length === 0) return;
  const event = { type, at, actor: JSON.stringify(actor), reason };
  await trx
    .insertInto('audit_events')
    .values(subjects.map((subject) => ({ ...event, id: newId('evt_'), subject })))
    .execute();
}

function eventOf({ id, at, type, subject, actor, reason }: Omit<AuditEventRow, 'seq'>): AuditEvent {
  // Both are written by recordEvents alone.
  return { id, at, type: type as AuditEvent['type'], subject, actor: JSON.parse(actor) as Actor, reason };
}
