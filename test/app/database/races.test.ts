/** What must hold whoever is faster, on as many connections at once as a process has, and in two processes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { OpenDatabase } from '../../../src/database/open.ts';
import { noRepeats } from '../../../src/tokens/repeats.ts';
import { isPostgres } from '../../support/place.ts';
import { connectTo, newDatabase, newUrl, rowsOf } from '../../support/database.ts';
import {
  aClient,
  aRepeat,
  aSecret,
  aSession,
  aToken,
  aUse,
  aUser,
  noRepeatsYet,
  occasion,
} from '../../support/records.ts';

const now = occasion(1500);
const staff = aUser('staff', { roles: ['admin'] });

type Processes = { readonly url: string; readonly one: OpenDatabase; readonly two: OpenDatabase };

/** `planning` is how PostgreSQL is to plan queries, which it does another way while its tables are small. */
async function twoProcesses(planning: Readonly<Record<string, string>> = {}): Promise<Processes> {
  const url = await newUrl();
  if (isPostgres) {
    const connection = await connectTo(url);
    for (const [name, value] of Object.entries(planning))
      await connection.all(`alter database ${new URL(url).pathname.slice(1)} set ${name} = ${value}`);
  }
  const [one, two] = [await newDatabase(url), await newDatabase(url)];
  await one.users.insertUser(staff, now);
  // Else the first of a race waits for its connection while the others go on.
  for (const database of [one, two]) await Promise.all(Array.from({ length: 10 }, () => database.ping()));
  return { url, one, two };
}

/**
 * How often two of them waited for each other until PostgreSQL, a second later, ended one. Only what has been closed tells
 * all of it.
 */
async function deadlocksOf({ url, one, two }: Processes): Promise<unknown> {
  if (!isPostgres) return 0;
  await Promise.all([one.close(), two.close()]);
  const connection = await connectTo(url);
  const [row] = await connection.all('select deadlocks from pg_stat_database where datname = current_database()');
  return row?.['deadlocks'];
}

/** All at once, in an order that differs from round to round. */
function atOnce<Result>(round: number, ...work: (() => Promise<Result>)[]): Promise<Result[]> {
  const turned = work.map((_, at) => work[(at + round) % work.length] ?? (() => Promise.reject(new Error('no work'))));
  return Promise.all(turned.map((each) => each()));
}

const times = (count: number) => Array.from({ length: count }, (_, at) => at);

describe('a session that starts while', () => {
  const openSessions = async (url: string, userId: string) =>
    (await rowsOf(url, 'sessions')).filter((row) => row['user_id'] === userId && row['ended_at'] === null);

  const ends = {
    'its account is disabled': ({ users }: OpenDatabase, id: string) =>
      users.administerUser(id, { disabled: true }, now),
    'its account is deleted': ({ users }: OpenDatabase, id: string) => users.deleteUser(id, now),
    'its password is changed': ({ users }: OpenDatabase, id: string) =>
      users.replacePasswordHash(id, { from: 'old', to: 'new', endsSessionsBy: `own-${id}` }, now),
    'its client is deleted': ({ clients }: OpenDatabase, id: string) => clients.deleteClient(id, () => true, now),
  };

  it.each(Object.entries(ends))('%s does not outlive that', async (_, end) => {
    const { url, one, two } = await twoProcesses();
    for (const round of times(20)) {
      // The client has the name of the user, so that one id says which of them goes.
      const user = aUser(`u${round}`, { passwordHash: 'old' });
      await one.users.insertUser(user, now);
      await one.clients.insertClient(aClient(user.id), null, now);
      const own = aSession(`own-${user.id}`, user, { clientId: user.id });
      await one.sessions.startSession(own, null, 'old', now);
      const start = async (nth: number) => {
        const session = aSession(`${user.id}-${nth}`, user, { clientId: user.id });
        const { sessions } = nth % 2 === 0 ? one : two;
        await sleep(nth * (round % 4));
        return sessions.startSession(session, aToken(session.id, session), 'old', now);
      };
      await Promise.all([...times(6).map(start), sleep(round % 8).then<unknown>(() => end(two, user.id))]);
      expect(await openSessions(url, user.id)).toEqual([]);
      expect(await start(6)).toBe(false);
    }
  });
});

