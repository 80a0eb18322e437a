import { describe, expect } from 'vitest';
import { toRfc3339 } from '../../../src/clock.ts';
import { addMac } from '../../../src/keys/sealing/facts-mac.ts';
import { type Event, type Operator, newOperator, passTime, shortLife } from '../../support/key-operator.ts';
import { expectProblem, matching, signIn } from '../../support/oauth.ts';
import { type Tessera, it as withTessera, startTessera } from '../../support/tessera.ts';

async function start() {
  const tessera = await startTessera(shortLife);
  return { tessera, operator: await newOperator(tessera), now: () => toRfc3339(tessera.clock()) };
}

let made = 0;

/** Makes an event that costs nothing: a key of another issuer comes in. */
async function makeEvent(
  { database, clock, keys }: Tessera,
  more: { kid?: string; reason?: string } = {},
): Promise<string> {
  const at = clock();
  made += 1;
  const kid = more.kid ?? `foreign-${made}`;
  const publicJwk = { kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(43) };
  const moments = { publishedAt: at, publishedUntil: at + 1e6, revokedAt: null };
  const key = await addMac({ kid, alg: 'EdDSA', publicJwk, ...moments, factsMac: null } as const, keys.macs);
  const occasion = { at, actor: { kind: 'script', name: 'ada' }, reason: more.reason ?? null } as const;
  expect(await database.verifyOnlyKeys.insertVerifyOnlyKey(key, occasion)).toBe(true);
  return kid;
}

/** All pages from `limit` events each; `between` runs before each page but the first. */
async function walk(operator: Operator, query: string, between?: () => Promise<unknown>): Promise<Event[][]> {
  const pages: Event[][] = [];
  for (let cursor: string | undefined; ;) {
    const { events, next_cursor } = await operator.events(
      `?${query}${cursor === undefined ? '' : `&cursor=${cursor}`}`,
    );
    pages.push(events);
    if (next_cursor === undefined) return pages;
    cursor = encodeURIComponent(next_cursor);
    await between?.();
  }
}

const ids = (events: Event[]) => events.map(({ id }) => id);

describe('GET /audit-events', () => {
  const it = withTessera;

  it('begins with the keys that the server made for itself', async () => {
    const { operator, now } = await start();
    const reply = await operator.ask('get', '/audit-events');
    expect(reply.status).toBe(200);
    expect(reply.headers['cache-control']).toBe('no-store');
    const { events } = await operator.events();
    const [active, standby] = await operator.published();
    for (const event of events) expect(event).toMatchObject({ at: now(), actor: { kind: 'schedule' }, reason: null });
    const created = events.filter(({ type }) => type === 'key.created');
    expect(created.map(({ subject }) => subject)).toEqual([standby, active]);
    expect(new Set(ids(events)).size).toBe(events.length);
    for (const { id } of events) expect(id).toEqual(matching(/^evt_[\w-]{22}$/));
  });

  it('tells who rotated, when, from where and why; and that the new standby is the doing of the schedule', async () => {
    const { tessera, operator, now } = await start();
    tessera.clock.advance(4000);
    const admin = await signIn(tessera, { roles: ['admin'] });
    const before = await operator.events();
    const reason = 'The yearly drill — „jährlich“ 🗝';
    const token = admin.tokens.access_token;
    const reply = await tessera.bearer('post', '/keys/rotate', token).send({ reason }).expect(200);

    const { events } = await operator.events();
    const [made, activated, ...older] = events;
    expect(ids(older)).toEqual(ids(before.events));
    expect(activated).toEqual({
      id: matching(/^evt_/),
      at: now(),
      type: 'key.activated',
      subject: (reply.body as { kid: string }).kid,
      actor: { kind: 'caller', sub: admin.id, client_id: 'first-party' },
      reason,
      outcome: 'success',
      address: '127.0.0.1',
      detail: null,
    });
    const { kid: standby } = await operator.keyIn('standby');
    const schedule = { actor: { kind: 'schedule' }, reason: null };
    expect(made).toMatchObject({ type: 'key.created', subject: standby, ...schedule });
  });

  it('tells who revoked, when and why, once: also when it is asked for again', async () => {
    const { tessera, operator, now } = await start();
    tessera.clock.advance(4000);
    const { kid } = await operator.keyIn('active');
    const { kid: heir } = await operator.keyIn('standby');
    await operator.revoke(kid, { reason: 'lost' });
    await operator.revoke(kid, { reason: 'lost again' });
    await operator.revoke('unknown', { reason: 'no such key' });

    const { events } = await operator.events();
    const mine = events.filter(({ actor }) => actor['kind'] === 'caller');
    const by = { at: now(), actor: { kind: 'caller', sub: operator.clientId, client_id: operator.clientId } };
    for (const event of mine) expect(event).toMatchObject({ ...by, reason: 'lost' });
    const { kid: spare } = await operator.keyIn('standby');
    const facts = mine.map(({ type, subject }) => `${type} ${subject}`);
    expect(facts).toEqual([`key.created ${spare}`, `key.activated ${heir}`, `key.revoked ${kid}`]);
  });

  it('leaves no event for what was refused', async () => {
    const { operator } = await start();
    const before = await operator.events();
    expect((await operator.rotate({ reason: 'too soon' })).status).toBe(409);
    expect((await operator.rotate({ force: true, signer: 'another', reason: 'not mine' })).status).toBe(409);
    expect((await operator.rotate({ reason: '' })).status).toBe(400);
    expect((await operator.revoke('unknown')).status).toBe(404);
    expect(await operator.events()).toEqual(before);
  });

  it('tells what the schedule does with a key on its way, and what a person does at the command line', async () => {
    const { tessera, operator } = await start();
    const [first = ''] = await operator.published();
    await makeEvent(tessera, { kid: 'legacy', reason: 'Tokens of the old server' });
    tessera.clock.advance(24 * 3600 - 1);
    await passTime(tessera, 3600);
    const { events } = await operator.events(`?subject=${first}`);
    expect(events.map(({ type }) => type)).toEqual(['key.retired', 'key.destroyed', 'key.activated', 'key.created']);
    expect((await operator.events('?subject=legacy')).events).toMatchObject([
      { type: 'key.imported', actor: { kind: 'script', name: 'ada' }, reason: 'Tokens of the old server' },
    ]);
  });
});

