/** What stores keep, with whatever a test does not care about filled in. Knows nothing of the test runner. */
import type { Cause, Occasion } from '../../src/audit/event.ts';
import type { Client, ClientSecret } from '../../src/clients/store.ts';
import type { KeyRecord } from '../../src/keys/store.ts';
import type { VerifyOnlyKey } from '../../src/keys/verify-only.ts';
import { noRepeats } from '../../src/tokens/repeats.ts';
import type { NotedRepeat, RefreshToken, RepeatsChange, Session, SessionUse } from '../../src/tokens/store.ts';
import type { User } from '../../src/users/store.ts';

export function occasion(at: number, cause: Partial<Cause> = {}): Occasion {
  return { at, actor: { kind: 'script', name: 'operator' }, reason: null, ...cause };
}

export function aKey(kid: string, succeeds: string, more: Partial<KeyRecord> = {}): KeyRecord {
  return {
    kid,
    succeeds,
    alg: 'RS256',
    publishedAt: 1000,
    activatesAt: 2000,
    tookOverAt: null,
    revokedAt: null,
    tokensExpireAt: null,
    publicJwk: { kty: 'RSA', n: kid, e: 'AQAB' },
    sealedPrivateKey: `sealed ${kid}`,
    destroyedAt: null,
    factsMac: null,
    ...more,
  };
}

export function aVerifyOnlyKey(kid: string, more: Partial<VerifyOnlyKey> = {}): VerifyOnlyKey {
  const publicJwk = { kty: 'RSA', n: kid, e: 'AQAB' };
  return {
    kid,
    alg: 'RS256',
    publicJwk,
    publishedAt: 1000,
    publishedUntil: 9000,
    revokedAt: null,
    factsMac: null,
    ...more,
  };
}

export function aUser(name: string, more: Partial<User> = {}): User {
  return {
    id: `usr_${name}`,
    username: name,
    usernameKey: name.toLowerCase(),
    name: null,
    passwordHash: `hash of ${name}`,
    roles: [],
    disabledAt: null,
    createdAt: 1000,
    updatedAt: 1000,
    ...more,
  };
}

export function aSession(id: string, user: User, more: Partial<Session> = {}): Session {
  return {
    id,
    userId: user.id,
    clientId: 'first-party',
    scope: 'a b',
    audience: null,
    createdAt: 1000,
    lastUsedAt: 1000,
    expiresAt: 9000,
    tokensExpireAt: 2000,
    endedAt: null,
    userAgent: null,
    address: null,
    credentialId: null,
    repeats: noRepeats,
    ...more,
  };
}

/** What a session gets tokens for at `lastUsedAt`. */
export function aUse(lastUsedAt: number, more: Partial<SessionUse> = {}): SessionUse {
  return {
    lastUsedAt,
    tokensExpireAt: lastUsedAt + 1000,
    userAgent: 'a device',
    address: '192.0.2.1',
    credentialId: null,
    ...more,
  };
}

/** Nothing is remembered of repeats, before as after. */
export const noRepeatsYet: RepeatsChange = { from: noRepeats, to: noRepeats };

export function aRepeat(more: Partial<NotedRepeat> = {}): NotedRepeat {
  return { isElsewhere: false, address: null, repeats: noRepeatsYet, occasion: null, ...more };
}

export function aToken(hash: string, session: Session, more: Partial<RefreshToken> = {}): RefreshToken {
  return { hash, sessionId: session.id, issuedAt: 1000, expiresAt: 2000, usedAt: null, sealedSuccessor: null, ...more };
}

export function aClient(id: string, more: Partial<Client> = {}): Client {
  return {
    id,
    name: `the client ${id}`,
    authMethod: 'client_secret_basic',
    grantTypes: ['client_credentials', 'password', 'refresh_token'],
    scope: 'a b',
    audiences: [],
    accessTokenLifetime: null,
    jwks: null,
    jwksUri: null,
    createdAt: 1000,
    updatedAt: 1000,
    ...more,
  };
}

export function aSecret(id: string, more: Partial<ClientSecret> = {}): ClientSecret {
  return { id, hash: `hash of ${id}`, createdAt: 1000, lastUsedAt: null, ...more };
}
