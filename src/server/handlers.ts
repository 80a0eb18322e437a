/** Every operation of the contract with what answers it: the parts of the domain, put together. */
import type { AppDependencies } from './app-dependencies.ts';
import { assertionVerifier } from '../clients/assertion.ts';
import { clientAuthenticator } from '../clients/authentication.ts';
import { createBoundsFinder } from '../clients/bounds.ts';
import { recordedClients } from '../clients/refusals.ts';
import { clientChanger, clientDeleter } from '../clients/change.ts';
import { createPublicClientFinder } from '../clients/public-client.ts';
import { publishedKeys } from '../clients/published-keys.ts';
import { clientRegistrar } from '../clients/registration.ts';
import { secretMaker, secretRemover } from '../clients/secrets.ts';
import type { RecordOnce } from '../audit/once.ts';
import type { Handlers } from '../http/contract.ts';
import * as accounts from '../operations/accounts.ts';
import * as audit from '../operations/audit.ts';
import * as clients from '../operations/clients.ts';
import * as discovery from '../operations/discovery.ts';
import * as health from '../operations/health.ts';
import * as keys from '../operations/keys.ts';
import { placeContract } from '../operations/placed-contract.ts';
import { createClientCredentialsGrant } from '../grants/client-credentials.ts';
import { createPasswordGrant } from '../grants/password.ts';
import { createRefreshGrant } from '../grants/refresh-token.ts';
import { firstTokenIssuer, sessionTokenIssuer } from '../grants/session-tokens.ts';
import * as sessionOperations from '../operations/sessions.ts';
import * as tokens from '../operations/tokens.ts';
import * as users from '../operations/users.ts';
import { countedIssue, countedLogin, countedPasswordChange, countedSessions } from '../telemetry/counted.ts';
import { pathOfIssuer } from '../config/issuer.ts';
import { noMeter } from '../telemetry/meter.ts';
import type { Throttles } from '../throttling/throttles.ts';
import { accessTokenIssuer, accessTokenVerifier } from '../tokens/access-token.ts';
import { authenticator } from '../tokens/authenticate.ts';
import { introspector } from '../tokens/introspection.ts';
import { createMisuseRecorder, recordedRefreshes, recordedRevocation } from '../tokens/misuse.ts';
import { sessionRenewer } from '../tokens/renewal.ts';
import { accessTokenRevoker, tokenRevoker } from '../tokens/revocation.ts';
import { allScopes } from '../tokens/scope.ts';
import { sessionKeeper } from '../tokens/session.ts';
import type { SessionStore } from '../tokens/store.ts';
import { userAuthenticator } from '../users/authentication.ts';
import { passwordChanger } from '../users/password-change.ts';
import { profileChanger } from '../users/profile-change.ts';
import { userRegistrar } from '../users/registration.ts';

