import type { Source } from '../audit/event.ts';
import type { RecordOnce } from '../audit/once.ts';
import type { AuthenticateClient } from '../clients/authentication.ts';
import type { Clock } from '../clock.ts';
import type { RevokeAccessToken } from '../tokens/revocation.ts';
import type { Sessions } from '../tokens/session.ts';
import type { AccessTokenStore, SessionStore } from '../tokens/store.ts';
import type { AuthenticateUser } from '../users/authentication.ts';
import type { ChangePassword } from '../users/password-change.ts';
import type { ChangeProfile } from '../users/profile-change.ts';
import type { PasswordHasher } from '../users/password-hasher.ts';
import type { RegisterUser } from '../users/registration.ts';
import type { UserStore } from '../users/store.ts';
import { atOnce } from './at-once.ts';
import { failureCounter, throttledClients, throttledRefreshes } from './clients.ts';
import { throttledLogin } from './login.ts';
import { throttledPasswordChange } from './password-change.ts';
import { throttledProfileChange } from './profile-change.ts';
import { throttledRegistration } from './registration.ts';
import { createRefusal } from './refusal.ts';
import { reserver } from './reservation.ts';
import type { ThrottleStore } from './store.ts';
import { createUsedUpBudgets } from './used-up.ts';
import { createWriteLimit, throttledRevocation, throttledSessionStore, throttledUserStore } from './writes.ts';

/** What limits each of the functions, and stores, that somebody may try, or write to, too often. */
export type Throttles = {
  login(authenticate: AuthenticateUser): AuthenticateUser;
  clients(authenticate: AuthenticateClient): AuthenticateClient;
  sessions(sessions: Sessions): Sessions;
  sessionStore(store: SessionStore): SessionStore;
  revocation(revoke: RevokeAccessToken): RevokeAccessToken;
  registration(register: RegisterUser): RegisterUser;
  passwordChange(change: ChangePassword): ChangePassword;
  /** The store is used for what users change of their own accounts. */
  userStore(store: UserStore): UserStore;
  profileChange(change: ChangeProfile): ChangeProfile;
  /** Counts an access token that was never issued, or was revoked. Throws `Throttled` when there were too many. */
  bearerFailed(source: Source): Promise<void>;
};

export function throttles(deps: {
  store: ThrottleStore;
  users: Pick<UserStore, 'findUserByUsername'>;
  accessTokens: Pick<AccessTokenStore, 'isRevoked'>;
  clock: Clock;
  hasher: Pick<PasswordHasher, 'mostWaiting'>;
  recordOnce: RecordOnce;
}): Throttles {
  const { store, users, accessTokens, clock } = deps;
  const shared = { clock, refuse: createRefusal(deps.recordOnce), known: createUsedUpBudgets() };
  const reserve = reserver({ store, ...shared });
  const limitWrite = createWriteLimit(shared);
  const countFailure = failureCounter(reserve);
  // One for all that hash passwords: they wait in one queue.
  const passwords = { reserve, atOnce: atOnce(deps.hasher.mostWaiting) };
  return {
    login: (authenticate) => throttledLogin(authenticate, { ...passwords, store, users }),
    clients: (authenticate) => throttledClients(authenticate, countFailure),
    sessions: (sessions) => throttledRefreshes(sessions, countFailure),
    sessionStore: (store) => throttledSessionStore(store, limitWrite),
    revocation: (revoke) => throttledRevocation(revoke, { accessTokens, limitWrite }),
    registration: (register) => throttledRegistration(register, passwords),
    passwordChange: (change) => throttledPasswordChange(change, passwords),
    userStore: (store) => throttledUserStore(store, limitWrite),
    profileChange: (change) => throttledProfileChange(change, reserve),
    bearerFailed: (source) => countFailure('', source),
  };
}

/** Nothing is limited. */
export const noThrottles: Throttles = {
  login: (authenticate) => authenticate,
  clients: (authenticate) => authenticate,
  sessions: (sessions) => sessions,
  sessionStore: (store) => store,
  revocation: (revoke) => revoke,
  registration: (register) => register,
  passwordChange: (change) => change,
  userStore: (store) => store,
  profileChange: (change) => change,
  bearerFailed: async () => undefined,
};
