import { describe, expect, it } from 'vitest';
import type { Client, ClientWithSecrets } from '../../../src/clients/store.ts';
import { newDatabase, newUrl, rowsOf } from '../../support/database.ts';
import { aClient, aSecret, aSession, aToken, aUser, occasion } from '../../support/records.ts';

const [one, two] = [aSecret('sec_1'), aSecret('sec_2', { createdAt: 1001 })];

/** A store with the clients, each with one secret of its own. */
async function withClients(...ids: string[]) {
  const database = await newDatabase();
  for (const id of ids) await database.clients.insertClient(aClient(id), aSecret(`sec_${id}`), occasion(1000));
  return database;
}

describe('the ClientStore', () => {
  it('gives back what it was given, the older secret first', async () => {
    const { clients } = await newDatabase();
    const client = aClient('c', {
      name: '"; drop table clients; -- é',
      authMethod: 'client_secret_post',
      audiences: ['urn:a', 'urn:b'],
      accessTokenLifetime: 60,
      jwks: { keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'x' }] },
      jwksUri: 'https://a.example',
    });
    await clients.insertClient(client, two, occasion(1000));
    expect(await clients.addSecret('c', one, () => true, occasion(1000))).toBe('added');
    expect(await clients.findClient('c')).toEqual({ client, secrets: [one, two] });
    expect(await clients.findClient('C')).toBeUndefined();
    await expect(clients.insertClient(client, null, occasion(1000))).rejects.toThrow();
  });

  it('knows one client from the other, and a client without a secret', async () => {
    const { clients } = await withClients('a', 'b');
    await clients.insertClient(aClient('n', { authMethod: 'none' }), null, occasion(1000));
    await clients.addSecret('b', two, () => true, occasion(1000));
    const found = await clients.listClients({ after: null, limit: 10 });
    expect(found.map(({ client, secrets }) => [client.id, secrets.map(({ id }) => id)])).toEqual([
      ['a', ['sec_a']],
      ['b', ['sec_b', 'sec_2']],
      ['n', []],
    ]);
    expect(await clients.findClient('n')).toMatchObject({ secrets: [] });
  });

  it('lists page by page in the order of registration, those of the same second included', async () => {
    const { clients } = await newDatabase();
    const ages = { z: 1, y: 2, a: 3, b: 3, c: 3, x: 4 };
    for (const [id, createdAt] of Object.entries(ages))
      await clients.insertClient(aClient(id, { createdAt }), aSecret(id), occasion(1));
    const seen: string[] = [];
    for (let after: Client | null = null; ;) {
      const page: ClientWithSecrets[] = await clients.listClients({ after, limit: 2 });
      seen.push(...page.map(({ client }) => client.id));
      if (page.length < 2) break;
      after = page.at(-1)?.client ?? null;
    }
    expect(seen).toEqual(Object.keys(ages));
  });

  it('counts clients and not their secrets, and goes on behind one that has gone', async () => {
    const { clients } = await withClients('a', 'b', 'c', 'd');
    for (const id of ['a', 'b', 'c']) await clients.addSecret(id, aSecret(`more_${id}`), () => true, occasion(1000));
    const idsOf = (found: ClientWithSecrets[]) => found.map(({ client, secrets }) => [client.id, secrets.length]);
    const [, b] = await clients.listClients({ after: null, limit: 2 });
    await clients.deleteClient('b', () => true, occasion(1001));
    const rest = await clients.listClients({ after: b?.client ?? null, limit: 2 });
    expect(idsOf(rest)).toEqual([
      ['c', 2],
      ['d', 1],
    ]);
    expect(idsOf(await clients.listClients({ after: null, limit: 2 }))).toEqual([
      ['a', 2],
      ['c', 2],
    ]);
  });

  it('fills a page while a client in it is deleted', async () => {
    const ids = Array.from({ length: 12 }, (_, at) => `c${String(at).padStart(2, '0')}`);
    const { clients } = await withClients(...ids);
    for (const id of ids.slice(0, 8)) {
      const [page] = await Promise.all([
        clients.listClients({ after: null, limit: 4 }),
        clients.deleteClient(id, () => true, occasion(1001)),
      ]);
      expect(page).toHaveLength(4);
    }
  });

  it('leaves a client alone when the change is refused, and never loses one of two at the same moment', async () => {
    const { clients, audit } = await withClients('c');
    expect(await clients.updateClient('c', () => null, occasion(1001))).toBe('refused');
    expect(await clients.updateClient('d', () => ({ name: 'x' }), occasion(1001))).toBeUndefined();
    expect(await clients.findClient('c')).toMatchObject({ client: aClient('c') });
    const append = (word: string) =>
      clients.updateClient('c', ({ scope }) => ({ scope: `${scope} ${word}` }), occasion(1002));
    await Promise.all(['x', 'y', 'z'].map(append));
    const scope = (await clients.findClient('c'))?.client.scope.split(' ') ?? [];
    expect(scope.sort()).toEqual(['a', 'b', 'x', 'y', 'z']);
    const events = await audit.listEvents({ before: null, limit: 10, types: ['client.updated'] });
    expect(events?.map(({ subject, detail, at }) => [subject, detail, at])).toEqual(
      Array(3).fill(['c', 'scope', 1002]),
    );
  });

  it('asks by the client as it is whether a secret may be added or removed, and the client deleted', async () => {
    const { clients, audit } = await withClients('c');
    await clients.addSecret('c', two, () => true, occasion(1000));
    const before = await clients.findClient('c');
    const asked: string[] = [];
    const never = ({ scope }: { scope: string }) => asked.push(scope) === 0;
    expect(await clients.addSecret('c', one, never, occasion(1001))).toBe('refused');
    expect(await clients.removeSecret('c', 'sec_2', never, occasion(1001))).toBe('refused');
    expect(await clients.deleteClient('c', never, occasion(1001))).toBe('refused');
    expect(asked).toEqual(Array(3).fill(aClient('c').scope));
    expect(await clients.removeSecret('c', 'sec_3', never, occasion(1001))).toBe('unknown');
    expect(await clients.removeSecret('d', 'sec_2', never, occasion(1001))).toBeUndefined();
    expect(await clients.deleteClient('d', never, occasion(1001))).toBeUndefined();
    expect(await clients.findClient('c')).toEqual(before);
    expect(await audit.listEvents({ before: null, limit: 10, subject: 'c' })).toHaveLength(2);
  });

  it('ends the sessions that were begun through a client with the client, and no others', async () => {
    const { clients, users, sessions } = await withClients('c', 'd');
    const ada = aUser('ada');
    await users.insertUser(ada, occasion(1000));
    for (const clientId of ['c', 'd', 'first-party']) {
      const session = aSession(`s-${clientId}`, ada, { clientId });
      await sessions.startSession(session, aToken(`t-${clientId}`, session), ada.passwordHash, occasion(1000));
    }
    expect(await clients.deleteClient('c', () => true, occasion(1001))).toBe('deleted');
    expect(await clients.deleteClient('c', () => true, occasion(1001))).toBeUndefined();
    const left = await sessions.listSessions(ada.id, 1001);
    expect(left.map(({ clientId }) => clientId).sort()).toEqual(['d', 'first-party']);
  });
});

