import type { Device, ThrottleStore } from '../throttling/store.ts';
import type { Database } from './schema.ts';

type Login = Parameters<ThrottleStore['findDevice']>[0];

/** Looks for what tells a device that has been signed in on before: a refresh token it once had, or where it is. */
export async function findDevice(db: Database, login: Login): Promise<Device | undefined> {
  const { usernameKey, clientId, refreshToken, address } = login;
  const sessions = db
    .selectFrom('users')
    .innerJoin('sessions', 'sessions.user_id', 'users.id')
    .select('sessions.id')
    .where('users.username_key', '=', usernameKey)
    .where('users.deleted_at', 'is', null);
  if (refreshToken !== null) {
    const session = await sessions
      .innerJoin('refresh_tokens', 'refresh_tokens.session_id', 'sessions.id')
      .where('refresh_tokens.hash', '=', refreshToken)
      .where('sessions.client_id', '=', clientId)
      .executeTakeFirst();
    if (session !== undefined) return { sessionId: session.id };
  }
  if (address === null) return undefined;
  const session = await sessions.where('sessions.address', '=', address).limit(1).executeTakeFirst();
  return session && { address };
}
