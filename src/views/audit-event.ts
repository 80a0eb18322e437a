import { type AuditEvent, type RecordedActor, outcomeOf } from '../audit/event.ts';
import { toRfc3339 } from '../clock.ts';

/** The one place that says what of an event leaves the server. */
export function viewEvent({ id, at, type, subject, actor, reason, address, detail }: AuditEvent) {
  const outcome = outcomeOf(type);
  const moment = at === null ? null : toRfc3339(at);
  return { id, at: moment, type, subject, actor: viewActor(actor), reason, outcome, address, detail };
}

function viewActor(actor: RecordedActor) {
  switch (actor.kind) {
    case 'schedule':
    case 'anonymous':
    case 'unknown':
      return { kind: actor.kind };
    case 'script':
      return { kind: actor.kind, name: actor.name };
    case 'caller':
      return { kind: actor.kind, sub: actor.sub, client_id: actor.clientId };
  }
}
