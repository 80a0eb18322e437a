import { describe, expect } from 'vitest';
import { administrator } from '../../support/clients.ts';
import { expectProblem } from '../../support/oauth.ts';
import { type Tessera, it, startTessera } from '../../support/tessera.ts';

type Page = { ids: string[]; next_cursor?: string };

const lists = {
  '/users': {
    add: async (tessera: Tessera) => (await tessera.newUser()).id,
    idsIn: (body: { users: { id: string }[] }) => body.users.map(({ id }) => id),
  },
  '/clients': {
    add: async (tessera: Tessera) => (await tessera.addClient('orders:read')).client_id,
    idsIn: (body: { clients: { client_id: string }[] }) => body.clients.map(({ client_id: id }) => id),
  },
} as const;

/** The list, with six more in it that were made in the same second. */
async function start(path: keyof typeof lists) {
  const tessera = await startTessera();
  const token = await administrator(tessera);
  tessera.clock.advance(1);
  const { add, idsIn } = lists[path];
  const read = async (limit: number, cursor?: string): Promise<Page> => {
    const query = new URLSearchParams({ limit: String(limit), ...(cursor !== undefined && { cursor }) });
    const reply = await tessera.bearer('get', `${path}?${query.toString()}`, token).expect(200);
    const { next_cursor } = reply.body as { next_cursor?: string };
    return { ids: idsIn(reply.body as never), ...(next_cursor !== undefined && { next_cursor }) };
  };
  const readAll = async (
    limit: number,
    cursor?: string,
    between: (page: Page) => Promise<unknown> = () => Promise.resolve(),
  ): Promise<string[]> => {
    const page = await read(limit, cursor);
    expect(page.ids.length).toBeLessThanOrEqual(limit);
    if (cursor !== undefined) expect(page.ids).not.toEqual([]);
    if (page.next_cursor === undefined) return page.ids;
    expect(page.ids).toHaveLength(limit);
    await between(page);
    return [...page.ids, ...(await readAll(limit, page.next_cursor, between))];
  };
  const remove = async (id = '') => {
    await tessera.bearer('delete', `${path}/${id}`, token).expect(204);
  };
  const before = await readAll(200);
  for (let made = 0; made < 6; made += 1) await add(tessera);
  const all = await readAll(200);
  expect(all).toHaveLength(before.length + 6);
  return { tessera, token, add: () => add(tessera), remove, read, readAll, before, all };
}

describe.each(Object.keys(lists) as (keyof typeof lists)[])('a page of %s', (path) => {
  it('has those of one second in the order of their ids, each once, whatever its size', async () => {
    const { readAll, before, all } = await start(path);
    const young = all.slice(before.length);
    expect(young).toEqual(young.toSorted());
    for (const limit of [1, 2, 3, 5, 6, 7]) expect({ limit, ids: await readAll(limit) }).toEqual({ limit, ids: all });
  });

  it('is followed by the next though the last of it is deleted, or all of it', async () => {
    const { remove, read, readAll, all, before } = await start(path);
    const first = await read(before.length + 2);
    const gone = first.ids.slice(-2);
    for (const id of gone.toReversed()) {
      await remove(id);
      expect(await readAll(2, first.next_cursor)).toEqual(all.slice(before.length + 2));
    }
    expect(await readAll(200)).toEqual(all.filter((id) => !gone.includes(id)));
  });

  it('is followed by all who stay while the last of each page is deleted', async () => {
    const { tessera, readAll, remove, add, all } = await start(path);
    tessera.clock.advance(1);
    await add();
    const seen = await readAll(2, undefined, ({ ids }) => remove(ids.at(-1)));
    expect(seen.slice(0, all.length)).toEqual(all);
    expect(seen).toHaveLength(all.length + 1);
  });

  it('is followed by those who come meanwhile, and nobody twice', async () => {
    const { tessera, add, read, readAll, all } = await start(path);
    const first = await read(3);
    tessera.clock.advance(1);
    const late = [await add()];
    tessera.clock.advance(1);
    late.push(await add());
    expect(await readAll(2, first.next_cursor)).toEqual([...all.slice(3), ...late]);
  });

  it('is followed by nothing when all behind it are deleted', async () => {
    const { remove, read, all } = await start(path);
    const { next_cursor } = await read(all.length - 1);
    await remove(all.at(-1));
    expect(await read(2, next_cursor)).toEqual({ ids: [] });
  });

  it('begins at no cursor but one that was given', async () => {
    const { tessera, token, read } = await start(path);
    const { next_cursor = '' } = await read(2);
    const text = Buffer.from(next_cursor, 'base64url').toString();
    const [createdAt = '', id = ''] = text.split(':');
    const encode = (plain: string) => Buffer.from(plain).toString('base64url');
    expect(encode(`${createdAt}:${id}`)).toBe(next_cursor);
    const other = path === '/users' ? 'cli_' : 'usr_';
    const garbage = [
      ...['x', ' ', '\0', 'null', '-1', "' or 1=1 --", '😀', id, text, encode(''), encode(':'), encode(id)],
      ...[`${next_cursor}=`, `${next_cursor}==`, ` ${next_cursor}`, `${next_cursor}\n`, next_cursor.slice(0, -1)],
      ...[`${next_cursor}.`, next_cursor + next_cursor, Buffer.from(`${text}\n`).toString('base64url')],
      ...[`0${createdAt}`, `-${createdAt}`, `+${createdAt}`, `${createdAt}.5`, `${createdAt}e1`, '', ' 1', '1 '].map(
        (moment) => encode(`${moment}:${id}`),
      ),
      ...['9'.repeat(16), '1e999', 'NaN', 'Infinity', '0x10', '١'].map((moment) => encode(`${moment}:${id}`)),
      ...[id.slice(1), id.slice(0, -1), `${id}x`, id.toUpperCase(), `${id.slice(0, 4)}${'%'.repeat(22)}`].map((wrong) =>
        encode(`${createdAt}:${wrong}`),
      ),
      ...[encode(`${createdAt}:${id.replace(/^..._/, other)}`), encode(`${createdAt}:${id}:${id}`), 'x'.repeat(129)],
    ];
    for (const cursor of garbage) {
      const reply = await tessera.bearer('get', `${path}?cursor=${encodeURIComponent(cursor)}`, token);
      expect({ cursor, status: reply.status }).toEqual({ cursor, status: 400 });
      expectProblem(reply, 400, '/query/cursor');
    }
  });
});
