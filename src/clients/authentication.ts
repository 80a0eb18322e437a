import type { Source } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import { type VerifyAssertion, assertionType, subjectOf } from './assertion.ts';
import { namesNoClient, parseBasicCredentials } from './basic-credentials.ts';
import type { Proof } from './credentials.ts';
import { type CheckSecret, secretChecker } from './secret-check.ts';
import { type Client, type ClientStore, type ClientWithSecrets, type GrantType, hasSecrets } from './store.ts';

/** The built-in public client, for our own sign-in forms. No registered client can have this id. */
export const firstParty = 'first-party';

/** Who makes the request, and what that client may. */
export type AuthenticatedClient = {
  readonly id: string;
  /** Whether it has proved who it is. */
  readonly isConfidential: boolean;
  readonly grantTypes: readonly GrantType[];
  /** What it may be granted or pass on, separated by spaces; null passes on whatever the user has. */
  readonly scope: string | null;
  /** Whom its tokens may be for, the first where it does not say. */
  readonly audiences: readonly string[];
  /** In seconds; null for the server's own. */
  readonly accessTokenLifetime: number | null;
  /** Names the secret or key that it authenticated with, which its access tokens end with; null for a public client. */
  readonly credentialId: string | null;
};

export type ClientFault = {
  readonly error: 'invalid_client' | 'invalid_request';
  readonly description: string;
  /** The registered client that somebody could not authenticate as; null when there is none such. */
  readonly clientId?: string | null;
  /** Which check failed, in words of the server. For operators alone: whoever guesses learns nothing by it. */
  readonly check?: string;
};

export type ClientCredentials = {
  /** The header. Where an operation takes bearer tokens, a bearer does not come this way. */
  readonly authorization: string | undefined;
  readonly client_id: string | undefined;
  readonly client_secret: string | undefined;
  readonly client_assertion_type: string | undefined;
  readonly client_assertion: string | undefined;
};

export type AuthenticateClient = (
  credentials: ClientCredentials,
  source: Source,
) => Promise<AuthenticatedClient | ClientFault>;

/** What a request brings to authenticate with. */
type Presented =
  | { readonly kind: 'nothing'; readonly id: string }
  | { readonly kind: 'secret'; readonly id: string; readonly secret: string }
  | { readonly kind: 'assertion'; readonly id: string; readonly assertion: string };

/**
 * Authenticates clients by HTTP Basic, by parameters of the body, or by an assertion, never by two of them
 * (RFC 6749, 2.3). Throws `Unavailable`.
 */
export function clientAuthenticator(deps: {
  store: ClientStore;
  clock: Clock;
  verifyAssertion: VerifyAssertion;
  /** The server's own, for which tokens are where a client is registered for no other. */
  audience: string;
}): AuthenticateClient {
  const { store, verifyAssertion, audience } = deps;
  const checkSecret = secretChecker(deps);
  const builtIn = builtInClient(audience);

  return async (credentials) => {
    const presented = readCredentials(credentials);
    if ('error' in presented) return presented;
    if (presented.kind === 'nothing' && presented.id === firstParty) return builtIn;
    const found = await store.findClient(presented.id);
    const proof = await prove(presented, found, { checkSecret, verifyAssertion });
    if (found === undefined) return failure('no such client');
    if (typeof proof === 'string') return failure(proof, found.client.id);
    return describeClient(found.client, proof, audience);
  };
}

/** What the first-party client may. `audience` is the server's own, here and below. */
export function builtInClient(audience: string): AuthenticatedClient {
  return {
    id: firstParty,
    isConfidential: false,
    grantTypes: ['password', 'refresh_token'],
    scope: null,
    audiences: [audience],
    accessTokenLifetime: null,
    credentialId: null,
  };
}

/** What a registered client may, which has authenticated as it must. */
export function describeClient(client: Client, { credentialId }: Proof, audience: string): AuthenticatedClient {
  const { id, grantTypes, scope, audiences, accessTokenLifetime } = client;
  return {
    id,
    isConfidential: isConfidential(client),
    grantTypes,
    scope,
    audiences: audiences.length > 0 ? audiences : [audience],
    accessTokenLifetime,
    credentialId,
  };
}

/** Whether the client has to prove who it is (RFC 6749, 2.1). */
export function isConfidential({ authMethod }: Pick<Client, 'authMethod'>): boolean {
  return authMethod !== 'none';
}

function failure(check: string, clientId: string | null = null): ClientFault {
  return { error: 'invalid_client', description: 'Client authentication failed.', clientId, check };
}

/** What the client goes by, if it is one way only. */
function readCredentials(credentials: ClientCredentials): Presented | ClientFault {
  const { authorization: header, client_id: id, client_secret: secret, client_assertion: assertion } = credentials;
  const { client_assertion_type: type } = credentials;
  const authorization = header !== undefined && namesNoClient(header) ? undefined : header;
  const methods = [authorization, secret, assertion ?? type].filter((method) => method !== undefined);
  if (methods.length > 1) return wrong('Only one method of client authentication may be used.');
  if (authorization !== undefined) return readBasic(authorization, id);
  if (secret !== undefined)
    return id === undefined ? wrong('client_secret needs client_id.') : { kind: 'secret', id, secret };
  if (assertion === undefined && type === undefined) return { kind: 'nothing', id: id ?? firstParty };
  if (assertion === undefined || type === undefined)
    return wrong('client_assertion and client_assertion_type go together.');
  // Another type is a method that is not there (RFC 6749, 5.2).
  if (type !== assertionType) return failure('unknown client_assertion_type');
  const subject = subjectOf(assertion);
  if (subject === undefined) return failure('assertion without a subject');
  if (id !== undefined && id !== subject) return failure('assertion of another client than client_id');
  return { kind: 'assertion', id: subject, assertion };
}

function readBasic(authorization: string, id: string | undefined): Presented | ClientFault {
  const basic = parseBasicCredentials(authorization);
  if (basic === undefined) return failure('malformed Authorization header');
  if (id !== undefined && id !== basic.id) return wrong('client_id differs from the authenticated client.');
  return basic.secret === '' ? { kind: 'nothing', id: basic.id } : { kind: 'secret', ...basic };
}

/** What a client proves who it is by, in the method that it is registered for; else the name of the check that failed. */
async function prove(
  presented: Presented,
  found: ClientWithSecrets | undefined,
  { checkSecret, verifyAssertion }: { checkSecret: CheckSecret; verifyAssertion: VerifyAssertion },
): Promise<Proof | string> {
  const method = found?.client.authMethod;
  if (presented.kind === 'secret') {
    const proof = await checkSecret(presented.secret, found);
    if (proof !== undefined) return proof;
    return found !== undefined && hasSecrets(found.client)
      ? 'wrong secret'
      : 'secret, and another method is registered';
  }
  if (presented.kind === 'nothing') return method === 'none' ? { credentialId: null } : 'no credentials';
  if (found === undefined || method !== 'private_key_jwt') return 'assertion, and another method is registered';
  return verifyAssertion(presented.assertion, found.client);
}

function wrong(description: string): ClientFault {
  return { error: 'invalid_request', description };
}
