import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.ts';
import type { AuditStore, Cause, EventType, Once } from './event.ts';

/** What an event says. Worked out for those that are written, and so never for most. */
type Say = () => Promise<Cause & { readonly subject: string | null; readonly detail: string }>;

/**
 * Puts on record what somebody may repeat at will, once in its time. Whoever repeats it fills neither the audit trail nor the
 * memory, and what this process knows to be on record costs no look at the database.
 */
export type RecordOnce = (type: EventType, once: Once, say: Say) => Promise<void>;

/** Of so many this process remembers until when they are on record; those that it forgets, it asks the database for. */
const mostRemembered = 10_000;

export function createOnceRecorder({
  audit,
  clock,
}: {
  audit: Pick<AuditStore, 'recordOnce'>;
  clock: Clock;
}): RecordOnce {
  const recordedUntil = new LRUCache<string, number>({ max: mostRemembered });
  return async (type, once, say) => {
    const at = clock();
    const key = keyOf(type, once.of);
    if ((recordedUntil.get(key) ?? -Infinity) > at) return;
    const { subject, ...occasion } = await say();
    await audit.recordOnce(type, subject, { ...occasion, at }, once);
    recordedUntil.set(key, once.until);
  };
}

/** Of one size, whatever somebody typed. */
function keyOf(type: EventType, of: readonly string[]): string {
  return createHash('sha256')
    .update(JSON.stringify([type, ...of]))
    .digest('base64url');
}
