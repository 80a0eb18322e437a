/** Puts on record which refresh tokens came from another client than the one that they were issued to. */
import type { Source } from '../audit/event.ts';
import type { RecordOnce } from '../audit/once.ts';
import type { Clock } from '../clock.ts';
import type { RevokeToken } from './revocation.ts';
import type { Sessions } from './session.ts';

/**
 * Seconds for which it is enough to have said once that a client presented a token of an account. Not of a session: an account
 * may have many, and whoever owns it could fill the audit trail with them.
 */
const window = 3600;

/** Notes who presented the token, if it is a refresh token of another client's. Of a session that has ended it only counts. */
export type NoteMisuse = (refreshToken: string, clientId: string, source: Source) => Promise<void>;

export function createMisuseRecorder(deps: {
  sessions: Pick<Sessions, 'of'>;
  recordOnce: RecordOnce;
  clock: Clock;
  counted: () => void;
}): NoteMisuse {
  const { sessions, recordOnce, clock, counted } = deps;
  return async (refreshToken, clientId, { address }) => {
    const session = await sessions.of(refreshToken);
    if (session === undefined || session.clientId === clientId) return;
    counted();
    const now = clock();
    if (session.endedAt !== null || Math.min(session.expiresAt, session.tokensExpireAt) <= now) return;
    const actor = { kind: 'anonymous' } as const;
    const detail = `presented by ${clientId}, of ${session.userId}`;
    const event = { actor, reason: null, address, subject: session.id, detail };
    await recordOnce('session.misused', { of: [session.userId, clientId], until: now + window }, async () => event);
  };
}

export function recordedRefreshes(sessions: Sessions, noteMisuse: NoteMisuse): Sessions {
  return {
    ...sessions,
    async refresh(request, source) {
      const outcome = await sessions.refresh(request, source);
      if (outcome === undefined) await noteMisuse(request.presented, request.client.id, source);
      return outcome;
    },
  };
}

export function recordedRevocation(revoke: RevokeToken, noteMisuse: NoteMisuse): RevokeToken {
  return async (token, clientId, source) => {
    const outcome = await revoke(token, clientId, source);
    if (outcome === 'not-yours') await noteMisuse(token, clientId, source);
    return outcome;
  };
}
