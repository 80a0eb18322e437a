/** Where a request came from; null where there was none, or it did not say. */
export type Source = {
  /** The address of the client: of the connection, or as a trusted proxy reports it. */
  readonly address: string | null;
  readonly userAgent: string | null;
};

/** Who did something: the server or a command by what was due, a person at the command line, a caller, or anybody. */
export type Actor =
  | { readonly kind: 'schedule' }
  /** `name` is the operating system's name for the user. */
  | { readonly kind: 'script'; readonly name: string }
  | { readonly kind: 'caller'; readonly sub: string; readonly clientId: string }
  /** Who did not have to say who, or could not prove it. */
  | { readonly kind: 'anonymous' };

/** Who makes a change, why (in the words of whoever asked for it), and from where. */
export type Cause = { readonly actor: Actor; readonly reason: string | null; readonly address?: string | null };

/** A cause, the moment of the change in epoch seconds, and what more there is to say, in words of the server. */
export type Occasion = Cause & { readonly at: number; readonly detail?: string | null };

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

/** What happens to an account; the subject is its id. */
export const userEvents = [
  'user.registered',
  'user.updated',
  'user.password_changed',
  /** Somebody with an access token of the user did not know the current password. */
  'user.password_refused',
  'user.disabled',
  'user.enabled',
  'user.roles_changed',
  'user.deleted',
] as const;

/** What happens to a session; the subject is its id. */
export const sessionEvents = [
  'session.started',
  /** Somebody could not sign in. The subject is the account's id, if there is such an account. */
  'session.refused',
  /** `detail` says how, and whose it was: `…, of usr_…`. */
  'session.ended',
  /** The refresh token used last came again, and was forgiven; `detail` says from which network, and ends in the same way. */
  'session.repeated',
  /** A used refresh token came again, and the session ended with it; `detail` ends in the same way. */
  'session.reused',
  /** Another client than the session's presented a refresh token of it; `detail` names that client, and ends in the same way. */
  'session.misused',
] as const;

/** What happens to a registered client; the subject is its id. */
export const clientEvents = [
  'client.registered',
  'client.updated',
  'client.deleted',
  'client.secret_added',
  'client.secret_removed',
  /** Somebody could not authenticate as the client; `detail` says which check failed. */
  'client.refused',
] as const;

/** An access token was revoked alone; the subject is its `jti`. */
export const tokenEvents = ['token.revoked'] as const;

/** What somebody was kept from. */
export const refusalEvents = [
  /** Who may do more than every user asked for what is beyond that. The subject is the `sub` of the token. */
  'access.denied',
  /** A limit was reached: the first request of its window that got 429. The subject is whose limit it is, null of a network. */
  'limit.reached',
] as const;

/** All that there is was begun to be copied, to where `detail` says. The event is in the copy, too. */
export const copyEvents = ['backup.started', 'move.started'] as const;

export const eventTypes = [
  ...keyEvents,
  ...userEvents,
  ...sessionEvents,
  ...clientEvents,
  ...tokenEvents,
  ...refusalEvents,
  ...copyEvents,
] as const;

export type EventType = (typeof eventTypes)[number];

/** The events of what was asked for and not done. */
export const failures: readonly EventType[] = [
  'user.password_refused',
  'session.refused',
  'session.reused',
  'session.misused',
  'client.refused',
  'access.denied',
  'limit.reached',
];

export type Outcome = 'success' | 'failure';

/** Null of what nobody knows. */
export function outcomeOf(type: EventType): Outcome;
export function outcomeOf(type: AuditEvent['type']): Outcome | null;
export function outcomeOf(type: AuditEvent['type']): Outcome | null {
  if (type === 'unknown') return null;
  return failures.includes(type) ? 'failure' : 'success';
}

/** The types of the events that came out so. */
export function eventsThat(outcome: Outcome): EventType[] {
  return eventTypes.filter((type) => outcomeOf(type) === outcome);
}

/** As it is read: what is on record may be nothing that a server wrote. */
export type RecordedActor = Actor | { readonly kind: 'unknown' };

export type AuditEvent = Required<Omit<Occasion, 'actor' | 'at'>> & {
  /** Null where there is none: such an event is in no span of time. */
  readonly at: number | null;
  readonly actor: RecordedActor;
  /** `evt_` and 128 random bits. */
  readonly id: string;
  /** One that this server does not know may have been written by a newer one. */
  readonly type: EventType | 'unknown';
  /** What it happened to; null when there is no such thing. */
  readonly subject: string | null;
};

/** Which events to read; all of them where nothing is said. */
export type EventFilter = {
  readonly subject?: string | undefined;
  /** The `sub` of a caller. */
  readonly actor?: string | undefined;
  readonly types?: readonly EventType[] | undefined;
  /** In epoch seconds: from `since` on, before `until`. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
};

/** The newest events come first. `before` goes on behind an event that was read; null begins with the newest. */
export type EventQuery = { readonly before: string | null; readonly limit: number } & EventFilter;

/** Where events are read, and where those are written that come with no change. Implemented in `database/`. */
export interface AuditStore {
  /**
   * `limit` events at most, and fewer where many had to be looked at for them: there are more as long as `next` says where the
   * next page goes on. Undefined when there is no event `before`.
   */
  findPage(query: EventQuery): Promise<{ readonly events: AuditEvent[]; readonly next: string | null } | undefined>;

  /** The same, page by page until there are `limit` events, or all; for those who may take their time. */
  listEvents(query: EventQuery): Promise<AuditEvent[] | undefined>;

  recordEvent(type: EventType, subject: string | null, occasion: Occasion): Promise<void>;

  /** Writes the event unless one of the same type and `once.of` has been written whose time is not over at `occasion.at`. */
  recordOnce(type: EventType, subject: string | null, occasion: Occasion, once: Once): Promise<void>;
}

/** What counts as the same, and until which moment (epoch seconds) it is enough to have said it once. */
export type Once = { readonly of: readonly string[]; readonly until: number };
