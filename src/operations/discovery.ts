/** Documents for other programs. Each is made once and answered from memory, with a validator for 304. */
import type { Handler } from '../http/contract.ts';
import type { PublishedSet } from '../keys/published-set.ts';
import { isCurrent, strongETag } from './etag.ts';

type JsonObject = Record<string, unknown>;

export function getJwks(deps: { jwks: () => Promise<PublishedSet>; maxAge: number }): Handler<'getJwks'> {
  const cacheControl = `public, max-age=${deps.maxAge}`;
  return async ({ headers }) => {
    const { body, etag } = await deps.jwks();
    const validators = { 'Cache-Control': cacheControl, ETag: etag };
    if (isCurrent(etag, headers['If-None-Match'])) return { status: 304, headers: validators };
    return { status: 200, headers: validators, body };
  };
}

export function getAuthorizationServerMetadata(deps: {
  issuer: string;
  scopes: readonly string[];
  maxAge: number;
}): Handler<'getAuthorizationServerMetadata'> {
  const { issuer, scopes, maxAge } = deps;
  const secretMethods = ['client_secret_basic', 'client_secret_post'];
  const body = Object.freeze({
    issuer,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    revocation_endpoint: `${issuer}/revoke`,
    introspection_endpoint: `${issuer}/introspect`,
    service_documentation: `${issuer}/docs`,
    response_types_supported: [],
    grant_types_supported: ['password', 'refresh_token', 'client_credentials'],
    scopes_supported: [...scopes],
    token_endpoint_auth_methods_supported: [...secretMethods, 'none'],
    revocation_endpoint_auth_methods_supported: [...secretMethods, 'none'],
    introspection_endpoint_auth_methods_supported: secretMethods,
  });
  const validators = { 'Cache-Control': `public, max-age=${maxAge}`, ETag: strongETag(JSON.stringify(body)) };
  return ({ headers }) => {
    if (isCurrent(validators.ETag, headers['If-None-Match'])) return { status: 304, headers: validators };
    return { status: 200, headers: validators, body };
  };
}

export function getContractAsJson(deps: { document: object; maxAge: number }): Handler<'getContractAsJson'> {
  const body = Object.freeze({ ...deps.document }) as { openapi: string; info: JsonObject; paths: JsonObject };
  const validators = { 'Cache-Control': `public, max-age=${deps.maxAge}`, ETag: strongETag(JSON.stringify(body)) };
  return ({ headers }) => {
    if (isCurrent(validators.ETag, headers['If-None-Match'])) return { status: 304, headers: validators };
    return { status: 200, headers: validators, body };
  };
}

export function getContractAsYaml(deps: { yaml: string; maxAge: number }): Handler<'getContractAsYaml'> {
  const validators = { 'Cache-Control': `public, max-age=${deps.maxAge}`, ETag: strongETag(deps.yaml) };
  return ({ headers }) => {
    if (isCurrent(validators.ETag, headers['If-None-Match'])) return { status: 304, headers: validators };
    return { status: 200, headers: validators, body: deps.yaml };
  };
}

export function preflightJwks(): Handler<'preflightJwks'> {
  return () => ({ status: 204 });
}

export function preflightAuthorizationServerMetadata(): Handler<'preflightAuthorizationServerMetadata'> {
  return () => ({ status: 204 });
}
