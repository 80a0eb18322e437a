/**
 * The audit trail: what was changed, who did it, when and why. This folder owns what an event is. Events are written by
 * the stores of the domain, in the transaction of the change itself, so that neither is ever without the other.
 */

/** Who made a change: the server or a command by what was due, a person at the command line, or a caller of the API. */
export type Actor =
  | { readonly kind: 'schedule' }
  /** `name` is the operating system's name for the user. */
  | { readonly kind: 'script'; readonly name: string }
  | { readonly kind: 'caller'; readonly sub: string; readonly clientId: string };

/** Who makes a change, and why: in the words of whoever asked for it. */
export type Cause = { readonly actor: Actor; readonly reason: string | null };

/** A cause, and the moment of the change in epoch seconds. */
export type Occasion = Cause & { readonly at: number };

/** What happens to a signing key. The subject of the event is its `kid`. */
export const keyEvents = [
  /** Made, and published as a standby; the first one signs at once. */
  'key.created',
  /** Brought in from elsewhere: as a standby, or for its public part alone. */
  'key.imported',
  /** Began to sign. */
  'key.activated',
  /** Left the published set for good, its private part destroyed. */
  'key.revoked',
  /** Its private part was destroyed, its turn being over. */
  'key.destroyed',
  /** Left the published set, its tokens having expired. */
  'key.retired',
  /** Its private part was sealed under another key-encryption key. */
  'key.resealed',
] as const;

export type KeyEvent = (typeof keyEvents)[number];

export type AuditEvent = Occasion & {
  /** `evt_` and 128 random bits. */
  readonly id: string;
  readonly type: KeyEvent;
  /** What was changed: the `kid` of a key. */
  readonly subject: string;
};

/** Where events are read. Implemented in `database/`. */
export interface AuditStore {
  /**
   * The newest events first, `limit` at most. `before` goes on behind an event that was read; null begins with the newest.
   * Undefined when there is no event `before`.
   */
  listEvents(page: {
    before: string | null;
    limit: number;
    subject?: string | undefined;
    types?: readonly AuditEvent['type'][];
  }): Promise<AuditEvent[] | undefined>;
}
