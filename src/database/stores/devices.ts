import type { Device, ThrottleStore } from '../../throttling/store.ts';
import type { Database } from '../schema.ts';

type Login = Parameters<ThrottleStore['findDevice']>[0];

/** Looks for what tells a device that has been signed in on before: a refresh token it once had, or where it is. */
export async function findDevice(db: Database, login: Login): Promise<Device | undefined> {
  const { usernameKey, clientId, refreshToken, address } = login;
  const sessions = db
    .selectFrom('sessions')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .select('sessions.id')
    .where('users.deleted_at', 'is', null);
  if (refreshToken !== null) {
    // By the token alone: given the name as well, PostgreSQL may look through all sessions of that account.
    const session = await sessions
      .innerJoin('refresh_tokens', 'refresh_tokens.session_id', 'sessions.id')
      .select(['username_key', 'client_id'])
      .where('refresh_tokens.hash', '=', refreshToken)
      .executeTakeFirst();
    if (session?.username_key === usernameKey && session.client_id === clientId) return { sessionId: session.id };
  }
  if (address === null) return undefined;
  const session = await sessions
    .where('users.username_key', '=', usernameKey)
    // Equal, but in an order that one index has: that one is taken, and no other of the same user.
    .where('sessions.address', '>=', address)
    .where('sessions.address', '<=', address)
    .orderBy('sessions.address')
    .limit(1)
    .executeTakeFirst();
  return session && { address };
}
