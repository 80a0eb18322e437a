/** The tables as Kysely sees them. Moments are epoch seconds; the columns say what the domain types say. */
import type { Generated, Kysely } from 'kysely';

export type Database = Kysely<Tables>;

export type Tables = {
  signing_keys: SigningKeyRow;
  verify_only_keys: VerifyOnlyKeyRow;
  audit_events: AuditEventRow;
  users: UserRow;
  clients: ClientRow;
  sessions: SessionRow;
  refresh_tokens: RefreshTokenRow;
  revoked_tokens: { jti: string; expires_at: number };
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
};

export type VerifyOnlyKeyRow = {
  kid: string;
  alg: string;
  /** JSON. */
  public_jwk: string;
  published_at: number;
  published_until: number;
  revoked_at: number | null;
};

export type AuditEventRow = {
  /** The order in which events were written. */
  seq: Generated<number>;
  id: string;
  at: number;
  type: string;
  subject: string;
  /** JSON. */
  actor: string;
  reason: string | null;
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

export type ClientRow = { id: string; name: string; secret_hash: string; scope: string; created_at: number };

export type SessionRow = {
  id: string;
  user_id: string;
  client_id: string;
  scope: string;
  created_at: number;
  ended_at: number | null;
};

export type RefreshTokenRow = {
  hash: string;
  session_id: string;
  issued_at: number;
  expires_at: number;
  used_at: number | null;
};
