/** Rows that have had their time long ago, for servers to remove while they do everything else. */
import type { Select } from '../load/facts.ts';

/** Of each kind. */
const ROWS = 2_000;

const day = 86_400;

/** In PostgreSQL, the schema of which is there. Sessions are known for a month, the rest goes after a day. */
export async function insertOldRows(select: Select): Promise<void> {
  const now = Math.floor(Date.now() / 1000);
  const old = now - 40 * day;
  const each = `from generate_series(1, ${ROWS}) as n`;
  await select(`insert into users (id, username, username_key, password_hash, roles, created_at, updated_at)
    values ('usr_old', 'old', 'old', 'none', '[]', ${old}, ${old})`);
  await select(`insert into sessions
    (id, user_id, client_id, scope, created_at, last_used_at, expires_at, tokens_expire_at)
    select 'old-' || n, 'usr_old', 'first-party', 'profile:read', ${old}, ${old}, ${old}, ${old} ${each}`);
  await select(`insert into refresh_tokens (hash, session_id, issued_at, expires_at, used_at)
    select 'old-' || n, 'old-' || n, ${old}, ${old}, ${old} ${each}`);
  await select(`insert into revoked_tokens (jti, expires_at) select 'old-' || n, ${old} ${each}`);
  await select(`insert into rate_limits (key, points, expires_at) select 'old-' || n, 1, ${old * 1000} ${each}`);
}

export async function countOldRows(select: Select): Promise<number> {
  const counts = [
    'sessions where id',
    'refresh_tokens where hash',
    'revoked_tokens where jti',
    'rate_limits where key',
  ];
  const parts = counts.map((part) => `(select count(*) from ${part} like 'old-%')`);
  const [row] = await select(`select ${parts.join(' + ')} as found`);
  return Number(row?.['found']);
}
