/** The composition root: dependencies in, Express app out. No I/O, no timers. */
import type { Express } from 'express';
import type { AuditStore } from './audit/event.ts';
import type { Clock } from './clock.ts';
import { clientAuthenticator } from './clients/authentication.ts';
import type { ClientStore } from './clients/store.ts';
import { routes } from './generated/routes.ts';
import { type AuditedDocument, auditStart } from './http/audit.ts';
import { bearerCheck, bearerIdentifier } from './http/bearer.ts';
import type { Handlers } from './http/contract.ts';
import { docsPaths } from './http/docs/docs.ts';
import { expressApp } from './http/express-app.ts';
import { type ReplyChecks, replyExit } from './http/exit.ts';
import type { Log } from './http/log.ts';
import { mountOperations } from './http/mount.ts';
import { replyChecker } from './http/reply-check.ts';
import { createValidator } from './http/validator.ts';
import type { KeyOffice } from './keys/key-office.ts';
import * as audit from './operations/audit.ts';
import * as discovery from './operations/discovery.ts';
import * as health from './operations/health.ts';
import * as keys from './operations/keys.ts';
import * as tokens from './operations/tokens.ts';
import * as users from './operations/users.ts';
import { accessTokenIssuer, accessTokenVerifier } from './tokens/access-token.ts';
import { authenticator } from './tokens/authenticate.ts';
import { introspector } from './tokens/introspection.ts';
import { tokenRevoker } from './tokens/revocation.ts';
import { allScopes } from './tokens/scope.ts';
import { sessionKeeper } from './tokens/session.ts';
import type { AccessTokenStore, SessionStore } from './tokens/store.ts';
import { userAuthenticator } from './users/authentication.ts';
import { passwordChanger } from './users/password-change.ts';
import type { PasswordCost } from './users/password.ts';
import { userRegistrar } from './users/registration.ts';
import type { UserStore } from './users/store.ts';

export type AppDependencies = {
  readonly clock: Clock;
  readonly log: Log;
  readonly keys: KeyOffice;
  readonly stores: {
    readonly users: UserStore;
    readonly clients: ClientStore;
    readonly sessions: SessionStore;
    readonly accessTokens: AccessTokenStore;
    readonly audit: AuditStore;
    ping(): Promise<void>;
  };
  /** The contract, parsed and as it was written. */
  readonly contract: { readonly document: AuditedDocument; readonly yaml: string };
  readonly issuer: string;
  readonly audience: string;
  /** Durations in seconds. */
  readonly accessTokenLifetime: number;
  readonly refreshTokenLifetime: number;
  readonly jwksMaxAge: number;
  readonly passwordCost: PasswordCost;
  readonly replyChecks: ReplyChecks;
};

/** Throws `AuditError` when some request could pass unchecked. */
export async function createApp(deps: AppDependencies): Promise<Express> {
  const { log, contract } = deps;
  const { handlers, authenticate } = createHandlers(deps);
  // Clients are authenticated by the OAuth operations themselves, whose security has `{}` as another way.
  const identify = bearerIdentifier(authenticate);
  const schemes = { bearerAuth: bearerCheck(identify), clientBasic: () => false };
  const validator = await createValidator(contract.document, routes.operations, schemes);
  const exit = replyExit({ checks: deps.replyChecks, check: replyChecker(contract.document), log });
  const operations = mountOperations({ table: routes, handlers, validator, identify, exit, log });

  const app = expressApp(operations);
  auditStart({
    document: contract.document,
    table: routes,
    schemes: Object.keys(schemes),
    handlers: Object.keys(handlers),
    app,
    operationsMount: operations,
    outsideContract: docsPaths,
  });
  return app;
}

function createHandlers(deps: AppDependencies) {
  const { clock, stores, issuer, audience, jwksMaxAge: maxAge } = deps;
  const { keyring } = deps.keys;
  const cost = deps.passwordCost;
  const verify = accessTokenVerifier({ issuer, audience, clock, keys: keyring });
  const authenticate = authenticator({ verify, store: stores.accessTokens });
  const sessions = sessionKeeper({ store: stores.sessions, clock, lifetime: deps.refreshTokenLifetime });
  const authenticateClient = clientAuthenticator(stores.clients);

  const handlers: Handlers = {
    issueToken: tokens.issueToken({
      authenticateClient,
      authenticateUser: userAuthenticator({ store: stores.users, cost, clock }),
      sessions,
      issueAccessToken: accessTokenIssuer({
        issuer,
        audience,
        lifetime: deps.accessTokenLifetime,
        clock,
        signerUntil: (expiresAt) => keyring.signerUntil(expiresAt),
      }),
    }),
    revokeToken: tokens.revokeToken({
      authenticateClient,
      revoke: tokenRevoker({ verify, sessions, store: stores.accessTokens }),
    }),
    introspectToken: tokens.introspectToken({
      authenticateClient,
      introspect: introspector({ issuer, authenticate, sessions }),
    }),
    registerUser: users.registerUser(userRegistrar({ store: stores.users, cost, clock })),
    getCurrentUser: users.getCurrentUser(),
    updateCurrentUser: users.updateCurrentUser({ store: stores.users, clock }),
    deleteCurrentUser: users.deleteCurrentUser(stores.users),
    changePassword: users.changePassword(passwordChanger({ store: stores.users, cost, clock })),
    listKeys: keys.listKeys(deps.keys),
    rotateKeys: keys.rotateKeys(deps.keys),
    revokeKey: keys.revokeKey(deps.keys),
    listAuditEvents: audit.listAuditEvents(stores.audit),
    getJwks: discovery.getJwks({
      jwks: async () => {
        await keyring.freshen();
        return keyring.jwks;
      },
      maxAge,
    }),
    preflightJwks: discovery.preflightJwks(),
    getAuthorizationServerMetadata: discovery.getAuthorizationServerMetadata({
      issuer,
      scopes: allScopes,
      maxAge,
    }),
    preflightAuthorizationServerMetadata: discovery.preflightAuthorizationServerMetadata(),
    getContractAsJson: discovery.getContractAsJson({ document: deps.contract.document, maxAge }),
    getContractAsYaml: discovery.getContractAsYaml({ yaml: deps.contract.yaml, maxAge }),
    getLiveness: health.getLiveness(),
    getReadiness: health.getReadiness(async () => {
      await stores.ping();
      await keyring.signer();
    }),
  };
  return { handlers, authenticate };
}
