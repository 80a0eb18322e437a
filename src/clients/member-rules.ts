import type { JWK } from 'jose';
import { parseScope } from '../tokens/scope.ts';
import { isJwksUri } from './jwks-uri.ts';
import { readPublicJwk } from './public-jwk.ts';
import { type Client, clientAuthMethods, grantTypes, hasSecrets } from './store.ts';

/** What can be registered of a client, and changed. */
export type ClientMembers = Omit<Client, 'id' | 'createdAt' | 'updatedAt'>;

/** The same as somebody asks for it. */
export type ClientDraft = Omit<ClientMembers, 'jwks'> & { readonly jwks: { readonly keys: readonly unknown[] } | null };

/** `pointer` is a JSON Pointer that begins with the contract's name of the member. */
export type MemberFault = { readonly pointer: string; readonly detail: string };

export type ClientLimits = {
  /** The server's own audience, which need not be a URI. */
  readonly audience: string;
  /** The longest lifetime of access tokens, in seconds. */
  readonly accessTokenLifetime: number;
  /** Whether keys may be published by http on this machine. */
  readonly loopbackJwksUri: boolean;
};

/**
 * Reads what becomes of `base` with what is given: every scope once, of the keys the public members alone. Or says all that
 * is wrong. What is not given is not judged by itself, for settings and rules may have been others when it was; what must
 * go together is judged as a whole. Pure.
 */
export function readClient(
  base: ClientMembers,
  given: Partial<ClientDraft>,
  limits: ClientLimits,
): { readonly client: ClientMembers } | { readonly faults: readonly MemberFault[] } {
  const scopes = given.scope === undefined ? undefined : parseScope(given.scope);
  const keys = given.jwks?.keys.map(readPublicJwk) ?? [];
  const whole = { ...base, ...given };
  const faults = [
    ...findOwnFaults(given, limits),
    ...findGrantConflicts(whole),
    ...findKeyConflicts(whole),
    ...keys.flatMap((key, at) => ('fault' in key ? [{ pointer: `/jwks/keys/${at}`, detail: key.fault }] : [])),
  ];
  if (faults.length > 0) return { faults };
  const readKeys = { keys: keys.flatMap((key): JWK[] => ('jwk' in key ? [key.jwk] : [])) };
  const jwks = given.jwks === undefined ? base.jwks : given.jwks && readKeys;
  return { client: { ...whole, scope: scopes?.join(' ') ?? base.scope, jwks } };
}

/** What is wrong with each member that is given, whatever the others are. */
function findOwnFaults(given: Partial<ClientDraft>, limits: ClientLimits): MemberFault[] {
  const { name, scope, authMethod, grantTypes: grants, audiences, accessTokenLifetime: lifetime } = given;
  const { jwks, jwksUri } = given;
  return [
    ...(name === undefined ? [] : check('/client_name', isClientName(name), notAClientName)),
    ...(scope === undefined ? [] : check('/scope', isScope(scope), notAScope)),
    ...(authMethod === undefined ? [] : check('/token_endpoint_auth_method', isAuthMethod(authMethod), 'is unknown')),
    ...(grants === undefined ? [] : findGrantFaults(grants)),
    ...(audiences === undefined ? [] : findAudienceFaults(audiences, limits.audience)),
    ...(lifetime === undefined
      ? []
      : check('/access_token_lifetime', isLifetime(lifetime, limits), notALifetime(limits))),
    ...(jwks === undefined ? [] : findJwksFaults(jwks)),
    ...(jwksUri === undefined ? [] : findJwksUriFaults(jwksUri, limits)),
  ];
}

function check(pointer: string, isGood: boolean, detail: string): MemberFault[] {
  return isGood ? [] : [{ pointer, detail }];
}

/** In code points, without control characters and without line and paragraph separators. */
function isClientName(name: string): boolean {
  return /^[^\p{Cc}\u2028\u2029]{1,100}$/u.test(name);
}

const notAClientName = 'has 1 to 100 characters, none of them a control character or a line break';

function isScope(scope: string): boolean {
  return scope.length <= 2000 && parseScope(scope) !== null;
}

