import { describe, expect, it } from 'vitest';
import { connectTo } from '../../support/database.ts';
import { type Event, newOperator } from '../../support/key-operator.ts';
import { signIn } from '../../support/oauth.ts';
import { startTessera } from '../../support/tessera.ts';

/** Ten seconds apart: two sign in, one fails to, one is renamed, one disables another. */
async function start() {
  const tessera = await startTessera({ REPLY_CHECKS: 'enforce' });
  const operator = await newOperator(tessera);
  const began = tessera.clock();
  const admin = await signIn(tessera, { roles: ['admin'] });
  const user = await signIn(tessera);
  tessera.clock.advance(10);
  await tessera.form('/token', { grant_type: 'password', username: user.username, password: 'wrong' }).expect(400);
  tessera.clock.advance(10);
  await tessera.bearer('patch', '/users/me', user.tokens.access_token).send({ name: 'U' }).expect(200);
  tessera.clock.advance(10);
  const path = `/users/${user.id}`;
  await tessera.bearer('patch', path, admin.tokens.access_token).send({ disabled: true }).expect(200);
  const find = async (query: Record<string, string>) =>
    (await operator.events(`?${new URLSearchParams({ limit: '200', ...query }).toString()}`)).events;
  const all = await find({});
  return { tessera, operator, began, admin, user, find, all };
}

const ids = (events: Event[]) => events.map(({ id }) => id);
const at = (moment: number, offset = 0) =>
  new Date((moment + offset * 3600) * 1000).toISOString().replace('.000Z', offset === 0 ? 'Z' : `+0${offset}:00`);

describe('the filters of GET /audit-events', () => {
  it('hold the list to what somebody did, to a type, and to how it came out; together to all of it', async () => {
    const { find, all, admin, user } = await start();
    const byUser = all.filter(({ actor }) => actor['sub'] === user.id);
    expect(byUser.map(({ type }) => type)).toEqual(['user.updated', 'session.started']);
    expect(await find({ actor: user.id })).toEqual(byUser);
    expect(await find({ actor: admin.id, subject: user.id })).toMatchObject([{ type: 'user.disabled' }]);
    expect(await find({ type: 'session.refused' })).toMatchObject([{ subject: user.id, outcome: 'failure' }]);
    expect(await find({ outcome: 'failure' })).toEqual(all.filter(({ outcome }) => outcome === 'failure'));
    const successes = await find({ outcome: 'success' });
    expect(successes).toEqual(all.filter(({ outcome }) => outcome === 'success'));
    expect(successes).toHaveLength(all.length - 1);
    expect(await find({ outcome: 'failure', type: 'session.refused' })).toHaveLength(1);
    expect(await find({ outcome: 'success', type: 'session.refused' })).toEqual([]);
    expect(await find({ outcome: 'failure', type: 'user.disabled' })).toEqual([]);
    expect(await find({ actor: 'nobody' })).toEqual([]);
  });

  it('hold it to a span of time: from one moment on, before another, in any offset', async () => {
    const { find, all, began } = await start();
    const of = (from: number, before: number) =>
      ids(all.filter((event) => Date.parse(event.at) / 1000 >= from && Date.parse(event.at) / 1000 < before));
    const spans = [
      [began, began + 31],
      [began + 10, began + 20],
      [began + 10, began + 21],
      [began + 11, began + 20],
      [began + 30, began + 31],
      [began + 20, began + 10],
    ] as const;
    for (const [since, until] of spans) {
      const expected = of(since, until);
      expect(ids(await find({ since: at(since), until: at(until) }))).toEqual(expected);
      expect(ids(await find({ since: at(since, 2), until: at(until, 9) }))).toEqual(expected);
    }
    expect(of(began + 10, began + 20)).toHaveLength(1);
    expect(of(began + 11, began + 20)).toHaveLength(0);
    expect(ids(await find({ since: at(began + 20) }))).toEqual(of(began + 20, Infinity));
    expect(ids(await find({ until: at(began + 20) }))).toEqual(of(0, began + 20));
  });

  it('take a fraction of a second for what it is: events happen in whole ones', async () => {
    const { find, began } = await start();
    const fraction = (moment: number) => at(moment).replace('Z', '.5Z');
    const typesOf = (events: Event[]) => events.map(({ type }) => type);
    const refused = ['session.refused'];
    expect(typesOf(await find({ since: fraction(began + 9), until: fraction(began + 10) }))).toEqual(refused);
    expect(typesOf(await find({ since: fraction(began + 10), until: fraction(began + 11) }))).toEqual([]);
  });

  it('hold every page to the same events, also while others happen', async () => {
    const { tessera, operator, find, began, user } = await start();
    const query = { outcome: 'success', since: at(began) };
    const expected = ids(await find(query));
    expect(expected.length).toBeGreaterThan(4);
    const seen: string[] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined;) {
      const page = { ...query, limit: '2', ...(cursor !== '' && { cursor }) };
      const { events, next_cursor }: { events: Event[]; next_cursor?: string } = await operator.events(
        `?${new URLSearchParams(page).toString()}`,
      );
      seen.push(...ids(events));
      cursor = next_cursor;
      await tessera.form('/token', { grant_type: 'password', username: user.username, password: 'x' }).expect(400);
      await signIn(tessera);
    }
    expect(seen).toEqual(expected);
  });

  it('go on with the next page where too many events had to be looked at for one', async () => {
    const { tessera, operator } = await start();
    const connection = await connectTo(tessera.databaseUrl);
    const digits = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((digit) => `select ${digit} as digit`).join(' union all ');
    const insert = (from: string, prefix: string, subject: string, type: string) =>
      connection.all(`insert into audit_events (id, at, type, subject, actor)
        select ${prefix}, 7, '${type}', '${subject}', '{"kind":"anonymous"}' from ${from}`);
    await insert('(select 1 as one) as one', `'evt_' || '${'w'.repeat(22)}'`, 'sought', 'session.started');
    const thousands = `(${digits}) as a, (${digits}) as b, (${digits}) as c, (select 1 as digit union all select 2 union all select 3
      union all select 4 union all select 5 union all select 6) as d`;
    const numbered = (letter: string) => `'evt_${letter.repeat(18)}' || a.digit || b.digit || c.digit || d.digit`;
    // More than a page looks at, of the subject and of the type, and none of both.
    await insert(thousands, numbered('r'), 'sought', 'session.refused');
    await insert(thousands, numbered('s'), 'somebody', 'session.started');
    const query = '?subject=sought&type=session.started';
    const first = await operator.events(query);
    expect(first.events).toEqual([]);
    const second = await operator.events(`${query}&cursor=${first.next_cursor ?? ''}`);
    expect(second).toMatchObject({ events: [{ id: `evt_${'w'.repeat(22)}` }] });
    expect(second).not.toHaveProperty('next_cursor');
  });

  it('show an event that no server wrote with nobody known to have done it', async () => {
    const { tessera, find, all } = await start();
    const connection = await connectTo(tessera.databaseUrl);
    await connection.all(`update audit_events set actor = 'nobody' where type = 'session.refused'`);
    const expected = all.map((event) =>
      event.type === 'session.refused' ? { ...event, actor: { kind: 'unknown' } } : event,
    );
    expect(await find({})).toEqual(expected);
  });
});
