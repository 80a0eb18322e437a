import { describe, expect, it } from 'vitest';
import { clientRegistrar } from '../../../src/clients/registration.ts';
import type { Client } from '../../../src/clients/store.ts';
import { hashSecret } from '../../../src/secret.ts';
import { newDatabase } from '../../support/database.ts';

const limits = { audience: 'https://tokens.example.com', accessTokenLifetime: 900, loopbackJwksUri: false };
const cause = { actor: { kind: 'script', name: 'operator' }, reason: 'a new service' } as const;
const operator = { cause, scope: null };

describe('clientRegistrar', () => {
  async function registration() {
    const { clients: store, audit } = await newDatabase();
    return { store, audit, register: clientRegistrar({ store, clock: () => 1_000, limits }) };
  }

  it('stores the client with the hash of its secret and the defaults of the contract', async () => {
    const { store, register } = await registration();
    const outcome = await register({ name: 'orders', scope: 'b a b' }, operator);
    if (outcome.kind !== 'registered') throw new Error(outcome.kind);
    const { client, secrets, secret } = outcome;
    expect(client).toEqual<Client>({
      id: expect.stringMatching(/^cli_[\w-]{22}$/) as string,
      name: 'orders',
      authMethod: 'client_secret_basic',
      grantTypes: ['client_credentials'],
      scope: 'b a',
      audiences: [],
      accessTokenLifetime: null,
      jwks: null,
      jwksUri: null,
      createdAt: 1_000,
      updatedAt: 1_000,
    });
    expect(secret).toMatch(/^tcs_[\w-]{43}$/);
    const id = expect.stringMatching(/^sec_[\w-]{22}$/) as string;
    expect(secrets).toEqual([{ id, hash: hashSecret(secret ?? ''), createdAt: 1_000, lastUsedAt: null }]);
    expect(await store.findClient(client.id)).toEqual({ client, secrets });
  });

  it('makes no secret for a client that needs none', async () => {
    const { store, register } = await registration();
    const open = { name: 'app', scope: 'a', authMethod: 'none', grantTypes: ['password'] } as const;
    const outcome = await register(open, operator);
    expect(outcome).toMatchObject({ kind: 'registered', secret: null, secrets: [] });
    if (outcome.kind === 'registered') expect((await store.findClient(outcome.client.id))?.secrets).toEqual([]);
  });

  it('says what is at fault, and what is lacking, and stores nothing then', async () => {
    const { store, audit, register } = await registration();
    const faulty = await register({ name: '', scope: 'x' }, operator);
    expect(faulty).toMatchObject({ kind: 'faults', faults: [{ pointer: '/client_name' }] });
    const author = { cause, scope: 'clients:manage profile:read' };
    const scope = 'profile:write orders:read clients:manage users:manage keys:read';
    const lacking = await register({ name: 'x', scope }, author);
    expect(lacking).toEqual({ kind: 'lacking', scopes: ['users:manage', 'keys:read'] });
    expect(await store.listClients({ after: null, limit: 10 })).toEqual([]);
    expect(await audit.listEvents({ before: null, limit: 10 })).toEqual([]);
  });
});
