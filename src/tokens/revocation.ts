import type { Actor, Cause, Source } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { Limited } from '../throttling/store.ts';
import type { AccessTokenClaims, VerifyAccessToken } from './access-token.ts';
import type { Sessions } from './session.ts';
import type { AccessTokenStore } from './store.ts';

export type RevokeToken = (token: string, clientId: string, source: Source) => Promise<'done' | 'not-yours'>;

/** Revokes one access token by itself. False when it was revoked already. */
export type RevokeAccessToken = (token: AccessTokenClaims, cause: Cause, limited?: Limited) => Promise<boolean>;

export function accessTokenRevoker({ store, clock }: { store: AccessTokenStore; clock: Clock }): RevokeAccessToken {
  return ({ jti, exp }, cause, limited) =>
    store.revokeAccessToken({ jti, expiresAt: exp }, { ...cause, at: clock() }, limited);
}

/**
 * Revokes what `clientId` was issued (RFC 7009): a refresh token, used or not, ends its session; an access token ends
 * alone. A token that is unknown or does not work is done with already.
 */
export function tokenRevoker(deps: {
  verify: VerifyAccessToken;
  sessions: Sessions;
  revokeAccessToken: RevokeAccessToken;
}): RevokeToken {
  const { verify, sessions, revokeAccessToken } = deps;
  return async (token, clientId, { address }) => {
    const causeBy = (sub: string) => ({
      actor: { kind: 'caller', sub, clientId } satisfies Actor,
      reason: null,
      address,
    });
    if (token.startsWith('trt_')) {
      const session = await sessions.of(token);
      if (session === undefined) return 'done';
      if (session.clientId !== clientId) return 'not-yours';
      await sessions.end(session, { ...causeBy(session.userId), detail: 'signed out' });
      return 'done';
    }
    const claims = await verify(token);
    if (typeof claims === 'string') return 'done';
    if (claims.client_id !== clientId) return 'not-yours';
    await revokeAccessToken(claims, causeBy(claims.sub));
    return 'done';
  };
}
