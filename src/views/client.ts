import type { ClientSecret, ClientWithSecrets } from '../clients/store.ts';
import { toRfc3339 } from '../clock.ts';

/** The one place that says what of a client leaves the server. */
export function viewClient({ client, secrets }: ClientWithSecrets, audience: string) {
  return {
    client_id: client.id,
    client_name: client.name,
    token_endpoint_auth_method: client.authMethod,
    grant_types: [...client.grantTypes],
    scope: client.scope,
    audiences: client.audiences.length > 0 ? [...client.audiences] : [audience],
    access_token_lifetime: client.accessTokenLifetime,
    // Registration has left nothing in it but public members.
    jwks: client.jwks && { keys: client.jwks.keys.map((key) => ({ ...key })) },
    jwks_uri: client.jwksUri,
    client_secrets: secrets.map(viewSecret),
    created_at: toRfc3339(client.createdAt),
    updated_at: toRfc3339(client.updatedAt),
  };
}

/** With the secret, which is shown this once. */
export function viewRegisteredClient(registered: ClientWithSecrets & { secret: string | null }, audience: string) {
  const { secret } = registered;
  return { ...viewClient(registered, audience), ...(secret !== null && { client_secret: secret }) };
}

export function viewNewSecret({ secret, stored }: { secret: string; stored: ClientSecret }) {
  return { id: stored.id, client_secret: secret, created_at: toRfc3339(stored.createdAt), last_used_at: null };
}

function viewSecret({ id, createdAt, lastUsedAt }: ClientSecret) {
  return { id, created_at: toRfc3339(createdAt), last_used_at: lastUsedAt === null ? null : toRfc3339(lastUsedAt) };
}
