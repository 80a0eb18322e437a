import type { JWK } from 'jose';
import type {
  Client,
  ClientAuthMethod,
  ClientChanges,
  ClientSecret,
  ClientWithSecrets,
  GrantType,
} from '../../clients/store.ts';
import type { ClientRow, ClientSecretRow } from '../schema.ts';

/** A client beside one of its secrets, or beside none. */
export type JoinedRow = ClientRow & {
  secret_id: string | null;
  hash: string | null;
  secret_created_at: number | null;
  last_used_at: number | null;
};

/** Clients out of rows that come client by client, the older secret of each first. */
export function clientsOf(rows: readonly JoinedRow[]): ClientWithSecrets[] {
  const found: { client: Client; secrets: ClientSecret[] }[] = [];
  for (const row of rows) {
    let last = found.at(-1);
    if (last?.client.id !== row.id) found.push((last = { client: clientOf(row), secrets: [] }));
    const { secret_id: id, hash, secret_created_at: createdAt, last_used_at: lastUsedAt } = row;
    if (id !== null && hash !== null && createdAt !== null) last.secrets.push({ id, hash, createdAt, lastUsedAt });
  }
  return found;
}

export function clientOf(row: ClientRow): Client {
  return {
    id: row.id,
    name: row.name,
    // What is written here has been through the rules of registration.
    authMethod: row.token_endpoint_auth_method as ClientAuthMethod,
    grantTypes: JSON.parse(row.grant_types) as GrantType[],
    scope: row.scope,
    audiences: JSON.parse(row.audiences) as string[],
    accessTokenLifetime: row.access_token_lifetime,
    jwks: row.jwks === null ? null : (JSON.parse(row.jwks) as { keys: JWK[] }),
    jwksUri: row.jwks_uri,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

export function rowOf(client: Client): ClientRow {
  return {
    id: client.id,
    name: client.name,
    token_endpoint_auth_method: client.authMethod,
    grant_types: JSON.stringify(client.grantTypes),
    scope: client.scope,
    audiences: JSON.stringify(client.audiences),
    access_token_lifetime: client.accessTokenLifetime,
    jwks: client.jwks && JSON.stringify(client.jwks),
    jwks_uri: client.jwksUri,
    created_at: client.createdAt,
    updated_at: client.updatedAt,
  };
}

export function secretRowOf(clientId: string, { id, hash, createdAt, lastUsedAt }: ClientSecret): ClientSecretRow {
  return { id, client_id: clientId, hash, created_at: createdAt, last_used_at: lastUsedAt };
}

/** The contract's names of the members, as the audit trail has them. */
const memberNames: Readonly<Record<keyof ClientChanges, string>> = {
  name: 'client_name',
  authMethod: 'token_endpoint_auth_method',
  grantTypes: 'grant_types',
  scope: 'scope',
  audiences: 'audiences',
  accessTokenLifetime: 'access_token_lifetime',
  jwks: 'jwks',
  jwksUri: 'jwks_uri',
};

/** Which members differ. */
export function changedMembers(before: Client, after: Client): string[] {
  const members = Object.keys(memberNames) as (keyof ClientChanges)[];
  return members
    .filter((member) => JSON.stringify(before[member]) !== JSON.stringify(after[member]))
    .map((member) => memberNames[member]);
}