describe('an account', () => {
  it('that many change in the same way at once has changed once', async () => {
    const { one, two } = await twoProcesses();
    for (const round of times(5)) {
      const name = `name ${round}`;
      await Promise.all(
        times(10).map((at) => (at % 2 === 0 ? one : two).users.updateUser(staff.id, { name }, occasion(2000 + round))),
      );
      const events = await one.audit.listEvents({ before: null, limit: 99, types: ['user.updated'] });
      expect(events).toHaveLength(round + 1);
    }
  });
});

describe('a username', () => {
  it('that twenty want at once on two processes is given to one of them, and the others are told', async () => {
    const { one, two } = await twoProcesses();
    for (const round of times(5)) {
      const given = await Promise.all(
        times(20).map((at) =>
          (at % 2 === 0 ? one : two).users.insertUser(aUser(`name${round}`, { id: `usr_${round}-${at}` }), now),
        ),
      );
      expect(given.filter(Boolean)).toHaveLength(1);
      const events = await one.audit.listEvents({ before: null, limit: 99, types: ['user.registered'] });
      // The first is that of the staff.
      expect(events).toHaveLength(1 + round + 1);
    }
  });
});

describe('the secrets of a client', () => {
  it('are never more than two, however many are added at once, and never none', async () => {
    const { one, two } = await twoProcesses();
    for (const round of times(10)) {
      const id = `c${round}`;
      await one.clients.insertClient(aClient(id), aSecret(`first-${id}`), now);
      const added = await Promise.all(
        times(10).map((at) =>
          (at % 2 === 0 ? one : two).clients.addSecret(id, aSecret(`sec-${id}-${at}`), () => true, now),
        ),
      );
      expect(added.toSorted()).toEqual(['added', ...Array<string>(9).fill('full')]);
      const found = (await one.clients.findClient(id))?.secrets ?? [];
      expect(found).toHaveLength(2);
      const removed = await Promise.all(
        [...found, ...found].map((secret, at) =>
          (at % 2 === 0 ? one : two).clients.removeSecret(id, secret.id, () => true, now),
        ),
      );
      expect(removed.filter((outcome) => outcome === 'removed')).toHaveLength(1);
      expect((await two.clients.findClient(id))?.secrets).toHaveLength(1);
    }
  });

  it('are all gone once the client has none any more, and none is added behind its back', async () => {
    const { one, two } = await twoProcesses();
    for (const round of times(20)) {
      const id = `c${round}`;
      await one.clients.insertClient(aClient(id), aSecret(`first-${id}`), now);
      await atOnce<unknown>(
        round,
        () => one.clients.updateClient(id, () => ({ authMethod: 'none' }), now),
        () => two.clients.addSecret(id, aSecret(`second-${id}`), () => true, now),
      );
      expect(await one.clients.findClient(id)).toMatchObject({ client: { authMethod: 'none' }, secrets: [] });
    }
  });
});

