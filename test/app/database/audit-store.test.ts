import { describe, expect, it } from 'vitest';
import type { Actor, AuditEvent, AuditStore, EventType, Occasion } from '../../../src/audit/event.ts';
import type { OpenDatabase } from '../../../src/database/open.ts';
import { connectTo, newDatabase, newUrl } from '../../support/database.ts';
import { aVerifyOnlyKey, occasion } from '../../support/records.ts';

type Page = Parameters<AuditStore['listEvents']>[0];

/** Leaves one `key.imported` for each kid, through a change that is the quickest to make. */
async function recordImports({ verifyOnlyKeys }: OpenDatabase, kids: readonly string[], at: Occasion): Promise<void> {
  for (const kid of kids) expect(await verifyOnlyKeys.insertVerifyOnlyKey(aVerifyOnlyKey(kid), at)).toBe(true);
}

async function subjectsOf({ audit }: OpenDatabase, page: Partial<Page> = {}): Promise<(string | null)[] | undefined> {
  const events = await audit.listEvents({ before: null, limit: 100, ...page });
  return events?.map(({ subject }) => subject);
}

/** Follows the cursors from the newest event to the last, none seen twice; `between` is done after each page. */
async function walk(
  { audit }: OpenDatabase,
  { between, ...page }: Omit<Page, 'before'> & { between?: () => Promise<void> },
): Promise<AuditEvent[]> {
  const seen: AuditEvent[] = [];
  for (;;) {
    const events = (await audit.listEvents({ ...page, before: seen.at(-1)?.id ?? null })) ?? [];
    expect(events.length).toBeLessThanOrEqual(page.limit);
    seen.push(...events);
    expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length);
    // Where the cursor leads nowhere, what is added in between would keep this going for ever.
    expect(seen.length).toBeLessThan(100);
    if (events.length < page.limit) return seen;
    await between?.();
  }
}

