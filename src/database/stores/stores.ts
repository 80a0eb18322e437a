/**
 * Implements the store interfaces of the domain. `…-store.ts` is a store, `…-row.ts` its rows, and the rest is what stores share.
 * `createStores` makes them all. Rules and limits are left to the domain.
 */
import type { AuditStore } from '../../audit/event.ts';
import type { ClientStore } from '../../clients/store.ts';
import type { KeyStore } from '../../keys/store.ts';
import type { VerifyOnlyKeyStore } from '../../keys/verify-only.ts';
import type { ThrottleStore } from '../../throttling/store.ts';
import type { AccessTokenStore, SessionStore } from '../../tokens/store.ts';
import type { UserStore } from '../../users/store.ts';
import { accessTokenStore } from './access-token-store.ts';
import { auditStore } from './audit-store.ts';
import { createBudgets } from './budgets.ts';
import { clientStore } from './client-store.ts';
import type { Engine } from '../engine.ts';
import { keyStore } from './key-store.ts';
import { rateLimitStore } from './rate-limit-store.ts';
import { sessionStore } from './session-store.ts';
import { userStore } from './user-store.ts';
import { verifyOnlyKeyStore } from './verify-only-key-store.ts';

/** The stores of the domain over one database, whichever it is. */
export type Stores = {
  readonly keys: KeyStore;
  readonly verifyOnlyKeys: VerifyOnlyKeyStore;
  readonly audit: AuditStore;
  readonly users: UserStore;
  readonly clients: ClientStore;
  readonly sessions: SessionStore;
  readonly accessTokens: AccessTokenStore;
  readonly rateLimits: ThrottleStore;
  /** Throws `Unavailable` when the database cannot be reached. */
  ping(): Promise<void>;
};

export function createStores(engine: Engine): Stores {
  const { db } = engine;
  const budgets = createBudgets();
  return {
    keys: keyStore(engine),
    verifyOnlyKeys: verifyOnlyKeyStore(engine),
    audit: auditStore(engine),
    users: userStore(db, budgets),
    clients: clientStore(db),
    sessions: sessionStore(db, budgets),
    accessTokens: accessTokenStore(db, budgets),
    rateLimits: rateLimitStore(db, budgets),
    ping: async () => {
      await db.selectFrom('signing_keys').select('kid').limit(1).execute();
    },
  };
}