describe('a refresh token', () => {
  it('that twenty use at once on two processes has one successor, and the losers leave nothing', async () => {
    const { url, one, two } = await twoProcesses();
    for (const round of times(5)) {
      const session = aSession(`s${round}`, staff);
      await one.sessions.startSession(session, aToken(`h${round}`, session), staff.passwordHash, now);
      const rotated = await Promise.all(
        times(20).map((at) =>
          (at % 2 === 0 ? one : two).sessions.rotateRefreshToken(`h${round}`, {
            successor: aToken(`h${round}-${at}`, session),
            sealedSuccessor: `sealed ${at}`,
            use: aUse(1500, { userAgent: `device ${at}` }),
            repeats: noRepeatsYet,
          }),
        ),
      );
      expect(rotated.filter(Boolean)).toHaveLength(1);
      const winner = rotated.indexOf(true);
      const tokens = (await rowsOf(url, 'refresh_tokens')).filter((row) => row['session_id'] === session.id);
      expect(
        tokens.map(({ hash, sealed_successor: sealed }) => `${String(hash)} ${String(sealed)}`).toSorted(),
      ).toEqual([`h${round} sealed ${winner}`, `h${round}-${winner} null`]);
      expect(await one.sessions.findRefreshToken(`h${round}`)).toMatchObject({
        session: { userAgent: `device ${winner}` },
      });
    }
  });

  it('is not answered again once its successor is used, however close they come', async () => {
    const both = await twoProcesses();
    const { one, two } = both;
    for (const round of times(30)) {
      const session = aSession(`r${round}`, staff);
      const [first, second, third] = ['a', 'b', 'c'].map((name) => aToken(`${name}${round}`, session));
      if (first === undefined || second === undefined || third === undefined) throw new Error('no tokens');
      await one.sessions.startSession(session, first, staff.passwordHash, now);
      const rotation = { sealedSuccessor: 'sealed', use: aUse(1500), repeats: noRepeatsYet };
      await one.sessions.rotateRefreshToken(first.hash, { ...rotation, successor: second });
      const used = { ...first, usedAt: 1500, sealedSuccessor: 'sealed' };
      const repeats = { from: noRepeats, to: { elsewhere: 1, countedTo: 1000, toldAt: 1500 } };
      const done = await atOnce<boolean>(
        round,
        () => one.sessions.repeatRefreshToken(used, aUse(1500), aRepeat({ repeats, occasion: now })),
        () => two.sessions.rotateRefreshToken(second.hash, { ...rotation, successor: third }),
      );
      // Whoever is second has to look again: at a token that is old by then, or at a session that remembers more.
      expect(done.filter(Boolean)).toHaveLength(1);
    }
    const events = (await one.audit.listEvents({ before: null, limit: 99, types: ['session.repeated'] })) ?? [];
    for (const { subject } of events)
      expect(await one.sessions.findSession(subject ?? '')).toMatchObject({ repeats: { elsewhere: 1 } });
    expect(await deadlocksOf(both)).toBe(0);
  });

  it('gets no successor once its session has been ended, its account disabled or deleted', async () => {
    const both = await twoProcesses();
    const { url, one, two } = both;
    const ends = [
      (id: string) => two.sessions.endSession({ id: `s-${id}`, userId: id }, now),
      (id: string) => two.users.administerUser(id, { disabled: true }, now),
      (id: string) => two.users.deleteUser(id, now),
    ];
    for (const round of times(30)) {
      const user = aUser(`u${round}`);
      const session = aSession(`s-${user.id}`, user);
      await one.users.insertUser(user, now);
      await one.sessions.startSession(session, aToken(`h${round}`, session), user.passwordHash, now);
      let hasEnded = false;
      const order: string[] = [];
      const rotation = {
        successor: aToken(`n${round}`, session),
        sealedSuccessor: 'x',
        use: aUse(1600),
        repeats: noRepeatsYet,
      };
      await atOnce<unknown>(
        round,
        async () => {
          if (await one.sessions.rotateRefreshToken(`h${round}`, rotation)) order.push('rotated');
        },
        async () => {
          await ends[round % 3]?.(user.id);
          hasEnded = true;
        },
      );
      expect(hasEnded).toBe(true);
      // Whoever was first, nothing of it works, and what had ended was not used afterwards.
      const left = (await rowsOf(url, 'sessions')).filter((row) => row['id'] === session.id);
      const isUsed = left.map((row) => row['last_used_at'] === 1600);
      if (left.length > 0) expect(isUsed).toEqual([order.includes('rotated')]);
      expect(left.every((row) => row['ended_at'] !== null)).toBe(true);
    }
    expect(await deadlocksOf(both)).toBe(0);
  });
});

