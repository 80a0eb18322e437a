import { describe, expect, it } from 'vitest';
import { pageOf } from '../../../src/views/page.ts';
import { readPages } from '../../../scripts/paging.ts';
import { runCommand } from '../../support/command.ts';
import { query } from '../../support/installed-data.ts';
import { newInstallation } from '../../support/installation.ts';
import { newDatabase } from '../../support/database.ts';
import { aClient, aSecret, aUser, occasion } from '../../support/records.ts';

const idOf = (prefix: string, at: number) => `${prefix}${String(at).padStart(22, '0')}`;

const commands = {
  users: { prefix: 'usr_', member: 'id', table: 'users' },
  clients: { prefix: 'cli_', member: 'client_id', table: 'clients' },
} as const;

/** Five in the list, the last two of another second. */
async function start(name: keyof typeof commands) {
  const installation = await newInstallation();
  const { prefix, member, table } = commands[name];
  const file = installation.environment['DATABASE_URL']?.slice('sqlite:'.length);
  const { users, clients } = await newDatabase(`sqlite:${file}`);
  const ids = [1, 2, 3, 4, 5].map((at) => idOf(prefix, at));
  for (const [at, id] of ids.entries()) {
    const createdAt = at < 3 ? 1000 : 1001;
    if (name === 'users') await users.insertUser(aUser(`u${at}`, { id, createdAt }), occasion(1000));
    else await clients.insertClient(aClient(id, { createdAt }), aSecret(`sec_${at}`), occasion(1000));
  }
  const end = (...args: string[]) => runCommand(name, ['list', ...args], installation);
  const list = async (...args: string[]) => {
    const { code, stdout, stderr } = await end(...args, '--json');
    expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
    const { next_cursor: next, ...page } = JSON.parse(stdout) as { next_cursor?: string };
    const found = (page as Record<string, Record<string, string>[]>)[name] ?? [];
    return { ids: found.map((each) => each[member]), next };
  };
  const remove = (id = '') => query(installation, `delete from ${table} where id = ?`, id);
  return { ids, end, list, remove };
}

describe.each(Object.keys(commands) as (keyof typeof commands)[])('npm run %s -- list', (name) => {
  it('goes on behind a page whose last member was deleted, and shows all with --all', async () => {
    const { ids, list, remove } = await start(name);
    const { ids: first, next = '' } = await list('--limit', '2');
    expect(first).toEqual(ids.slice(0, 2));
    remove(first[1]);
    const second = await list('--limit', '2', '--cursor', next);
    expect(second).toEqual({ ids: ids.slice(2, 4), next: expect.any(String) as string });
    expect(await list('--all', '--limit', '1', '--cursor', next)).toEqual({ ids: ids.slice(2), next: undefined });
  });

  it('says on standard error that there are more, and takes no cursor but such a one', async () => {
    const { ids, end } = await start(name);
    const { code, stdout, stderr } = await end('--limit', '1');
    expect({ code, lines: stdout.split('\n') }).toEqual({
      code: 0,
      lines: [expect.stringContaining(ids[0] ?? ''), ''],
    });
    expect(stderr).toMatch(/^There are more: --cursor [\w-]+, or --all\.\n$/);
    const elsewhere = Buffer.from(`1000:${idOf(name === 'users' ? 'cli_' : 'usr_', 1)}`).toString('base64url');
    const refused = await Promise.all(['nobody', elsewhere].map((wrong) => end('--cursor', wrong)));
    for (const each of refused) {
      expect(each).toMatchObject({ code: 2, stdout: '' });
      expect(each.stderr).toMatch(/^error: option '--cursor <cursor>' .* It is not the next_cursor of any list\.\n$/);
    }
  });
});

describe('with --all, a list', () => {
  it('has all who stay, though the last of each page is deleted as soon as it was read', async () => {
    const { clients } = await newDatabase();
    const ids = [1, 2, 3, 4, 5, 6, 7].map((at) => idOf('cli_', at));
    for (const id of ids) await clients.insertClient(aClient(id), aSecret(`sec_${id}`), occasion(1000));
    const read = async (page: Parameters<typeof clients.listClients>[0]) => {
      const found = await clients.listClients(page);
      const last = pageOf(found, page.limit - 1, () => '').items.at(-1);
      await clients.deleteClient(last?.client.id ?? '', () => true, occasion(1001));
      return found;
    };
    const { items, next } = await readPages({ limit: 2, all: true }, read, ({ client }) => client);
    expect(items.map(({ client }) => client.id)).toEqual(ids);
    expect(next).toEqual({});
  });
});
