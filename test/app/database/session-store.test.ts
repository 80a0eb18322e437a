import { describe, expect, it } from 'vitest';
import type { AuditEvent } from '../../../src/audit/event.ts';
import { ForeignKeyViolation, UniqueViolation } from '../../../src/database/faults.ts';
import type { OpenDatabase } from '../../../src/database/open.ts';
import { noRepeats } from '../../../src/tokens/repeats.ts';
import { connectTo, newDatabase, newUrl } from '../../support/database.ts';
import { aClient, aRepeat, aSession, aToken, aUse, aUser, noRepeatsYet, occasion } from '../../support/records.ts';

const ada = aUser('Ada', { name: 'Ada Lovelace', roles: ['admin'] });
const session = aSession('s', ada, { audience: 'https://a.example', userAgent: 'curl/8', address: '2001:db8::1' });
const token = aToken('h1', session);
const next = aToken('h2', session);
const use = aUse(1500);

/** A database in which Ada has a session with one refresh token. */
async function signedIn(url?: string): Promise<OpenDatabase> {
  const database = await newDatabase(url);
  expect(await database.users.insertUser(ada, occasion(1000))).toBe(true);
  expect(await database.sessions.startSession(session, token, ada.passwordHash, occasion(1000))).toBe(true);
  return database;
}

/** Events of sessions, the oldest first. */
async function eventsOf({ audit }: OpenDatabase): Promise<Partial<AuditEvent>[]> {
  const events = (await audit.listEvents({ before: null, limit: 100 })) ?? [];
  return events
    .filter(({ type }) => type.startsWith('session.'))
    .reverse()
    .map(({ type, subject, at, actor, address, detail }) => ({ type, subject, at, actor, address, detail }));
}

describe('a session that starts', () => {
  it('is given back with its token and its user', async () => {
    const { sessions } = await signedIn();
    expect(await sessions.findRefreshToken('h1')).toEqual({ token, session, user: ada });
    expect(await sessions.findRefreshToken('H1')).toBeUndefined();
  });

  it('leaves an event in the words of the occasion', async () => {
    const database = await signedIn();
    const actor = { kind: 'caller', sub: ada.id, clientId: 'first-party' } as const;
    const other = aSession('other', ada);
    const started = occasion(1200, { actor, address: '192.0.2.1' });
    await database.sessions.startSession(other, null, ada.passwordHash, started);
    expect(await eventsOf(database)).toMatchObject([
      { type: 'session.started', subject: 's', at: 1000 },
      { type: 'session.started', subject: 'other', at: 1200, actor, address: '192.0.2.1', detail: null },
    ]);
  });

  it('may have no refresh token', async () => {
    const { sessions } = await signedIn();
    await sessions.startSession(aSession('bare', ada), null, ada.passwordHash, occasion(1000));
    expect((await sessions.listSessions(ada.id, 1000)).map(({ id }) => id)).toContain('bare');
  });

  it('does not, for an account that has changed since it was read', async () => {
    const database = await signedIn();
    const { users, sessions } = database;
    const later = aSession('later', ada);
    const start = (hash = ada.passwordHash) => sessions.startSession(later, aToken('n', later), hash, occasion(1000));
    expect(await start('another hash')).toBe(false);
    await users.insertUser(aUser('other', { roles: ['admin'] }), occasion(1000));
    await users.administerUser(ada.id, { disabled: true }, occasion(1100));
    expect(await start()).toBe(false);
    await users.deleteUser(ada.id, occasion(1200));
    expect(await start()).toBe(false);
    expect(await sessions.findRefreshToken('n')).toBeUndefined();
    expect((await eventsOf(database)).filter(({ subject }) => subject === 'later')).toEqual([]);
  });

  it('does not, through a client that is not registered (any more); the first-party client always is', async () => {
    const { clients, sessions } = await signedIn();
    await clients.insertClient(aClient('cli_x'), null, occasion(1000));
    const through = (clientId: string, id: string) =>
      sessions.startSession(aSession(id, ada, { clientId }), null, ada.passwordHash, occasion(1000));
    expect(await through('cli_x', 'a')).toBe(true);
    expect(await through('cli_unknown', 'b')).toBe(false);
    await clients.deleteClient('cli_x', () => true, occasion(1100));
    expect(await through('cli_x', 'c')).toBe(false);
    expect(await through('first-party', 'd')).toBe(true);
  });
});