describe('the pages of GET /audit-events', () => {
  const it = withTessera;

  it('are walked through all, each event once, whatever their size', async () => {
    const { tessera, operator } = await start();
    for (let more = 0; more < 9; more += 1) await makeEvent(tessera);
    const { events: all, next_cursor } = await operator.events('?limit=200');
    expect(next_cursor).toBeUndefined();
    for (let limit = 1; limit <= all.length + 1; limit += 1) {
      const pages = await walk(operator, `limit=${limit}`);
      expect(pages.flat()).toEqual(all);
      // No page is empty, and none but the last is short.
      expect(pages).toHaveLength(Math.ceil(all.length / limit));
    }
  });

  it('stay as they are while events are added', async () => {
    const { tessera, operator } = await start();
    for (let more = 0; more < 9; more += 1) await makeEvent(tessera);
    for (const limit of [1, 2, 3, 5]) {
      const { events: all } = await operator.events('?limit=200');
      const pages = await walk(operator, `limit=${limit}`, () => makeEvent(tessera));
      expect(ids(pages.flat())).toEqual(ids(all));
    }
  });

  it('hold 50 events unless another limit is asked for, with a query or without', async () => {
    const { tessera, operator } = await start();
    for (let more = 0; more < 60; more += 1) await makeEvent(tessera);
    const cursor = (await operator.events()).next_cursor;
    expect((await operator.events()).events).toHaveLength(50);
    expect((await operator.events(`?cursor=${cursor}`)).events.length).toBeGreaterThanOrEqual(10);
    expect((await operator.events('?limit=57')).events).toHaveLength(57);
    expect((await operator.events('?subject=x')).events).toHaveLength(0);
  });

  it('hold the events of one key when that is asked for', async () => {
    const { tessera, operator } = await start();
    const kid = await makeEvent(tessera, { kid: 'with/slash,?and&more' });
    for (let more = 0; more < 3; more += 1) await makeEvent(tessera);
    tessera.clock.advance(30);
    await operator.revoke(kid);
    const query = `subject=${encodeURIComponent(kid)}`;
    const { events, next_cursor } = await operator.events(`?${query}`);
    expect(next_cursor).toBeUndefined();
    expect(events.map(({ type }) => type)).toEqual(['key.revoked', 'key.imported']);
    expect(await walk(operator, `${query}&limit=1`)).toEqual(events.map((event) => [event]));
  });

  it.for(['x', 'evt_AAAAAAAAAAAAAAAAAAAAAA', '%00', "' or 1=1 --", ''])(
    'begin at no cursor %j',
    async (cursor, { tessera }) => {
      const operator = await newOperator(tessera);
      const reply = await operator.ask('get', `/audit-events?cursor=${encodeURIComponent(cursor)}`);
      expectProblem(reply, 400, '/query/cursor');
    },
  );

  it.for([
    ['limit=0', '/query/limit'],
    ['limit=201', '/query/limit'],
    ['limit=-1', '/query/limit'],
    ['limit=1.5', '/query/limit'],
    ['limit=many', '/query/limit'],
    ['limit=', '/query/limit'],
    ['limit=1&limit=2', '/query/limit'],
    ['cursor=a&cursor=b', '/query/cursor'],
    ['subject=', '/query/subject'],
    ['subject=%C3%A9', '/query/subject'],
    [`subject=${'x'.repeat(257)}`, '/query/subject'],
    ['type=key.made', '/query/type'],
    ['type=', '/query/type'],
    ['outcome=maybe', '/query/outcome'],
    ['actor=', '/query/actor'],
    ['since=yesterday', '/query/since'],
    ['since=2026-09-21', '/query/since'],
    ['since=2026-02-30T00:00:00Z', '/query/since'],
    ['until=2026-09-21T00:00:00', '/query/until'],
    ['until=2026-09-21T00:00:00+02:00', '/query/until'],
    ['__proto__=1', '/query/__proto__'],
  ])('are not to be had with ?%s', async ([query, pointer], { tessera }) => {
    const operator = await newOperator(tessera);
    expectProblem(await operator.ask('get', `/audit-events?${query}`), 400, pointer);
  });
});