describe('an assertion', () => {
  it('is used once on two processes, also where one that has expired had its jti', async () => {
    const { one, two } = await twoProcesses();
    await one.clients.insertClient(aClient('c'), null, now);
    for (const round of times(10)) {
      const at = 1000 + round * 100;
      const uses = times(20).map((nth) =>
        (nth % 2 === 0 ? one : two).clients.useAssertion({ clientId: 'c', jti: 'j', expiresAt: at + 50 }, at),
      );
      expect((await Promise.all(uses)).filter(Boolean)).toHaveLength(1);
    }
  });

  it('of a client that is deleted meanwhile is used or not, and no fault', async () => {
    const both = await twoProcesses();
    const { one, two } = both;
    for (const round of times(10)) {
      const clientId = `c${round}`;
      await one.clients.insertClient(aClient(clientId), null, now);
      for (const at of times(5)) await one.clients.useAssertion({ clientId, jti: `old ${at}`, expiresAt: 1 }, 0);
      let isGone = false;
      const late: boolean[] = [];
      const use = (nth: number) => async () => {
        const wasGone = isGone;
        const assertion = { clientId, jti: `j${nth}`, expiresAt: 2000 };
        const isUsed = await (nth % 2 === 0 ? one : two).clients.useAssertion(assertion, 1500);
        if (wasGone) late.push(isUsed);
      };
      await atOnce<unknown>(
        round,
        use(0),
        use(1),
        () => two.clients.deleteClient(clientId, () => true, now).then(() => (isGone = true)),
        use(2),
        use(3),
      );
      await use(4)();
      expect(late.includes(true)).toBe(false);
      expect(late.length).toBeGreaterThan(0);
    }
    expect(await deadlocksOf(both)).toBe(0);
  });
});

describe('budgets', () => {
  const [a, b] = [
    { name: 'a', tries: 7, within: 60 },
    { name: 'b', tries: 30, within: 60 },
  ];

  it('are never overdrawn, nor does anybody wait in vain who takes several in another order', async () => {
    const both = await twoProcesses();
    const { one, two } = both;
    for (const round of times(10)) {
      const budgets = [
        { policy: a, of: [String(round)] },
        { policy: b, of: [String(round)] },
      ];
      const takes = times(20).map((at) =>
        (at % 2 === 0 ? one : two).rateLimits.take(at % 4 < 2 ? budgets : budgets.toReversed(), 1000),
      );
      const outcomes = await Promise.all(takes);
      const taken = outcomes.filter((outcome) => outcome.kind === 'taken');
      expect(taken).toHaveLength(7);
      await Promise.all(
        taken.map((each, at) => one.rateLimits.giveBack(at % 2 === 0 ? each.taken : each.taken.toReversed())),
      );
      expect((await two.rateLimits.take(budgets, 1000)).kind).toBe('taken');
    }
    expect(await deadlocksOf(both)).toBe(0);
  });
});

describe('sessions that are ended at once', () => {
  it('by whose they are and by their client end once, with one event each', async () => {
    const both = await twoProcesses({ enable_seqscan: 'off', enable_bitmapscan: 'off' });
    const { url, one, two } = both;
    const connection = await connectTo(url);
    for (const round of times(10)) {
      const [user, client] = [aUser(`u${round}`), aClient(`c${round}`)];
      await one.users.insertUser(user, now);
      await one.clients.insertClient(client, null, now);
      for (const at of times(12)) {
        // By the one index they are in one order, by the other in another.
        const session = aSession(`${round}-${at}`, user, { clientId: client.id, address: `192.0.2.${99 - at}` });
        await one.sessions.startSession(session, null, user.passwordHash, now);
      }
      await atOnce<unknown>(
        round,
        () => one.sessions.endAllSessions({ userId: user.id }, now),
        () => two.clients.deleteClient(client.id, () => true, now),
        () => two.sessions.endAllSessions({ userId: user.id, but: `${round}-6` }, now),
      );
      const ends = await connection.all(
        "select subject, count(*) as n from audit_events where type = 'session.ended' and subject like ? group by subject",
        `${round}-%`,
      );
      expect(ends).toHaveLength(12);
      for (const { n } of ends) expect(Number(n)).toBe(1);
    }
    expect(await deadlocksOf(both)).toBe(0);
  });
});