describe('a rotation', () => {
  const rotation = { successor: next, sealedSuccessor: 'sealed', use, repeats: noRepeatsYet };

  it('lets one of many win, and stores the successor of that one alone', async () => {
    const { sessions } = await signedIn();
    const successors = Array.from({ length: 10 }, (_, at) => aToken(`next${at}`, session));
    const rotated = await Promise.all(
      successors.map((successor) => sessions.rotateRefreshToken('h1', { ...rotation, successor })),
    );
    expect(rotated.filter(Boolean)).toHaveLength(1);
    expect(await sessions.findRefreshToken('h1')).toMatchObject({ token: { usedAt: 1500, sealedSuccessor: 'sealed' } });
    const stored = await Promise.all(successors.map(({ hash }) => sessions.findRefreshToken(hash)));
    expect(stored.map((found) => found !== undefined)).toEqual(rotated);
  });

  it('is a use of the session', async () => {
    const { sessions } = await signedIn();
    await sessions.rotateRefreshToken('h1', rotation);
    expect(await sessions.findRefreshToken('h2')).toEqual({ token: next, session: { ...session, ...use }, user: ada });
  });

  it('forgets the successor of the token before, in this family alone', async () => {
    const { sessions } = await signedIn();
    const other = aSession('other', ada);
    await sessions.startSession(other, aToken('o1', other), ada.passwordHash, occasion(1000));
    await sessions.rotateRefreshToken('o1', { ...rotation, successor: aToken('o2', other) });
    await sessions.rotateRefreshToken('h1', rotation);
    await sessions.rotateRefreshToken('h2', { ...rotation, successor: aToken('h3', session) });
    const sealed = await Promise.all(['h1', 'h2', 'h3', 'o1'].map((hash) => sessions.findRefreshToken(hash)));
    expect(sealed.map((found) => found?.token.sealedSuccessor)).toEqual([null, 'sealed', null, 'sealed']);
  });

  it.each(['session', 'account', 'token', 'whole session'])('does not happen when the %s has ended', async (what) => {
    const { users, sessions } = await signedIn();
    await users.insertUser(aUser('other', { roles: ['admin'] }), occasion(1000));
    if (what === 'session') await sessions.endSession({ id: 's', userId: ada.id }, occasion(1400));
    if (what === 'account') await users.administerUser(ada.id, { disabled: true }, occasion(1400));
    const at = { token: 2000, 'whole session': 9000 }[what] ?? 1500;
    expect(await sessions.rotateRefreshToken('h1', { ...rotation, use: aUse(at) })).toBe(false);
    expect(await sessions.findRefreshToken('h2')).toBeUndefined();
    const left = { token: { usedAt: null, sealedSuccessor: null }, session: { lastUsedAt: 1000 } };
    expect(await sessions.findRefreshToken('h1')).toMatchObject(left);
  });

  it('happens in the last second of a token, and to none that is unknown', async () => {
    const { sessions } = await signedIn();
    expect(await sessions.rotateRefreshToken('nobody', rotation)).toBe(false);
    expect(await sessions.rotateRefreshToken('h1', { ...rotation, use: aUse(1999) })).toBe(true);
  });

  it('is undone when its successor cannot be stored', async () => {
    const { sessions } = await signedIn();
    const homeless = aToken('n', { ...session, id: 'nowhere' });
    const rotate = (successor: typeof token) => sessions.rotateRefreshToken('h1', { ...rotation, successor });
    await expect(rotate(homeless)).rejects.toThrow(ForeignKeyViolation);
    await expect(rotate(token)).rejects.toThrow(UniqueViolation);
    expect(await sessions.findRefreshToken('h1')).toEqual({ token, session, user: ada });
  });
});