const notAScope = 'is one or more names separated by single spaces, 2000 characters in all (RFC 6749, 3.3)';

function isAuthMethod(method: ClientDraft['authMethod']): boolean {
  return clientAuthMethods.includes(method);
}

/** Whoever may not begin a session has none to refresh. */
function findGrantFaults(grants: ClientDraft['grantTypes']): MemberFault[] {
  const pointer = '/grant_types';
  const areKnown = grants.length > 0 && grants.every((grant) => grantTypes.includes(grant));
  const forNothing = grants.includes('refresh_token') && !grants.includes('password');
  return [
    ...check(pointer, areKnown && new Set(grants).size === grants.length, 'is one or more grant types, each once'),
    ...check(pointer, !forNothing, 'has refresh_token, which goes with password'),
  ];
}

/** RFC 6749, 4.4: only confidential clients act for themselves. */
function findGrantConflicts({ grantTypes: grants, authMethod }: ClientDraft): MemberFault[] {
  const forNobody = grants.includes('client_credentials') && authMethod === 'none';
  return check(
    '/grant_types',
    !forNobody,
    'has client_credentials, which is not for a client that does not authenticate',
  );
}

function findAudienceFaults(audiences: readonly string[], own: string): MemberFault[] {
  const areFewAndDistinct = audiences.length <= 20 && new Set(audiences).size === audiences.length;
  const wrong = audiences.flatMap((audience, at) =>
    check(`/audiences/${at}`, audience === own || isResource(audience), notAResource),
  );
  return [...check('/audiences', areFewAndDistinct, 'is 20 URIs at most, each once'), ...wrong];
}

const notAResource =
  'is no absolute URI without a fragment, of 512 characters at most (RFC 8707, 2), nor the audience of this server';

/** An absolute-URI of RFC 3986, 4.3; one that a browser would fetch must also be one to a browser. */
function isResource(text: string): boolean {
  if (text.length > 512 || !/^[a-z][a-z0-9+.-]*:(?:[\w.~:/?[\]@!$&'()*+,;=-]|%[0-9a-f]{2})+$/i.test(text)) return false;
  return !/^https?:/i.test(text) || (/^https?:\/\/[^/]/i.test(text) && URL.canParse(text));
}

function isLifetime(lifetime: number | null, { accessTokenLifetime: longest }: ClientLimits): boolean {
  return lifetime === null || (Number.isInteger(lifetime) && lifetime >= 1 && lifetime <= longest);
}

function notALifetime({ accessTokenLifetime: longest }: ClientLimits): string {
  return `is 1 to ${longest} seconds, which is the lifetime of access tokens of this server`;
}

function findJwksFaults(jwks: ClientDraft['jwks']): MemberFault[] {
  return check('/jwks', jwks === null || (jwks.keys.length >= 1 && jwks.keys.length <= 10), 'has 1 to 10 keys');
}

function findJwksUriFaults(uri: string | null, { loopbackJwksUri: allowsLoopback }: ClientLimits): MemberFault[] {
  if (uri === null || isJwksUri(uri, allowsLoopback)) return [];
  const detail = isJwksUri(uri, true)
    ? 'is http on this machine, which is refused in production: it must be https'
    : 'is no https URL of 512 characters at most, without credentials and fragment';
  return [{ pointer: '/jwks_uri', detail }];
}

/** RFC 7591, 2: jwks and jwks_uri must not both be present; here one of them is, exactly where it is of use. */
function findKeyConflicts({ authMethod, jwks, jwksUri }: ClientDraft): MemberFault[] {
  if (authMethod !== 'private_key_jwt') {
    const reason = hasSecrets({ authMethod }) ? 'a client with a secret' : 'a public client';
    return [
      ...check('/jwks', jwks === null, `is not for ${reason}`),
      ...check('/jwks_uri', jwksUri === null, `is not for ${reason}`),
    ];
  }
  if (jwks === null && jwksUri === null)
    return [{ pointer: '/jwks', detail: 'is missing, and so is jwks_uri: private_key_jwt needs one of them' }];
  return check('/jwks_uri', jwks === null || jwksUri === null, 'is given beside jwks');
}
