/**
 * Run in a process of its own: opens the database (argument 1), and does `rounds` (argument 2) of all that a server does
 * to it, under names that begin with argument 3. Ends with 0 when nothing went wrong and nothing was lost.
 */
import { openDatabase } from '../../../src/database/open.ts';
import { aClient, aRepeat, aSecret, aSession, aToken, aUse, aUser, noRepeatsYet, occasion as at } from '../records.ts';

const [file = '', rounds = '0', name = ''] = process.argv.slice(2);
const database = await openDatabase(`sqlite:${file}`);
const { users, sessions, accessTokens, clients, keys } = database;

function must(isDone: unknown): void {
  if (isDone !== true) throw new Error('something was lost');
}

for (let round = 0; round < Number(rounds); round += 1) {
  const id = `${name}${round}`;
  const user = aUser(id, { id, usernameKey: id, passwordHash: 'a' });
  const client = aClient(id);
  const session = aSession(id, user, { clientId: id });
  const token = aToken(id, session);
  const successor = aToken(`${id}-2`, session);

  must(await users.insertUser(user, at(1000)));
  await clients.insertClient(client, aSecret(`sec_${id}`), at(1000));
  must(await sessions.startSession(session, token, 'a', at(1000)));
  must(
    await sessions.rotateRefreshToken(id, {
      successor,
      sealedSuccessor: 'sealed',
      use: aUse(1002),
      repeats: noRepeatsYet,
    }),
  );
  must(await sessions.repeatRefreshToken({ ...token, sealedSuccessor: 'sealed' }, aUse(1003), aRepeat()));
  await accessTokens.revokeAccessToken({ jti: id, expiresAt: 9000 }, at(1004));
  must((await users.updateUser(id, { name: 'n' }, at(1005))) !== undefined);
  await keys.settleKeys({ tookOver: ['x'], destroyPrivate: ['x'], remove: ['x'] }, at(1005));
  await keys.noteTokens('x', 1);
  must((await sessions.findRefreshToken(`${id}-2`))?.session.id === id);
  must(await sessions.endSession({ id, userId: user.id }, at(1006)));
  must(await users.replacePasswordHash(id, { from: 'a', to: 'b' }, at(1006)));
  if (round % 2 === 1) await users.deleteUser(id, at(1007));
}
await database.close();
