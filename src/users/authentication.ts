import type { AuditStore, Source } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { PasswordHasher } from './password-hasher.ts';
import type { User, UserStore } from './store.ts';
import { prepareUsername } from './username.ts';

/** `device` is a refresh token that the device once had, and `clientId` the client through which the user signs in. */
export type Login = {
  readonly username: string;
  readonly password: string;
  readonly device: string | undefined;
  readonly clientId: string;
};

export type AuthenticateUser = (login: Login, source: Source) => Promise<User | undefined>;

/**
 * Finds the user whom username and password belong to. An unknown name, a wrong password and a disabled account take the
 * same work, leave an event of the same size, and get the same answer. A hash below the wanted cost is replaced while the
 * password is at hand.
 */
export function userAuthenticator(deps: {
  store: UserStore;
  audit: Pick<AuditStore, 'recordEvent'>;
  hasher: PasswordHasher;
  clock: Clock;
}): AuthenticateUser {
  const { store, audit, hasher, clock } = deps;

  return async function authenticate(login, source) {
    const { username, password } = login;
    const prepared = prepareUsername(username);
    const user = prepared === null ? undefined : await store.findUserByUsername(prepared.key);
    const { ok, rehash } = await hasher.verify(user?.passwordHash ?? null, password);
    if (user === undefined || !ok || user.disabledAt !== null) return refuse(user, login, source);
    if (!rehash) return user;
    const to = await hasher.hash(password);
    const occasion = { actor: anonymous, reason: null, at: clock() };
    if (await store.replacePasswordHash(user.id, { from: user.passwordHash, to }, occasion))
      return { ...user, passwordHash: to };
    // Another login has replaced it, or the password itself has changed: only a new look tells.
    return authenticate(login, source);
  };

  /** The event has nothing in it that was typed: people type passwords where names go. */
  async function refuse(user: User | undefined, { clientId }: Login, { address }: Source): Promise<undefined> {
    const detail = `through ${clientId}${user !== undefined && user.disabledAt !== null ? ', account disabled' : ''}`;
    const occasion = { actor: anonymous, reason: null, address, detail, at: clock() };
    await audit.recordEvent('session.refused', user?.id ?? null, occasion);
  }
}

const anonymous = { kind: 'anonymous' } as const;