describe('a repeated refresh', () => {
  const rotation = { successor: next, sealedSuccessor: 'sealed', use, repeats: noRepeatsYet };
  const used = { ...token, usedAt: 1500, sealedSuccessor: 'sealed' };
  const again = { lastUsedAt: 1505, tokensExpireAt: 2505, credentialId: 'sec_2' };

  it('is a use of the session, wherever it comes from, and changes no token', async () => {
    const { sessions } = await signedIn();
    await sessions.rotateRefreshToken('h1', rotation);
    // The place of whoever comes again, who may be a thief, is not the session's.
    const there = aUse(1505, { credentialId: 'sec_2', address: '192.0.2.2', userAgent: 'another device' });
    expect(await sessions.repeatRefreshToken(used, there, aRepeat())).toBe(true);
    const after = { session: { ...session, ...use, ...again }, user: ada };
    expect(await sessions.findRefreshToken('h1')).toEqual({ token: used, ...after });
    expect(await sessions.findRefreshToken('h2')).toEqual({ token: next, ...after });
  });

  it('does not happen once the successor has been used, or the session has ended', async () => {
    const { sessions } = await signedIn();
    expect(await sessions.repeatRefreshToken(used, again, aRepeat())).toBe(false);
    await sessions.rotateRefreshToken('h1', rotation);
    expect(await sessions.repeatRefreshToken(used, aUse(9000), aRepeat())).toBe(false);
    await sessions.rotateRefreshToken('h2', { ...rotation, successor: aToken('h3', session) });
    expect(await sessions.repeatRefreshToken(used, again, aRepeat())).toBe(false);
    const last = { ...next, usedAt: 1500, sealedSuccessor: 'sealed' };
    expect(await sessions.repeatRefreshToken(last, again, aRepeat())).toBe(true);
    await sessions.endSession({ id: 's', userId: ada.id }, occasion(1600));
    expect(await sessions.repeatRefreshToken(last, again, aRepeat())).toBe(false);
    expect(await sessions.findRefreshToken('h3')).toMatchObject({ session: { ...again, endedAt: 1600 } });
  });
});

describe('what a session remembers of repeats', () => {
  const rotation = { successor: next, sealedSuccessor: 'sealed', use, repeats: noRepeatsYet };
  const used = { ...token, usedAt: 1500, sealedSuccessor: 'sealed' };
  const one = { elsewhere: 1, countedTo: 1500, toldAt: 1505 };
  const two = { elsewhere: 2, countedTo: 1600, toldAt: 1505 };
  const told = occasion(1505, { address: '192.0.2.2' });

  it('changes with a repeat, which leaves its event in the same transaction', async () => {
    const database = await signedIn();
    const { sessions } = database;
    await sessions.rotateRefreshToken('h1', rotation);
    const repeat = aRepeat({ repeats: { from: noRepeats, to: one }, occasion: { ...told, detail: 'for a test' } });
    expect(await sessions.repeatRefreshToken(used, aUse(1505), repeat)).toBe(true);
    expect(await sessions.findSession('s')).toEqual({ ...session, ...aUse(1505), repeats: one });
    const [, event] = await eventsOf(database);
    expect(event).toMatchObject({ type: 'session.repeated', subject: 's', at: 1505, detail: 'for a test' });
  });

  it('changes with a rotation', async () => {
    const { sessions } = await signedIn();
    await sessions.rotateRefreshToken('h1', { ...rotation, repeats: { from: noRepeats, to: two } });
    expect(await sessions.findRefreshToken('h2')).toMatchObject({ session: { repeats: two } });
    const back = { successor: aToken('h3', session), sealedSuccessor: 'x', use, repeats: { from: two, to: noRepeats } };
    expect(await sessions.rotateRefreshToken('h2', back)).toBe(true);
    expect(await sessions.findSession('s')).toMatchObject({ repeats: noRepeats });
  });

  it.each([
    ['no repeats', noRepeats, one],
    ['an event more', { ...noRepeats, toldAt: 1400 }, noRepeats],
    ['another repeat', one, { ...one, elsewhere: 3 }],
  ])('stops whoever has seen it with %s', async (_, seen, there) => {
    const database = await signedIn();
    const { sessions } = database;
    await sessions.rotateRefreshToken('h1', { ...rotation, repeats: { from: noRepeats, to: there } });
    const repeats = { from: seen, to: two };
    expect(await sessions.repeatRefreshToken(used, aUse(1510), aRepeat({ repeats, occasion: told }))).toBe(false);
    const more = { successor: aToken('h3', session), sealedSuccessor: 'x', use: aUse(1510), repeats };
    expect(await sessions.rotateRefreshToken('h2', more)).toBe(false);
    expect(await sessions.findSession('s')).toEqual({ ...session, ...use, repeats: there });
    expect(await sessions.findRefreshToken('h2')).toMatchObject({ token: { usedAt: null } });
    expect((await eventsOf(database)).map(({ type }) => type)).toEqual(['session.started']);
  });

  it('is helped out by the number of rotations since a moment, as many as are asked for', async () => {
    const { sessions } = await signedIn();
    const issue = async (before: string, hash: string, issuedAt: number) => {
      const successor = aToken(hash, session, { issuedAt });
      expect(await sessions.rotateRefreshToken(before, { ...rotation, successor })).toBe(true);
    };
    await issue('h1', 'h2', 1100);
    await issue('h2', 'h3', 1200);
    await issue('h3', 'h4', 1200);
    const counts = [999, 1000, 1100, 1199, 1200].map((since) => sessions.countRotations('s', since, 10));
    expect(await Promise.all(counts)).toEqual([4, 3, 2, 2, 0]);
    expect(await sessions.countRotations('s', 0, 3)).toBe(3);
    expect(await sessions.countRotations('another', 0, 3)).toBe(0);
  });
});

