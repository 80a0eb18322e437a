import type { AuditStore } from '../audit/event.ts';
import type { Reach } from '../clients/reach.ts';
import type { ClientStore } from '../clients/store.ts';
import type { Clock } from '../clock.ts';
import type { AuditedDocument } from '../http/audit.ts';
import type { ReplyChecks } from '../http/reply/reply-writer.ts';
import type { Log, RequestLog, WarningLog } from '../http/log.ts';
import type { KeyOffice } from '../keys/changes/key-office.ts';
import type { Meter } from '../telemetry/meter.ts';
import type { Tracer } from '../telemetry/tracer.ts';
import type { ThrottleStore } from '../throttling/store.ts';
import type { AccessTokenStore, SessionStore } from '../tokens/store.ts';
import type { PasswordHasher } from '../users/password-hasher.ts';
import type { UserStore } from '../users/store.ts';

/** What the app is put together from: all that reaches outside of it, and what was configured. */
export type AppDependencies = {
  readonly clock: Clock;
  readonly log: Log & RequestLog & WarningLog;
  /** Null where nobody asks for numbers, or for traces. */
  readonly meter?: Meter | null;
  readonly tracer?: Tracer | null;
  readonly keys: KeyOffice;
  readonly stores: {
    readonly users: UserStore;
    readonly clients: ClientStore;
    readonly sessions: SessionStore;
    readonly accessTokens: AccessTokenStore;
    readonly audit: AuditStore;
    readonly rateLimits: ThrottleStore;
    ping(): Promise<void>;
  };
  /** The contract, parsed and as it was written. */
  readonly contract: { readonly document: AuditedDocument; readonly yaml: string };
  readonly issuer: string;
  /** What the paths of requests begin with as they arrive. */
  readonly basePath: string;
  readonly audience: string;
  /** Durations in seconds. */
  readonly accessTokenLifetime: number;
  readonly refreshTokenLifetime: number;
  readonly refreshReuseGrace: number;
  /** The most sessions that an account has at a time. */
  readonly sessionsPerUser: number;
  readonly sessionLifetime: number;
  readonly jwksMaxAge: number;
  readonly passwordHasher: PasswordHasher;
  /** Whether there is a password grant at all. */
  readonly passwordGrant: boolean;
  /** Whether clients may publish their keys by http on this machine. */
  readonly loopbackJwksUri: boolean;
  /** Where the keys of clients may be fetched from. */
  readonly jwksUriReach: Reach;
  readonly replyChecks: ReplyChecks;
  readonly rateLimits: 'on' | 'off';
  readonly trustedProxies: readonly string[];
  /** The origins whose pages may use what is not public. */
  readonly corsOrigins: readonly string[];
  /** Whether the server has been told to stop: then it is not ready, and serves for a while all the same. */
  readonly isStopping: () => boolean;
};