describe('the assertions that were used', () => {
  const use = (jti: string, expiresAt: number, clientId = 'c') => ({ clientId, jti, expiresAt });

  it('count once for each client, whoever asks at the same moment', async () => {
    const { clients } = await withClients('c', 'd');
    const tries = await Promise.all(Array.from({ length: 20 }, () => clients.useAssertion(use('j', 2000), 1000)));
    expect(tries.filter(Boolean)).toHaveLength(1);
    expect(await clients.useAssertion(use('j', 2000, 'd'), 1000)).toBe(true);
    expect(await clients.useAssertion(use('j', 3000), 1999)).toBe(false);
    expect(await clients.useAssertion(use('j', 3000), 2000)).toBe(true);
  });

  it('count for no client that has gone', async () => {
    const { clients } = await withClients('c');
    await clients.useAssertion(use('j', 2000), 1000);
    await clients.deleteClient('c', () => true, occasion(1000));
    expect(await clients.useAssertion(use('k', 2000), 1000)).toBe(false);
  });

  it('are removed once they have expired, at most a hundred at a time', async () => {
    const url = await newUrl();
    const { clients } = await newDatabase(url);
    await clients.insertClient(aClient('c'), one, occasion(1000));
    for (let at = 0; at < 150; at += 1) await clients.useAssertion(use(`old ${at}`, 2000), 1000);
    await clients.useAssertion(use('young', 3001), 1000);
    const count = async () => (await rowsOf(url, 'used_assertions')).length;
    expect(await count()).toBe(151);
    await clients.useAssertion(use('next', 4000), 3000);
    expect(await count()).toBe(52);
    await clients.useAssertion(use('last', 4000), 3000);
    expect(await count()).toBe(3);
    expect(await clients.useAssertion(use('young', 4000), 3000)).toBe(false);
  });
});
