/**
 * Run in a process of its own: opens the database (argument 1), and does `rounds` (argument 2) of all that a server does
 * to it, under names that begin with argument 3. Ends with 0 when nothing went wrong and nothing was lost.
 */
import { openDatabase } from '../../src/database/open.ts';
import type { RefreshToken, Session } from '../../src/tokens/store.ts';
import type { User } from '../../src/users/store.ts';

const [file = '', rounds = '0', name = ''] = process.argv.slice(2);
const database = await openDatabase(`sqlite:${file}`);
const { users, sessions, accessTokens, clients, keys } = database;

function must(isDone: unknown): void {
  if (isDone !== true) throw new Error('something was lost');
}

for (let round = 0; round < Number(rounds); round += 1) {
  const id = `${name}${round}`;
  const profile = { username: id, usernameKey: id, name: null, passwordHash: 'a', roles: [], disabledAt: null };
  const user: User = { id, ...profile, createdAt: 1, updatedAt: 1 };
  const session: Session = { id, userId: id, clientId: 'c', scope: 's', createdAt: 1, endedAt: null };
  const token: RefreshToken = { hash: id, sessionId: id, issuedAt: 1, expiresAt: 9, usedAt: null };

  must(await users.insertUser(user));
  await clients.insertClient({ id, name: id, secretHash: id, scope: 's', createdAt: 1 });
  must(await sessions.startSession(session, token, 'a'));
  must(await sessions.rotateRefreshToken(id, 2, { ...token, hash: `${id}-2` }));
  must(await users.replacePasswordHash(id, { from: 'a', to: 'b', at: 2, endSessionsBut: id }));
  await accessTokens.revokeAccessToken(id, 9);
  must((await users.updateUser(id, { name: 'n', updatedAt: 3 })) !== undefined);
  const occasion = { at: 1, actor: { kind: 'schedule' }, reason: null } as const;
  await keys.settleKeys({ tookOver: ['x'], destroyPrivate: ['x'], remove: ['x'] }, occasion);
  await keys.noteTokens('x', 1);
  must((await sessions.findRefreshToken(`${id}-2`))?.session.id === id);
  await sessions.endSession(id, 4);
  if (round % 2 === 1) await users.deleteUser(id);
}
await database.close();
