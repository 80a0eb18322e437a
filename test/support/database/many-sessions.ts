import { connectTo } from '../database.ts';

/** As if the user had signed in so often. */
export async function addSessions(
  url: string,
  { userId, clientId = 'first-party', now, count }: { userId: string; clientId?: string; now: number; count: number },
): Promise<void> {
  const connection = await connectTo(url);
  const values = Array.from(
    { length: count },
    () =>
      `('${crypto.randomUUID()}', '${userId}', '${clientId}', 'profile:read', ${now}, ${now}, ${now + 9000}, ${now + 9000})`,
  );
  await connection.all(`insert into sessions
    (id, user_id, client_id, scope, created_at, last_used_at, expires_at, tokens_expire_at) values ${values.join()}`);
  await connection.close();
}

/** Of whose rows it is not written yet that they have ended. */
export async function countOpen(url: string, userId: string): Promise<number> {
  const connection = await connectTo(url);
  const open = await connection.all('select id from sessions where user_id = ? and ended_at is null', userId);
  await connection.close();
  return open.length;
}
