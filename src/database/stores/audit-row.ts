/**
 * How events are read. Whatever somebody has put into a row, it is read, and so are the others: SQLite takes any value in any
 * column, and one number that is none in JavaScript would end the whole query. So numbers of rows are read as texts, and
 * what is no moment, no id or no type is shown as that.
 */
import { sql } from 'kysely';
import { type AuditEvent, eventTypes } from '../../audit/event.ts';
import { lastMoment } from '../../clock.ts';
import { textOrNull } from './key-row.ts';
import { readActor } from './recorded-actor.ts';
import type { AuditEventRow } from '../schema.ts';

/** A subject is never empty, so this stands for none. */
export const nothing = '';

/** One behind which `char(0)` hides more is longer than it seems: in SQLite, texts end there for who reads them. */
const idColumn = sql`case when octet_length(id) = 26 then id end`.as('event_id');

/** Under names that are no columns', so that events are in the order of what is in those. */
export const eventColumns = [
  ...(['type', 'subject', 'actor', 'reason', 'address', 'detail'] as const),
  idColumn,
  // In SQLite, a text and bytes are more than any number.
  sql<number | null>`case when at between 0 and ${sql.lit(lastMoment)} then at end`.as('moment'),
  sql<string>`cast(seq as text)`.as('seq_text'),
];

/** Enough to name it by. */
export const nameColumns = [idColumn, sql<string>`cast(seq as text)`.as('seq_text')];

type Name = { readonly event_id: unknown; readonly seq_text: string };

type Found = Name & { readonly moment: number | null } & {
  readonly [Column in keyof Omit<AuditEventRow, 'seq' | 'id' | 'at'>]?: unknown;
};

export function eventOf(row: Found): AuditEvent {
  const { moment, type, subject, actor, reason, address, detail } = row;
  return {
    id: idOf(row),
    at: moment === null ? null : Math.floor(moment),
    type: eventTypes.find((each) => each === type) ?? 'unknown',
    actor: readActor(actor),
    subject: subject === nothing ? null : textOrNull(subject),
    reason: textOrNull(reason),
    address: textOrNull(address),
    detail: textOrNull(detail),
  };
}

/**
 * What no server has named is named by its number: `evt_`, as many `_` as are missing, and the number. So is what has such a name
 * itself, which might lead to another.
 */
export function idOf({ event_id: id, seq_text: seq }: Name): string {
  const isOurs = typeof id === 'string' && /^evt_[A-Za-z0-9_-]{22}$/.test(id) && numberIn(id) === null;
  return isOurs ? id : `evt_${seq.padStart(22, '_')}`;
}

/** Of an event that is named by its number; null of all others. */
export function numberIn(id: string): bigint | null {
  const [, digits] = /^evt_(?=.{22}$)__+(-?[0-9]+)$/.exec(id) ?? [];
  if (digits === undefined) return null;
  const number = BigInt(digits);
  return BigInt.asIntN(64, number) === number ? number : null;
}
