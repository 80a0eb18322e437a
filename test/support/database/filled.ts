/** A database with something in every table, texts that are hard to keep among it. */
import { movedTables } from '../../../src/database/transfer/moved-tables.ts';
import type { Row } from '../database.ts';
import { connectTo } from '../database.ts';
import { openEngine } from './versions.ts';

const hard = `Ä"';\\ \u{1F600} é % _ \n\t zz`;

export async function fill(url: string): Promise<void> {
  const { db } = await openEngine(url);
  const at = { created_at: 1000, updated_at: 4_294_967_296 };
  const user = { name: hard, password_hash: 'x', roles: '["admin"]', disabled_at: null, ...at };
  for (const id of ['usr_B', 'usr_a', 'usr_Ä', 'usr_~'])
    await db
      .insertInto('users')
      .values({ id, username: id, username_key: id, ...user })
      .execute();
  const client = { name: hard, scope: 'a b', audiences: '[]', access_token_lifetime: 60, jwks: null, jwks_uri: null };
  const method = { token_endpoint_auth_method: 'none', grant_types: '[]' };
  await db
    .insertInto('clients')
    .values({ id: 'cli_1', ...client, ...method, ...at })
    .execute();
  await db
    .insertInto('client_secrets')
    .values({ id: 'sec_1', client_id: 'cli_1', hash: 'h', created_at: 1, last_used_at: null })
    .execute();
  const assertions = ['b', 'a', 'A', 'é'].map((jti) => ({ client_id: 'cli_1', jti, expires_at: 9 }));
  await db.insertInto('used_assertions').values(assertions).execute();
  const times = { created_at: 1, last_used_at: 2, expires_at: 3, tokens_expire_at: 4, ended_at: null };
  const where = { user_agent: hard, address: '192.0.2.1', audience: null, scope: 'a', client_id: 'first-party' };
  const repeats = { repeated_elsewhere: 5, repeats_counted_to: 2, repeat_told_at: 2 };
  const remembered = { client_credential_id: 'sec_1', ...repeats };
  await db
    .insertInto('sessions')
    .values({ id: 's', user_id: 'usr_a', ...where, ...times, ...remembered })
    .execute();
  const tokens = Array.from({ length: 1203 }, (_, n) => ({
    ...{ hash: `h${n}`, session_id: 's', issued_at: 1, expires_at: 2, used_at: n, sealed_successor: null },
  }));
  await db.insertInto('refresh_tokens').values(tokens).execute();
  await db.insertInto('revoked_tokens').values({ jti: 'j', expires_at: 9 }).execute();
  await db.insertInto('rate_limits').values({ key: 'k', points: 3, expires_at: 1_800_000_000_000 }).execute();
  const key = { alg: 'RS256', published_at: 1, activates_at: 2, took_over_at: 2, revoked_at: null, public_jwk: '{}' };
  const ends = { tokens_expire_at: null, sealed_private_key: 'x', destroyed_at: null, facts_mac: 'v1.mac' };
  for (const [kid, succeeds] of [
    ['one', 'first'],
    ['two', 'one'],
    ['three', 'two'],
  ] as const)
    await db
      .insertInto('signing_keys')
      .values({ kid, succeeds, ...key, ...ends })
      .execute();
  // Its place is not to be given to another.
  await db.deleteFrom('signing_keys').where('kid', '=', 'three').execute();
  const verifyOnly = {
    alg: 'RS256',
    public_jwk: '{}',
    published_at: 1,
    published_until: 2,
    revoked_at: null,
    facts_mac: 'v1.mac',
  };
  await db
    .insertInto('verify_only_keys')
    .values({ kid: 'v', ...verifyOnly })
    .execute();
  await db.insertInto('revoked_keys').values({ kid: 'r', thumbprint: 't', revoked_at: 3 }).execute();
  const event = {
    at: 1,
    type: 't',
    subject: '',
    actor: '{}',
    actor_sub: null,
    reason: hard,
    address: null,
    detail: null,
  };
  await db
    .insertInto('audit_events')
    .values([
      { id: 'evt_1', ...event },
      { id: 'evt_2', ...event },
    ])
    .execute();
}

/** Every row of every table that is moved, in the order of its key. */
export async function contentsOf(url: string): Promise<Record<string, Row[]>> {
  const connection = await connectTo(url);
  const contents: Record<string, Row[]> = {};
  for (const { name, key } of movedTables)
    contents[name] = await connection.all(`select * from ${name} order by ${key.join(', ')}`);
  await connection.close();
  return contents;
}