describe('the AuditStore', () => {
  it('gives back each event as it was recorded, under an id of its own', async () => {
    const database = await newDatabase();
    expect(await database.audit.listEvents({ before: null, limit: 10 })).toEqual([]);
    const actors: Actor[] = [
      { kind: 'schedule' },
      { kind: 'script', name: '"; é\u0000😀' },
      { kind: 'caller', sub: 'usr_1', clientId: 'first-party' },
    ];
    for (const [at, actor] of actors.entries())
      await recordImports(database, [`k${at}`], { at: 2 ** 37 + at, actor, reason: at === 0 ? null : '"; \u0000é\n' });
    const events = (await database.audit.listEvents({ before: null, limit: 10 })) ?? [];
    for (const { id } of events) expect(id).toMatch(/^evt_[\w-]{22}$/);
    expect(new Set(events.map(({ id }) => id)).size).toBe(3);
    const rest = { type: 'key.imported', address: null, detail: null };
    expect(events.toReversed()).toEqual([
      { id: events[2]?.id, at: 2 ** 37, actor: actors[0], reason: null, ...rest, subject: 'k0' },
      {
        id: events[1]?.id,
        at: 2 ** 37 + 1,
        actor: actors[1],
        reason: '"; \u0000é\n',
        ...rest,
        subject: 'k1',
      },
      {
        id: events[0]?.id,
        at: 2 ** 37 + 2,
        actor: actors[2],
        reason: '"; \u0000é\n',
        ...rest,
        subject: 'k2',
      },
    ]);
  });

  it('lists the newest first, by when it was written and not by what a clock said', async () => {
    const database = await newDatabase();
    await recordImports(database, ['b'], occasion(3000));
    await recordImports(database, ['c'], occasion(1000));
    await recordImports(database, ['a'], occasion(1000));
    expect(await subjectsOf(database)).toEqual(['a', 'c', 'b']);
  });

  it('lists no more than it was asked for', async () => {
    const database = await newDatabase();
    await recordImports(database, ['a', 'b', 'c'], occasion(1000));
    expect(await subjectsOf(database, { limit: 1 })).toEqual(['c']);
    expect(await subjectsOf(database, { limit: 2 })).toEqual(['c', 'b']);
    expect(await subjectsOf(database, { limit: 3 })).toEqual(['c', 'b', 'a']);
    expect(await subjectsOf(database, { limit: 4 })).toEqual(['c', 'b', 'a']);
  });

  it.each([1, 2, 3, 7, 8])(
    'can be walked through in pages of %i, each event once, while others are added in between',
    async (limit) => {
      const url = await newUrl();
      const [database, elsewhere] = [await newDatabase(url), await newDatabase(url)];
      const kids = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
      await recordImports(database, kids, occasion(1000));
      let more = 0;
      const seen = await walk(database, {
        limit,
        between: async () => {
          more += 1;
          await recordImports(elsewhere, [`more${more}`, `more${more}b`], occasion(900));
        },
      });
      expect(seen.map(({ subject }) => subject)).toEqual(kids.toReversed());
      expect(await subjectsOf(database)).toHaveLength(kids.length + 2 * more);
    },
  );

  it('has nothing behind the oldest event, and knows no cursor that it did not give', async () => {
    const database = await newDatabase();
    await recordImports(database, ['a', 'b'], occasion(1000));
    const events = (await database.audit.listEvents({ before: null, limit: 10 })) ?? [];
    expect(await subjectsOf(database, { before: events[1]?.id ?? '' })).toEqual([]);
    const id = events[0]?.id ?? '';
    for (const before of ['', 'evt_', '1', 'a', id.toUpperCase(), `${id} `, `${id}' or 1=1 --`, '%'])
      expect({ before, events: await subjectsOf(database, { before }) }).toEqual({ before, events: undefined });
  });

  it('lists the events of one subject, page by page, behind any event', async () => {
    const database = await newDatabase();
    const { verifyOnlyKeys } = database;
    await recordImports(database, ['a', 'b', 'aa'], occasion(1000));
    await verifyOnlyKeys.revokeVerifyOnlyKey('b', occasion(1001));
    await verifyOnlyKeys.removeVerifyOnlyKeys(['a'], occasion(1002));
    await recordImports(database, ['a'], occasion(1003));
    const typesOf = (events: AuditEvent[]) => events.map(({ type }) => type);
    const ofA = ['key.imported', 'key.retired', 'key.imported'];
    for (const limit of [1, 2, 3, 4]) expect(typesOf(await walk(database, { limit, subject: 'a' }))).toEqual(ofA);
    expect(await subjectsOf(database, { subject: 'nobody' })).toEqual([]);
    expect(await subjectsOf(database, { subject: 'A' })).toEqual([]);

    const [ofB] = (await database.audit.listEvents({ before: null, limit: 1, subject: 'b' })) ?? [];
    expect(ofB?.type).toBe('key.revoked');
    expect(await subjectsOf(database, { before: ofB?.id ?? '', subject: 'a' })).toEqual(['a']);
    expect(await subjectsOf(database, { before: 'nothing', subject: 'a' })).toBeUndefined();
  });

  it('lists the events of the types that it was asked for, together with the other filters', async () => {
    const database = await newDatabase();
    const { verifyOnlyKeys } = database;
    await recordImports(database, ['a', 'b', 'c'], occasion(1000));
    await verifyOnlyKeys.revokeVerifyOnlyKey('b', occasion(1001));
    await verifyOnlyKeys.removeVerifyOnlyKeys(['a'], occasion(1002));
    const listed = async (page: Partial<Page>) =>
      (await database.audit.listEvents({ before: null, limit: 10, ...page }))?.map(
        ({ type, subject }) => `${type} ${subject}`,
      );
    expect(await listed({ types: ['key.revoked'] })).toEqual(['key.revoked b']);
    expect(await listed({ types: ['key.revoked', 'key.retired'] })).toEqual(['key.retired a', 'key.revoked b']);
    expect(await listed({ types: ['key.imported'], limit: 2 })).toEqual(['key.imported c', 'key.imported b']);
    expect(await listed({ types: ['key.imported', 'key.retired'], subject: 'a' })).toEqual([
      'key.retired a',
      'key.imported a',
    ]);
    expect(await listed({ types: [] })).toEqual([]);
    const walked = await walk(database, { limit: 1, types: ['key.imported', 'key.revoked'] });
    expect(walked.map(({ subject }) => subject)).toEqual(['b', 'c', 'b', 'a']);
  });

  it('keeps an event that comes with no change, also where it happened to nothing', async () => {
    const { audit } = await newDatabase();
    const occasion = {
      actor: { kind: 'anonymous' },
      reason: null,
      address: '2001:db8::1',
      detail: 'é\u0000"',
      at: 7,
    } as const;
    await audit.recordEvent('session.refused', null, occasion);
    await audit.recordEvent('session.refused', 'usr_1', { actor: occasion.actor, reason: null, at: 8 });
    const [second, first] = (await audit.listEvents({ before: null, limit: 10 })) ?? [];
    expect(first).toEqual({ ...occasion, id: first?.id, type: 'session.refused', subject: null });
    expect(second).toMatchObject({ subject: 'usr_1', address: null, detail: null });
  });

  it('lists what a caller did and no other, and what happened from one moment on and before another', async () => {
    const database = await newDatabase();
    const { audit } = database;
    const actors: Actor[] = [
      { kind: 'caller', sub: 'usr_1', clientId: 'usr_2' },
      { kind: 'caller', sub: 'usr_2', clientId: 'first-party' },
      { kind: 'script', name: 'usr_1' },
      { kind: 'anonymous' },
    ];
    for (const [at, actor] of actors.entries())
      await audit.recordEvent('token.revoked', `j${at}`, { actor, reason: null, at });
    expect(await subjectsOf(database, { actor: 'usr_1' })).toEqual(['j0']);
    expect(await subjectsOf(database, { actor: 'usr_2' })).toEqual(['j1']);
    expect(await subjectsOf(database, { actor: 'first-party' })).toEqual([]);
    expect(await subjectsOf(database, { since: 1 })).toEqual(['j3', 'j2', 'j1']);
    expect(await subjectsOf(database, { until: 1 })).toEqual(['j0']);
    expect(await subjectsOf(database, { since: 1, until: 3 })).toEqual(['j2', 'j1']);
    expect(await subjectsOf(database, { since: 1, until: 1 })).toEqual([]);
    expect(await subjectsOf(database, { actor: 'usr_2', since: 2 })).toEqual([]);
  });
});

