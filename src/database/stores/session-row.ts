/** Sessions and refresh tokens as rows, and back. */
import type { Repeats } from '../../tokens/repeats.ts';
import type { RefreshToken, RepeatedUse, Session, SessionUse } from '../../tokens/store.ts';
import type { RefreshTokenRow, SessionRow } from '../schema.ts';

export function sessionRowOf(session: Session): SessionRow {
  return {
    id: session.id,
    user_id: session.userId,
    client_id: session.clientId,
    scope: session.scope,
    audience: session.audience,
    created_at: session.createdAt,
    expires_at: session.expiresAt,
    ended_at: session.endedAt,
    ...useRowOf(session),
    ...repeatsRowOf(session.repeats),
  };
}

export function useRowOf({ userAgent, address, ...use }: SessionUse) {
  return { ...repeatedUseRowOf(use), user_agent: userAgent, address };
}

export function repeatedUseRowOf({ lastUsedAt, tokensExpireAt, credentialId }: RepeatedUse) {
  return { last_used_at: lastUsedAt, tokens_expire_at: tokensExpireAt, client_credential_id: credentialId };
}

export function repeatsRowOf({ elsewhere, countedTo, toldAt }: Repeats): RepeatsRow {
  return {
    repeated_elsewhere: elsewhere === 0 ? null : elsewhere,
    repeats_counted_to: countedTo,
    repeat_told_at: toldAt,
  };
}

type RepeatsRow = Pick<SessionRow, 'repeated_elsewhere' | 'repeats_counted_to' | 'repeat_told_at'>;

function repeatsOf(row: RepeatsRow): Repeats {
  return { elsewhere: row.repeated_elsewhere ?? 0, countedTo: row.repeats_counted_to, toldAt: row.repeat_told_at };
}

export function sessionOf(row: SessionRow): Session {
  return {
    id: row.id,
    userId: row.user_id,
    clientId: row.client_id,
    scope: row.scope,
    audience: row.audience,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    expiresAt: row.expires_at,
    tokensExpireAt: row.tokens_expire_at,
    endedAt: row.ended_at,
    userAgent: row.user_agent,
    address: row.address,
    credentialId: row.client_credential_id,
    repeats: repeatsOf(row),
  };
}

export function tokenRowOf(token: RefreshToken): RefreshTokenRow {
  return {
    hash: token.hash,
    session_id: token.sessionId,
    issued_at: token.issuedAt,
    expires_at: token.expiresAt,
    used_at: token.usedAt,
    sealed_successor: token.sealedSuccessor,
  };
}

export function tokenOf(row: RefreshTokenRow): RefreshToken {
  return {
    hash: row.hash,
    sessionId: row.session_id,
    issuedAt: row.issued_at,
    expiresAt: row.expires_at,
    usedAt: row.used_at,
    sealedSuccessor: row.sealed_successor,
  };
}
