import { describe, expect, it } from 'vitest';
import type { Actor, AuditEvent, AuditStore, Occasion } from '../../src/audit/event.ts';
import type { OpenDatabase } from '../../src/database/open.ts';
import { aVerifyOnlyKey, newDatabase, newFile, occasion } from '../support/sqlite.ts';

type Page = Parameters<AuditStore['listEvents']>[0];

/** Leaves one `key.imported` for each kid, through a change that is the quickest to make. */
async function recordImports({ verifyOnlyKeys }: OpenDatabase, kids: readonly string[], at: Occasion): Promise<void> {
  for (const kid of kids) expect(await verifyOnlyKeys.insertVerifyOnlyKey(aVerifyOnlyKey(kid), at)).toBe(true);
}

async function subjectsOf({ audit }: OpenDatabase, page: Partial<Page> = {}): Promise<string[] | undefined> {
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
      await recordImports(database, [`k${at}`], { at: 2 ** 40 + at, actor, reason: at === 0 ? null : '"; \u0000é\n' });
    const events = (await database.audit.listEvents({ before: null, limit: 10 })) ?? [];
    for (const { id } of events) expect(id).toMatch(/^evt_[\w-]{22}$/);
    expect(new Set(events.map(({ id }) => id)).size).toBe(3);
    expect(events.toReversed()).toEqual([
      { id: events[2]?.id, at: 2 ** 40, actor: actors[0], reason: null, type: 'key.imported', subject: 'k0' },
      {
        id: events[1]?.id,
        at: 2 ** 40 + 1,
        actor: actors[1],
        reason: '"; \u0000é\n',
        type: 'key.imported',
        subject: 'k1',
      },
      {
        id: events[0]?.id,
        at: 2 ** 40 + 2,
        actor: actors[2],
        reason: '"; \u0000é\n',
        type: 'key.imported',
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
      const file = await newFile();
      const [database, elsewhere] = [await newDatabase(file), await newDatabase(file)];
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
});