describe('events of a span of time', () => {
  it('are walked through in the order of time, each once, where the clocks of those who wrote them differ', async () => {
    const database = await newDatabase();
    const moments = [50, 80, 60, 90, 60, 70, 80, 40];
    for (const [n, at] of moments.entries()) await recordImports(database, [`k${n}`], occasion(at));
    const inOrder = ['k3', 'k6', 'k1', 'k5', 'k4', 'k2', 'k0', 'k7'];
    expect(await subjectsOf(database, { since: 0 })).toEqual(inOrder);
    for (let limit = 1; limit <= 9; limit += 1) {
      const walked = await walk(database, { limit, since: 60, until: 90 });
      expect(walked.map(({ subject }) => subject)).toEqual(inOrder.slice(1, 6));
      const open = await walk(database, { limit, until: 61 });
      expect(open.map(({ subject }) => subject)).toEqual(inOrder.slice(4));
    }
  });
});

describe('an event whose actor no server wrote', () => {
  it.each(['', 'null', '7', '{', '{}', '[]', '{"kind":"caller","sub":"usr_1"}', '{"kind":"script","name":7}'])(
    'is listed with nobody known to have done it, among the others: %s',
    async (actor) => {
      const url = await newUrl();
      const database = await newDatabase(url);
      await recordImports(database, ['a', 'b', 'c'], occasion(1000));
      await (await connectTo(url)).all(`update audit_events set actor = ? where subject = 'b'`, actor);
      const events = await database.audit.listEvents({ before: null, limit: 10 });
      expect(events?.map((each) => [each.subject, each.actor.kind])).toEqual([
        ['c', 'script'],
        ['b', 'unknown'],
        ['a', 'script'],
      ]);
    },
  );
});

describe('an event that is recorded once', () => {
  const typesOf = async (database: OpenDatabase) =>
    ((await database.audit.listEvents({ before: null, limit: 100 })) ?? []).map(({ type }) => type);
  const record = (
    { audit }: OpenDatabase,
    at: number,
    { of = ['a'], type }: { of?: string[]; type?: EventType } = {},
  ) => audit.recordOnce(type ?? 'access.denied', null, occasion(at), { of, until: at + 60 });

  it('is there once of twenty that come at once, and again when its time is over', async () => {
    const database = await newDatabase();
    await Promise.all(Array.from({ length: 20 }, () => record(database, 1000)));
    await record(database, 1059);
    expect(await typesOf(database)).toEqual(['access.denied']);
    await record(database, 1060);
    await record(database, 1119);
    expect(await typesOf(database)).toHaveLength(2);
  });

  it('is another one of another type, and of something else, however the names are cut', async () => {
    const database = await newDatabase();
    for (const of of [['a'], ['a', ''], ['a', 'b'], ['ab'], ['a,b']]) await record(database, 1000, { of });
    await record(database, 1000, { type: 'limit.reached' });
    expect(await typesOf(database)).toHaveLength(6);
  });
});
