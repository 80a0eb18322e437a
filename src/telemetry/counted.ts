/** Functions of the domain, counted: wrapped from outside (`server/handlers.ts`), as they are to be limited. */
import type { SessionStore } from '../tokens/store.ts';
import type { AuthenticateUser } from '../users/authentication.ts';
import type { Meter } from './meter.ts';

/** A login that was refused before the password was looked at, for there were too many, is none that failed. */
export function countedLogin(authenticate: AuthenticateUser, meter: Meter): AuthenticateUser {
  return async (login, source) => {
    const user = await authenticate(login, source);
    if (user === undefined) meter.loginFailed();
    return user;
  };
}

export function countedSessions(store: SessionStore, meter: Meter): SessionStore {
  return {
    ...store,
    async repeatRefreshToken(token, use, repeat, limited) {
      const isRepeated = await store.repeatRefreshToken(token, use, repeat, limited);
      if (isRepeated) meter.refreshRepeated(repeat.isElsewhere ? 'other' : 'same');
      return isRepeated;
    },
    async endReusedSession(id, occasion) {
      await store.endReusedSession(id, occasion);
      meter.refreshReused();
    },
  };
}

/** `issue` is what answers a token request: each reply with 200 is a token. The contract has a closed list of grants. */
export function countedIssue<Request extends { readonly body: { readonly grant_type: string } }, Reply extends Answer>(
  issue: (request: Request) => Promise<Reply> | Reply,
  meter: Meter,
): (request: Request) => Promise<Reply> {
  return async (request) => {
    const reply = await issue(request);
    if (reply.status === 200) meter.tokenIssued(request.body.grant_type);
    return reply;
  };
}

/** `change` is what answers a change of the password: each reply with 200 is a token, got with the password. */
export function countedPasswordChange<Request, Reply extends Answer>(
  change: (request: Request) => Promise<Reply> | Reply,
  meter: Meter,
): (request: Request) => Promise<Reply> {
  return async (request) => {
    const reply = await change(request);
    if (reply.status === 200) meter.tokenIssued('password');
    return reply;
  };
}

type Answer = { readonly status: number };
