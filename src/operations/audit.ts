/** The audit trail, for whoever has to know what was changed. */
import type { Actor, AuditEvent, AuditStore } from '../audit/event.ts';
import { toRfc3339 } from '../clock.ts';
import type { Handler } from '../http/contract.ts';

/** As the contract says; it is not filled in for a request without a query. */
const usualLimit = 50;

export function listAuditEvents(store: AuditStore): Handler<'listAuditEvents'> {
  return async ({ query: { limit = usualLimit, cursor = null, subject } }) => {
    // One more than the page holds tells whether there is another page.
    const found = await store.listEvents({ before: cursor, limit: limit + 1, subject });
    if (found === undefined) return unknownCursor;
    const events = found.slice(0, limit);
    const last = found.length > limit ? events.at(-1) : undefined;
    return { status: 200, body: { events: events.map(viewEvent), ...(last && { next_cursor: last.id }) } };
  };
}

/** The one place that says what of an event leaves the server. */
export function viewEvent({ id, at, type, subject, actor, reason }: AuditEvent) {
  return { id, at: toRfc3339(at), type, subject, actor: viewActor(actor), reason };
}

function viewActor(actor: Actor) {
  switch (actor.kind) {
    case 'schedule':
      return { kind: actor.kind };
    case 'script':
      return { kind: actor.kind, name: actor.name };
    case 'caller':
      return { kind: actor.kind, sub: actor.sub, client_id: actor.clientId };
  }
}

const unknownCursor = {
  status: 400,
  body: {
    detail: 'The request does not fit the contract.',
    errors: [{ pointer: '/query/cursor', detail: 'is not the next_cursor of any page' }],
  },
} as const;
