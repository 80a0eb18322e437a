import { randomUUID } from 'node:crypto';
import type { Actor, Cause, Source } from '../audit/event.ts';
import type { AuthenticatedClient } from '../clients/authentication.ts';
import type { Clock } from '../clock.ts';
import { hashSecret } from '../secret.ts';
import type { User } from '../users/store.ts';
import { type MintedToken, mintRefreshToken } from './refresh-token.ts';
import { decideRefresh, goesOnWith } from './refresh.ts';
import { afterRotations, forgiveRepeat, noRepeats } from './repeats.ts';
import { findRepeats, noteRepeat } from './repeat-notes.ts';
import { grantScope, hasScope, scopesThrough } from './scope.ts';
import type { RefreshToken, Session, SessionStore } from './store.ts';
import { openSuccessor, sealSuccessor } from './successor.ts';

/** A session as it stands after a login or a refresh, and the refresh token to give out, if the client may have one. */
export type OpenSession = {
  readonly session: Session;
  readonly user: User;
  /** Whom the next access token is for. */
  readonly audience: string;
  readonly refreshToken: string | null;
};

/** Why a refresh token that works is not used. `grantable` is what this client may still get of the scope of the session. */
export type RefreshFault =
  { readonly fault: 'invalid_scope'; readonly grantable: readonly string[] } | { readonly fault: 'invalid_target' };

export interface Sessions {
  /** Undefined when the account or the client has changed since it was read, so that the login does not count any more. */
  start(
    user: User,
    granted: { client: AuthenticatedClient; scope: string; audience: string; inPlaceOf?: string },
    source: Source,
  ): Promise<OpenSession | undefined>;

  /**
   * Undefined when the token does not work (any more), for whatever reason. With a fault, the token is left unused. The next access
   * token gets `scope`, or all that is grantable.
   */
  refresh(
    request: {
      presented: string;
      client: AuthenticatedClient;
      resource: string | undefined;
      scope: string | undefined;
    },
    source: Source,
  ): Promise<(OpenSession & { readonly scope: string }) | RefreshFault | undefined>;

  /** Ends a session of a user, which leaves an event. False when there is none such, or it has ended already. */
  end(session: { id: string; userId: string }, cause: Cause & { readonly detail: string }): Promise<boolean>;

  /** The session that a refresh token belongs to, whether or not either still works. */
  of(refreshToken: string): Promise<Session | undefined>;

  /** A refresh token that works, and what it belongs to, without using it. */
  inspect(refreshToken: string): Promise<{ token: RefreshToken; session: Session; user: User } | undefined>;

  /** Whether or not it has ended. */
  find(id: string): Promise<Session | undefined>;

  /** The sessions of a user that have not ended, the one used last first. */
  list(userId: string): Promise<Session[]>;

  /** Ends the sessions of a user, all but one of them where `but` is given. False when there was none to end. */
  endAll(user: { userId: string; but?: string }, cause: Cause & { readonly detail: string }): Promise<boolean>;
}

/** How long what a session gives out works, in seconds. */
export type SessionLifetimes = {
  /** The session itself, however much it is used. */
  readonly session: number;
  /** Each refresh token, and so a session that is not used. */
  readonly refreshToken: number;
  /** The longest that an access token has. */
  readonly accessToken: number;
};