describe('a session that is looked for', () => {
  it('is found by its id, whether or not it has ended', async () => {
    const { sessions } = await signedIn();
    expect(await sessions.findSession('s')).toEqual(session);
    await sessions.endSession({ id: 's', userId: ada.id }, occasion(1300));
    expect(await sessions.findSession('s')).toEqual({ ...session, endedAt: 1300 });
    expect(await sessions.findSession('nobody')).toBeUndefined();
  });
});

describe('the list of sessions', () => {
  it("has a user's own that have not ended, the one used last first", async () => {
    const { users, sessions } = await signedIn();
    const grace = aUser('grace');
    await users.insertUser(grace, occasion(1000));
    const all = [
      aSession('b', ada, { lastUsedAt: 1100 }),
      aSession('c', ada, { lastUsedAt: 1300 }),
      aSession('ended', ada),
      aSession('expired', ada, { tokensExpireAt: 1400 }),
      aSession('hers', grace),
    ];
    for (const each of all)
      await sessions.startSession(
        each,
        null,
        each.userId === ada.id ? ada.passwordHash : grace.passwordHash,
        occasion(1),
      );
    await sessions.endSession({ id: 'ended', userId: ada.id }, occasion(1100));
    const listed = await sessions.listSessions(ada.id, 1400);
    expect(listed).toEqual([all[1], all[0], session]);
    expect((await sessions.listSessions(ada.id, 1399)).map(({ id }) => id)).toContain('expired');
    expect(await sessions.listSessions('nobody', 1400)).toEqual([]);
  });
});

