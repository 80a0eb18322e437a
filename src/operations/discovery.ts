/** Documents for other programs. Each is made once and answered from memory, with a validator for 304. */
import { strongETag } from '../etag.ts';
import type { Handler, Reply } from '../http/contract.ts';
import { algorithmNames } from '../keys/algorithm.ts';
import type { PublishedSet } from '../keys/keyring/published-set.ts';
import { conditional } from './conditional.ts';

type ContractDocument = Extract<Reply<'getContractAsJson'>, { status: 200 }>['body'];

export function getJwks(deps: { jwks: () => Promise<PublishedSet>; maxAge: number }): Handler<'getJwks'> {
  const { jwks, maxAge } = deps;
  return async (request) => conditional(request, { ...(await jwks()), maxAge });
}

export function getAuthorizationServerMetadata(deps: {
  issuer: string;
  scopes: readonly string[];
  passwordGrant: boolean;
  maxAge: number;
}): Handler<'getAuthorizationServerMetadata'> {
  const { issuer, scopes, passwordGrant, maxAge } = deps;
  const confidential = ['client_secret_basic', 'client_secret_post', 'private_key_jwt'];
  // RFC 8414, 2: needed where private_key_jwt is among the methods.
  const assertionAlgorithms = [...algorithmNames];
  const body = Object.freeze({
    issuer,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    revocation_endpoint: `${issuer}/revoke`,
    introspection_endpoint: `${issuer}/introspect`,
    service_documentation: `${issuer}/docs`,
    response_types_supported: [],
    grant_types_supported: [...(passwordGrant ? ['password'] : []), 'refresh_token', 'client_credentials'],
    scopes_supported: [...scopes],
    token_endpoint_auth_methods_supported: [...confidential, 'none'],
    token_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
    revocation_endpoint_auth_methods_supported: [...confidential, 'none'],
    revocation_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
    introspection_endpoint_auth_methods_supported: confidential,
    introspection_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
  });
  const etag = strongETag(JSON.stringify(body));
  return (request) => conditional(request, { etag, maxAge, body });
}

export function getContractAsJson(deps: { document: object; maxAge: number }): Handler<'getContractAsJson'> {
  const { document, maxAge } = deps;
  // Typed as the contract says; like any reply, it is held to that on its way out.
  const body = Object.freeze({ ...document } as ContractDocument);
  const etag = strongETag(JSON.stringify(body));
  return (request) => conditional(request, { etag, maxAge, body });
}

export function getContractAsYaml(deps: { yaml: string; maxAge: number }): Handler<'getContractAsYaml'> {
  const { yaml: body, maxAge } = deps;
  const etag = strongETag(body);
  return (request) => conditional(request, { etag, maxAge, body });
}