/** `authenticate` is what the handlers take access tokens by. */
export function createHandlers(
  deps: AppDependencies,
  { limit, recordOnce }: { limit: Throttles; recordOnce: RecordOnce },
) {
  const { clock, stores, issuer, audience, jwksMaxAge: maxAge } = deps;
  const { keyring } = deps.keys;
  const hasher = deps.passwordHasher;
  const meter = deps.meter ?? noMeter;
  const verify = accessTokenVerifier({ issuer, clock, keys: keyring });
  const authenticate = authenticator({ verify, store: stores.accessTokens, clock, audience });
  const sessionStore = countedSessions(stores.sessions, meter);
  const sessionsOver = (store: SessionStore) =>
    sessionKeeper({
      store,
      clock,
      audience,
      lifetimes: {
        session: deps.sessionLifetime,
        refreshToken: deps.refreshTokenLifetime,
        accessToken: deps.accessTokenLifetime,
      },
      reuseGrace: deps.refreshReuseGrace,
      mostSessions: deps.sessionsPerUser,
    });
  const sessions = limit.sessions(sessionsOver(limit.sessionStore(sessionStore)));
  const limitedUsers = limit.userStore(stores.users);
  const noteMisuse = createMisuseRecorder({
    sessions,
    recordOnce,
    clock,
    counted: () => {
      meter.refreshMisused();
    },
  });
  const verifyAssertion = assertionVerifier({
    store: stores.clients,
    publishedKeys: publishedKeys({ clock, allowsLoopback: deps.loopbackJwksUri, reach: deps.jwksUriReach }),
    clock,
    issuer,
    clockSkew: deps.keys.policy.clockSkew,
  });
  const authenticateClient = recordedClients(
    limit.clients(clientAuthenticator({ store: stores.clients, clock, verifyAssertion, audience })),
    { audit: stores.audit, clock },
  );
  const authenticateUser = userAuthenticator({ store: stores.users, audit: stores.audit, hasher, clock });
  const issueAccessToken = accessTokenIssuer({
    issuer,
    lifetime: deps.accessTokenLifetime,
    clock,
    signerUntil: (expiresAt) => keyring.signerUntil(expiresAt),
  });
  const clientDeps = {
    store: stores.clients,
    clock,
    audience,
    limits: { audience, accessTokenLifetime: deps.accessTokenLifetime, loopbackJwksUri: deps.loopbackJwksUri },
  };
  const issuerPath = pathOfIssuer(issuer);
  const contract = placeContract(deps.contract, issuer);

  const issueFirstTokens = firstTokenIssuer({ issueAccessToken, sessions });
  const password = createPasswordGrant({
    authenticateUser: limit.login(countedLogin(authenticateUser, meter)),
    sessions,
    issueFirstTokens,
  });
  const grants = {
    refresh_token: createRefreshGrant({
      sessions: recordedRefreshes(sessions, noteMisuse),
      issueTokens: sessionTokenIssuer(issueAccessToken),
    }),
    client_credentials: createClientCredentialsGrant(issueAccessToken),
  };

  const handlers: Handlers = {
    issueToken: countedIssue(
      tokens.issueToken({ authenticateClient, grants: deps.passwordGrant ? { ...grants, password } : grants }),
      meter,
    ),
    revokeToken: tokens.revokeToken({
      authenticateClient,
      revoke: recordedRevocation(
        tokenRevoker({
          verify,
          sessions,
          revokeAccessToken: limit.revocation(accessTokenRevoker({ store: stores.accessTokens, clock })),
        }),
        noteMisuse,
      ),
    }),
    introspectToken: tokens.introspectToken({
      authenticateClient,
      introspect: introspector({
        issuer,
        audience,
        authenticate,
        sessions,
        findClientBounds: createBoundsFinder(stores.clients),
      }),
    }),
    registerUser: users.registerUser({
      register: limit.registration(userRegistrar({ store: stores.users, hasher, clock })),
      issuerPath,
    }),
    getCurrentUser: users.getCurrentUser(),
    updateCurrentUser: users.updateCurrentUser(limit.profileChange(profileChanger({ store: limitedUsers, clock }))),
    deleteCurrentUser: users.deleteCurrentUser({ store: stores.users, clock }),
    changePassword: countedPasswordChange(
      users.changePassword({
        change: limit.passwordChange(passwordChanger({ store: limitedUsers, audit: stores.audit, hasher, clock })),
        renewSession: sessionRenewer({
          // Without the limit of sign-ins: the password has been changed by then, and that is limited itself.
          sessions: sessionsOver(sessionStore),
          findPublicClient: createPublicClientFinder({ store: stores.clients, audience }),
          audience,
          passwordGrant: deps.passwordGrant,
        }),
        issueTokens: issueFirstTokens,
        log: deps.log,
      }),
      meter,
    ),
    listUsers: accounts.listUsers({ store: stores.users }),
    getUser: accounts.getUser({ store: stores.users }),
    updateUser: accounts.updateUser({ store: stores.users, clock }),
    deleteUser: accounts.deleteUser({ store: stores.users, clock }),
    listUserSessions: accounts.listUserSessions({ store: stores.users, sessions }),
    endUserSessions: accounts.endUserSessions({ store: stores.users, clock }),
    listCurrentUserSessions: sessionOperations.listCurrentUserSessions(sessions),
    endCurrentUserSessions: sessionOperations.endCurrentUserSessions(sessions),
    endSession: sessionOperations.endSession(sessions),
    listClients: clients.listClients(clientDeps),
    registerClient: clients.registerClient({ register: clientRegistrar(clientDeps), audience, issuerPath }),
    getClient: clients.getClient(clientDeps),
    updateClient: clients.updateClient({ change: clientChanger(clientDeps), audience }),
    deleteClient: clients.deleteClient(clientDeleter(clientDeps)),
    addClientSecret: clients.addClientSecret(secretMaker(clientDeps)),
    deleteClientSecret: clients.deleteClientSecret(secretRemover(clientDeps)),
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
    getAuthorizationServerMetadata: discovery.getAuthorizationServerMetadata({
      issuer,
      scopes: allScopes,
      passwordGrant: deps.passwordGrant,
      maxAge,
    }),
    getContractAsJson: discovery.getContractAsJson({ document: contract.document, maxAge }),
    getContractAsYaml: discovery.getContractAsYaml({ yaml: contract.yaml, maxAge }),
    getLiveness: health.getLiveness(),
    getReadiness: health.getReadiness(async () => {
      await stores.ping();
      await keyring.signer();
    }, deps.isStopping),
  };
  return { handlers, authenticate };
}
