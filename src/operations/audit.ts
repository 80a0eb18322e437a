/** The audit trail, for whoever has to know what was changed. */
import { viewEvent } from '../views/audit-event.ts';
import { type AuditStore, type EventFilter, eventsThat } from '../audit/event.ts';
import { fromRfc3339 } from '../clock.ts';
import type { Handler, Request } from '../http/contract.ts';
import { usualLimit } from '../views/page.ts';
import { badRequest, unknownCursor } from './replies.ts';

export function listAuditEvents(store: AuditStore): Handler<'listAuditEvents'> {
  return async ({ query }) => {
    const { limit = usualLimit, cursor = null } = query;
    const since = momentOf(query.since);
    if (since === null) return badRequest('/query/since', notAMoment);
    const until = momentOf(query.until);
    if (until === null) return badRequest('/query/until', notAMoment);
    const filter = { subject: query.subject, actor: query.actor, types: typesOf(query), since, until };
    const page = await store.findPage({ before: cursor, limit, ...filter });
    if (page === undefined) return unknownCursor;
    // Events are never deleted, so an id is a place in the list.
    const next = page.next === null ? {} : { next_cursor: page.next };
    return { status: 200, body: { events: page.events.map(viewEvent), ...next } };
  };
}

function typesOf({ type, outcome }: Request<'listAuditEvents'>['query']): EventFilter['types'] {
  if (outcome === undefined) return type && [type];
  return eventsThat(outcome).filter((each) => type === undefined || each === type);
}

/** Events happen in whole seconds, so both ends of a span may go up to the next one. */
function momentOf(text: string | undefined): number | null | undefined {
  if (text === undefined) return undefined;
  const moment = fromRfc3339(text);
  return moment && Math.ceil(moment);
}

const notAMoment = 'is not a moment of RFC 3339';
