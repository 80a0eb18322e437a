/** The tables as Kysely sees them. Moments are epoch seconds; the columns say what the domain types say. */
import type { Generated, Kysely } from 'kysely';

export type Database = Kysely<Tables>;

export type Tables = {
  signing_keys: SigningKeyRow;
  verify_only_keys: VerifyOnlyKeyRow;
  /** What is left of keys that were revoked long ago. */
  revoked_keys: { kid: string; thumbprint: string | null; revoked_at: number };
  audit_events: AuditEventRow;
  users: UserRow & { session_generation: Generated<number>; deleted_at: Generated<number | null> };
  clients: ClientRow;
  client_secrets: ClientSecretRow;
  used_assertions: { client_id: string; jti: string; expires_at: number };
  sessions: SessionRow & { user_generation: number | null };
  session_endings: SessionEndingRow;
  refresh_tokens: RefreshTokenRow;
  revoked_tokens: { jti: string; expires_at: number };
  rate_limits: RateLimitRow;
  turns: { name: string };
  /** Kysely's migrator named it, and once kept it. */
  kysely_migration: { name: string; timestamp: string };
};

export type SigningKeyRow = {
  /** The order of succession. */
  place: Generated<number>;
  kid: string;
  succeeds: string;
  alg: string;
  published_at: number;
  activates_at: number;
  took_over_at: number | null;
  revoked_at: number | null;
  tokens_expire_at: number | null;
  /** JSON. */
  public_jwk: string;
  sealed_private_key: string | null;
  destroyed_at: number | null;
  facts_mac: string | null;
};

export type VerifyOnlyKeyRow = {
  kid: string;
  alg: string;
  /** JSON. */
  public_jwk: string;
  published_at: number;
  published_until: number;
  revoked_at: number | null;
  facts_mac: string | null;
};

export type AuditEventRow = {
  /** The order in which events were written. */
  seq: Generated<number>;
  id: string;
  at: number;
  type: string;
  /** Empty for none. */
  subject: string;
  /** JSON. */
  actor: string;
  /** The `sub` in it, if it has one. */
  actor_sub: string | null;
  reason: string | null;
  address: string | null;
  detail: string | null;
};

export type UserRow = {
  id: string;
  username: string;
  username_key: string;
  name: string | null;
  password_hash: string;
  /** JSON, an array of strings. */
  roles: string;
  disabled_at: number | null;
  created_at: number;
  updated_at: number;
};

export type ClientRow = {
  id: string;
  name: string;
  token_endpoint_auth_method: string;
  /** JSON, an array of strings. */
  grant_types: string;
  scope: string;
  /** JSON, an array of strings. */
  audiences: string;
  access_token_lifetime: number | null;
  /** JSON. */
  jwks: string | null;
  jwks_uri: string | null;
  created_at: number;
  updated_at: number;
};

export type ClientSecretRow = {
  id: string;
  client_id: string;
  hash: string;
  created_at: number;
  last_used_at: number | null;
};

export type SessionRow = {
  id: string;
  user_id: string;
  client_id: string;
  scope: string;
  /** Null for the audience of the server itself. */
  audience: string | null;
  created_at: number;
  last_used_at: number;
  expires_at: number;
  tokens_expire_at: number;
  ended_at: number | null;
  user_agent: string | null;
  address: string | null;
  client_credential_id: string | null;
  /** Bits, null for none; these three are null where a server of the version before made the row. */
  repeated_elsewhere: number | null;
  repeats_counted_to: number | null;
  repeat_told_at: number | null;
};

/**
 * Sessions that have ended already by what was decided, and whose rows are still to say so: of a user, those of
 * `generation`; of a client, all.
 */
export type SessionEndingRow = {
  id: string;
  user_id: string | null;
  generation: number | null;
  client_id: string | null;
  at: number;
  /** JSON. */
  actor: string;
  reason: string | null;
  address: string | null;
  detail: string | null;
};

export type RefreshTokenRow = {
  hash: string;
  session_id: string;
  issued_at: number;
  expires_at: number;
  used_at: number | null;
  sealed_successor: string | null;
};

/** `expires_at` is in milliseconds. */
export type RateLimitRow = { key: string; points: number; expires_at: number };
