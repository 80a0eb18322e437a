import { describe, expect, it } from 'vitest';
import { clientRegistrar } from '../../src/clients/registration.ts';
import type { Client } from '../../src/clients/store.ts';
import { hashSecret } from '../../src/secret.ts';
import { newDatabase } from '../support/sqlite.ts';

describe('clientRegistrar', () => {
  async function registration() {
    const { clients: store } = await newDatabase();
    return { store, register: clientRegistrar({ store, clock: () => 1_000 }) };
  }

  it('stores the client with the hash of its secret, each scope once', async () => {
    const { store, register } = await registration();
    const outcome = await register({ name: 'orders', scope: 'b a b' });
    if (outcome.kind !== 'registered') throw new Error(outcome.detail);
    const { client, secret } = outcome;
    expect(client).toEqual<Client>({
      id: expect.stringMatching(/^cli_[\w-]{22}$/) as string,
      name: 'orders',
      secretHash: hashSecret(secret),
      scope: 'b a',
      createdAt: 1_000,
    });
    expect(await store.findClient(client.id)).toEqual(client);
  });

  it('takes names of 1 to 100 characters, whichever they are', async () => {
    const { register } = await registration();
    for (const name of ['x', 'a service', 'x'.repeat(100), '💻'.repeat(100)])
      expect(await register({ name, scope: 'x' })).toMatchObject({ kind: 'registered', client: { name } });
  });

  it('says which member is at fault', async () => {
    const { register } = await registration();
    for (const name of ['', 'x'.repeat(101), '💻'.repeat(101), 'a\nb', '\0', 'a\x7Fb', 'a\x85b', 'a\u2028b'])
      expect(await register({ name, scope: 'x' })).toMatchObject({ kind: 'fault', member: 'name' });
    for (const scope of ['', ' ', 'a  b', ' a', 'a ', 'a\tb', 'ä', '"'])
      expect(await register({ name: 'x', scope })).toMatchObject({ kind: 'fault', member: 'scope' });
  });
});