describe('sessions that are ended', () => {
  async function many(): Promise<OpenDatabase> {
    const database = await signedIn();
    const grace = aUser('grace');
    await database.users.insertUser(grace, occasion(1000));
    await database.clients.insertClient(aClient('cli_x'), null, occasion(1000));
    const start = (id: string, user = ada, clientId = 'first-party', tokensExpireAt = 2000) =>
      database.sessions.startSession(
        aSession(id, user, { clientId, tokensExpireAt }),
        aToken(`t-${id}`, aSession(id, user)),
        user.passwordHash,
        occasion(1000),
      );
    await start('b');
    await start('c', ada, 'cli_x');
    await start('hers', grace);
    await start('hers too', grace, 'cli_x');
    await start('long over', ada, 'cli_x', 1100);
    return database;
  }

  const detailed = { ...occasion(1300, { address: '192.0.2.9' }), detail: 'for a test' };

  type End = (database: OpenDatabase) => Promise<unknown>;
  const one =
    (session: { id: string; userId: string }): End =>
    ({ sessions }) =>
      sessions.endSession(session, detailed);
  const all =
    (user: { userId: string; but?: string }): End =>
    ({ sessions }) =>
      sessions.endAllSessions(user, detailed);

  it.each<[string, End, string[]]>([
    ['one of a user', one({ id: 'b', userId: ada.id }), ['b']],
    ['none of another user', one({ id: 'b', userId: 'usr_grace' }), []],
    ['none that is not there', one({ id: 'nobody', userId: ada.id }), []],
    ['all of a user', all({ userId: ada.id }), ['b', 'c', 's']],
    ['all of a user but one', all({ userId: ada.id, but: 's' }), ['b', 'c']],
    ['all of a user, and none of another is spared', all({ userId: ada.id, but: 'hers' }), ['b', 'c', 's']],
    ['none of nobody', all({ userId: 'nobody' }), []],
    ['those of a client', ({ clients }) => clients.deleteClient('cli_x', () => true, detailed), ['c', 'hers too']],
  ])('are those that are named, %s, with an event for each', async (what, end, expected) => {
    const database = await many();
    const outcome = await end(database);
    if (typeof outcome === 'boolean') expect(outcome).toBe(expected.length > 0);
    const ends = (await eventsOf(database)).filter(({ type }) => type === 'session.ended');
    expect(ends.map(({ subject }) => subject).toSorted()).toEqual(expected);
    for (const event of ends) {
      const owner = event.subject?.startsWith('hers') ? 'usr_grace' : ada.id;
      const how = what === 'those of a client' ? 'client deleted' : 'for a test';
      expect(event).toMatchObject({ at: 1300, address: '192.0.2.9', detail: `${how}, of ${owner}` });
    }
    const open = [ada.id, 'usr_grace'].map((id) => database.sessions.listSessions(id, 1300));
    const left = (await Promise.all(open)).flat().map(({ id }) => id);
    expect(left.toSorted()).toEqual(['b', 'c', 'hers', 'hers too', 's'].filter((id) => !expected.includes(id)));
  });

  it('are over even if they had ended by themselves, of which there is nothing to write', async () => {
    const database = await many();
    expect(await database.sessions.endSession({ id: 'long over', userId: ada.id }, detailed)).toBe(false);
    expect(await database.sessions.findRefreshToken('t-long over')).toMatchObject({ session: { endedAt: 1300 } });
    expect((await eventsOf(database)).filter(({ type }) => type === 'session.ended')).toEqual([]);
  });

  it('ended when they ended first, and leave one event', async () => {
    const database = await signedIn();
    await database.sessions.endReusedSession('s', occasion(1300));
    await database.sessions.endReusedSession('s', { ...occasion(1400), detail: 'again' });
    expect(await database.sessions.endSession({ id: 's', userId: ada.id }, occasion(1500))).toBe(false);
    expect(await database.sessions.findRefreshToken('h1')).toMatchObject({ session: { endedAt: 1300 } });
    const ends = (await eventsOf(database)).filter(({ type }) => type !== 'session.started');
    expect(ends).toMatchObject([
      { type: 'session.reused', subject: 's', at: 1300, detail: `used refresh token, of ${ada.id}` },
    ]);
  });
});

describe('two connections to one database', () => {
  it('let one of many rotations win, and end a session once', async () => {
    const url = await newUrl();
    const one = await signedIn(url);
    const two = await newDatabase(url);
    const both = [one, two].flatMap((database) => Array.from({ length: 5 }, () => database.sessions));
    const rotated = await Promise.all(
      both.map((sessions, at) =>
        sessions.rotateRefreshToken('h1', {
          successor: aToken(`n${at}`, session),
          sealedSuccessor: `${at}`,
          use,
          repeats: noRepeatsYet,
        }),
      ),
    );
    expect(rotated.filter(Boolean)).toHaveLength(1);
    const ended = await Promise.all(
      both.map((sessions) => sessions.endSession({ id: 's', userId: ada.id }, occasion(1600))),
    );
    expect(ended.filter(Boolean)).toHaveLength(1);
    const rows = await (await connectTo(url)).all('select hash, sealed_successor from refresh_tokens order by hash');
    const winner = rotated.indexOf(true);
    expect(rows).toEqual([
      { hash: 'h1', sealed_successor: String(winner) },
      { hash: `n${winner}`, sealed_successor: null },
    ]);
  });
});