export function sessionKeeper(deps: {
  store: SessionStore;
  clock: Clock;
  /** The server's own: whom tokens are for where a session does not say. */
  audience: string;
  lifetimes: SessionLifetimes;
  /** For how many seconds the token that was used last may come again; 0 for never. */
  reuseGrace: number;
  /** The most sessions that an account has at a time. */
  mostSessions: number;
}): Sessions {
  const { store, clock, audience: ownAudience, lifetimes, reuseGrace: grace, mostSessions } = deps;

  return {
    async start(user, { client, scope, audience, inPlaceOf }, source) {
      const now = clock();
      const id = randomUUID();
      const expiresAt = now + lifetimes.session;
      const first = client.grantTypes.includes('refresh_token') ? mint({ id, expiresAt }, now) : null;
      const session: Session = {
        id,
        userId: user.id,
        clientId: client.id,
        scope,
        audience: audience === ownAudience ? null : audience,
        createdAt: now,
        expiresAt,
        endedAt: null,
        repeats: noRepeats,
        credentialId: client.credentialId,
        ...useOf(expiresAt, first?.stored ?? null, now, source),
      };
      const actor: Actor = { kind: 'caller', sub: user.id, clientId: client.id };
      const occasion = { at: now, actor, reason: null, address: source.address };
      const token = first?.stored ?? null;
      const isStarted = await store.startSession(session, token, user.passwordHash, occasion, {
        most: mostSessions,
        ...(inPlaceOf !== undefined && { inPlaceOf }),
      });
      return isStarted ? { session, user, audience, refreshToken: first?.refreshToken ?? null } : undefined;
    },

    refresh,

    end: (session, cause) => store.endSession(session, { ...cause, at: clock() }),

    of: async (presented) => (await store.findRefreshToken(hashSecret(presented)))?.session,

    async inspect(presented) {
      const found = await store.findRefreshToken(hashSecret(presented));
      if (found === undefined || found.user.disabledAt !== null) return undefined;
      const use = { clientId: found.session.clientId, now: clock(), grace: 0 };
      return decideRefresh({ ...found, successor: undefined }, use) === 'rotate' ? found : undefined;
    },

    find: (id) => store.findSession(id),

    list: (userId) => store.listSessions(userId, clock()),

    endAll: (sessions, cause) => store.endAllSessions(sessions, { ...cause, at: clock() }),
  };

  async function refresh(request: Parameters<Sessions['refresh']>[0], source: Source): ReturnType<Sessions['refresh']> {
    const { presented, client, resource } = request;
    const found = await store.findRefreshToken(hashSecret(presented));
    if (found === undefined || found.user.disabledAt !== null || !goesOnWith(client, found.session)) return undefined;
    const { token, session, user } = found;
    const successor = await findSuccessor(presented, token);
    const now = clock();
    const decision = decideRefresh({ ...found, successor: successor?.stored }, { clientId: client.id, now, grace });
    if (decision === 'refuse') return undefined;
    // Who comes again is not known: the user's client, or a thief.
    const occasion = { at: now, actor: { kind: 'anonymous' }, reason: null, address: source.address } as const;
    if (decision === 'end-session') {
      await store.endReusedSession(session.id, occasion);
      return undefined;
    }
    const repeated = decision === 'repeat' ? successor : undefined;
    const repeats = await findRepeats(store, session, repeated?.stored ?? token);
    const forgiven =
      repeated && forgiveRepeat(repeats, { source, before: session, issuedAt: repeated.stored.issuedAt, now });
    if (forgiven === null) {
      await store.endReusedSession(session.id, { ...occasion, detail: 'again and again from another network' });
      return undefined;
    }

    const audience = session.audience ?? ownAudience;
    const isForAudience = resource === undefined || resource === audience;
    if (!isForAudience || !client.audiences.includes(audience)) return { fault: 'invalid_target' };
    const grantable = scopesThrough(client, user.roles).filter((each) => hasScope(session.scope, each));
    const scope = grantScope(request.scope, grantable);
    if (scope === null) return { fault: 'invalid_scope', grantable };

    const next = repeated ?? mint(session, now);
    const use = { ...useOf(session.expiresAt, next.stored, now, source), credentialId: client.credentialId };
    const isDone = forgiven
      ? await store.repeatRefreshToken(token, use, noteRepeat(session, forgiven, occasion))
      : await store.rotateRefreshToken(token.hash, {
          successor: next.stored,
          sealedSuccessor: sealSuccessor(presented, next.refreshToken),
          use,
          repeats: { from: session.repeats, to: afterRotations(repeats, 1, next.stored.issuedAt) },
        });
    if (isDone) return { session: { ...session, ...use }, user, audience, refreshToken: next.refreshToken, scope };
    // Somebody was faster. What has happened to the token cannot be undone, so another look decides otherwise.
    return refresh(request, source);
  }

  /** What the token became when it was used, if it is the one that its family used last. */
  async function findSuccessor(presented: string, { sealedSuccessor }: RefreshToken): Promise<MintedToken | undefined> {
    const refreshToken = sealedSuccessor === null ? undefined : openSuccessor(presented, sealedSuccessor);
    if (refreshToken === undefined) return undefined;
    const stored = (await store.findRefreshToken(hashSecret(refreshToken)))?.token;
    return stored && { refreshToken, stored };
  }

  function mint(session: Pick<Session, 'id' | 'expiresAt'>, now: number): MintedToken {
    return mintRefreshToken(session, { issuedAt: now, expiresAt: now + lifetimes.refreshToken });
  }

  function useOf(expiresAt: number, newest: RefreshToken | null, now: number, source: Source) {
    const tokensExpireAt = Math.max(newest?.expiresAt ?? 0, now + lifetimes.accessToken);
    return {
      lastUsedAt: now,
      tokensExpireAt: Math.min(tokensExpireAt, expiresAt),
      userAgent: source.userAgent,
      address: source.address,
    };
  }
}
