import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { User } from '../users/store.ts';
import { decideRefresh } from './refresh.ts';
import { hashSecret, newSecret } from '../secret.ts';
import type { RefreshToken, Session, SessionStore } from './store.ts';

/** A session as it stands after a login or a refresh, and the refresh token to give out. */
export type OpenSession = { readonly session: Session; readonly user: User; readonly refreshToken: string };

export interface Sessions {
  /** Undefined when the account has changed since `user` was read, so that the login does not count any more. */
  start(user: User, clientId: string, scope: string): Promise<OpenSession | undefined>;

  /**
   * Undefined when the token does not work (any more), for whatever reason. `grant` says which scope the next access
   * token gets; when it says null, the token is left unused and the outcome is `invalid_scope`.
   */
  refresh(
    refreshToken: string,
    clientId: string,
    grant: (session: Session, user: User) => string | null,
  ): Promise<(OpenSession & { readonly scope: string }) | 'invalid_scope' | undefined>;

  end(sessionId: string): Promise<void>;

  /** The session that a refresh token belongs to, whether or not either still works. */
  of(refreshToken: string): Promise<Session | undefined>;

  /** A refresh token that works, and what it belongs to, without using it. */
  inspect(refreshToken: string): Promise<{ token: RefreshToken; session: Session; user: User } | undefined>;
}

/** Sessions whose refresh tokens live for `lifetime` seconds each. */
export function sessionKeeper(deps: { store: SessionStore; clock: Clock; lifetime: number }): Sessions {
  const { store, clock, lifetime } = deps;

  return {
    async start(user, clientId, scope) {
      const now = clock();
      const session: Session = { id: randomUUID(), userId: user.id, clientId, scope, createdAt: now, endedAt: null };
      const { refreshToken, stored } = mint(session.id, now);
      const started = await store.startSession(session, stored, user.passwordHash);
      return started ? { session, user, refreshToken } : undefined;
    },

    async refresh(presented, clientId, grant) {
      const hash = hashSecret(presented);
      const found = await store.findRefreshToken(hash);
      if (found === undefined || found.user.disabledAt !== null) return undefined;
      const { token, session, user } = found;
      const now = clock();
      const decision = decideRefresh(token, session, clientId, now);
      if (decision === 'refuse') return undefined;
      if (decision === 'rotate') {
        const scope = grant(session, user);
        if (scope === null) return 'invalid_scope';
        const { refreshToken, stored } = mint(session.id, now);
        if (await store.rotateRefreshToken(hash, now, stored)) return { session, user, refreshToken, scope };
      }
      await store.endSession(session.id, now);
      return undefined;
    },

    end: (sessionId) => store.endSession(sessionId, clock()),

    of: async (presented) => (await store.findRefreshToken(hashSecret(presented)))?.session,

    async inspect(presented) {
      const found = await store.findRefreshToken(hashSecret(presented));
      if (found === undefined || found.user.disabledAt !== null) return undefined;
      const decision = decideRefresh(found.token, found.session, found.session.clientId, clock());
      return decision === 'rotate' ? found : undefined;
    },
  };

  function mint(sessionId: string, now: number): { refreshToken: string; stored: RefreshToken } {
    const refreshToken = newSecret('trt_');
    const stored = {
      hash: hashSecret(refreshToken),
      sessionId,
      issuedAt: now,
      expiresAt: now + lifetime,
      usedAt: null,
    };
    return { refreshToken, stored };
  }
}
