import type { Response } from 'supertest';
import { describe, expect } from 'vitest';
import { Unavailable } from '../../../src/unavailable.ts';
import { administrator, addSigner, eventsOf, newKeyPair, tokenOf } from '../../support/clients.ts';
import { type Credentials, expectInvalidClient, expectProblem, matching } from '../../support/oauth.ts';
import { type Tessera, it, startTessera } from '../../support/tessera.ts';

type Secret = { id: string; client_secret: string; created_at: string; last_used_at: string | null };

const addSecret = (tessera: Tessera, token: string, id: string) =>
  tessera.bearer('post', `/clients/${id}/secrets`, token);

const removeSecret = (tessera: Tessera, token: string, id: string, secretId: string) =>
  tessera.bearer('delete', `/clients/${id}/secrets/${secretId}`, token);

async function secretsOf(tessera: Tessera, token: string, id: string): Promise<Secret[]> {
  const reply = await tessera.bearer('get', `/clients/${id}`, token).expect(200);
  return (reply.body as { client_secrets: Secret[] }).client_secrets;
}

function ask(tessera: Tessera, client: Credentials) {
  return tessera.form('/token', { grant_type: 'client_credentials', ...client });
}

function expectRefusal(reply: Response, status: number, detail: string): void {
  expectProblem(reply, status);
  expect(reply.body).toMatchObject({ detail });
}

describe('the secrets of a client', () => {
  it('rotate with overlap: both work until the old one is removed', async ({ tessera }) => {
    const token = await administrator(tessera);
    const old = await tessera.addClient('orders:read');
    const [first] = await secretsOf(tessera, token, old.client_id);
    tessera.clock.advance(1);
    const reply = await addSecret(tessera, token, old.client_id);
    expect(reply.status).toBe(201);
    const made = reply.body as Secret;
    expect(made).toEqual({
      id: matching(/^sec_[\w-]{22}$/),
      client_secret: matching(/^tcs_[\w-]{43}$/),
      created_at: new Date(tessera.clock() * 1000).toISOString().replace('.000Z', 'Z'),
      last_used_at: null,
    });
    const next = { ...old, client_secret: made.client_secret };
    for (const client of [old, next]) await tokenOf(tessera, client);
    expect((await secretsOf(tessera, token, old.client_id)).map(({ id }) => id)).toEqual([first?.id, made.id]);

    await removeSecret(tessera, token, old.client_id, first?.id ?? '').expect(204);
    expectInvalidClient(await ask(tessera, old));
    await tokenOf(tessera, next);
    const events = (await eventsOf(tessera, old.client_id)).filter(({ type }) => type.includes('secret'));
    expect(events).toMatchObject([
      { type: 'client.secret_added', detail: made.id, actor: { kind: 'caller' } },
      { type: 'client.secret_removed', detail: first?.id, actor: { kind: 'caller' } },
    ]);
    expect(JSON.stringify(events)).not.toContain(made.client_secret.slice(4));
  });

  it('are two at most and one at least', async ({ tessera }) => {
    const token = await administrator(tessera);
    const { client_id } = await tessera.addClient('orders:read');
    await addSecret(tessera, token, client_id).expect(201);
    expectRefusal(await addSecret(tessera, token, client_id), 409, 'The client has two secrets already.');
    const [first, second] = await secretsOf(tessera, token, client_id);
    await removeSecret(tessera, token, client_id, second?.id ?? '').expect(204);
    const last = await removeSecret(tessera, token, client_id, first?.id ?? '');
    expectRefusal(last, 409, 'This is the last secret of the client.');
    expect(await secretsOf(tessera, token, client_id)).toEqual([first]);
  });

  it('are not more or fewer when many ask at the same moment', async ({ tessera }) => {
    const token = await administrator(tessera);
    const { client_id } = await tessera.addClient('orders:read');
    const added = await Promise.all(Array.from({ length: 8 }, () => addSecret(tessera, token, client_id)));
    expect(added.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409, 409, 409]);
    const both = await secretsOf(tessera, token, client_id);
    expect(both).toHaveLength(2);
    const removed = await Promise.all([...both, ...both].map(({ id }) => removeSecret(tessera, token, client_id, id)));
    expect(removed.filter(({ status }) => status === 204)).toHaveLength(1);
    expect(await secretsOf(tessera, token, client_id)).toHaveLength(1);
  });

  it('are none of a client that authenticates otherwise, nor of one that is not there', async ({ tessera }) => {
    const token = await administrator(tessera);
    const signer = await addSigner(tessera, newKeyPair('ES256'));
    const unneeded = await addSecret(tessera, token, signer);
    expectRefusal(unneeded, 409, 'The client does not authenticate with a secret.');
    const nobody = 'cli_AAAAAAAAAAAAAAAAAAAAAA';
    expectRefusal(await addSecret(tessera, token, nobody), 404, 'There is no such client.');
    const [mine, others] = [await tessera.addClient('a'), await tessera.addClient('a')];
    await addSecret(tessera, token, mine.client_id).expect(201);
    const [foreign] = await secretsOf(tessera, token, others.client_id);
    const wrong = await removeSecret(tessera, token, mine.client_id, foreign?.id ?? '');
    expectRefusal(wrong, 404, 'The client has no such secret.');
    const lost = await removeSecret(tessera, token, nobody, foreign?.id ?? '');
    expectRefusal(lost, 404, 'There is no such client.');
    await tokenOf(tessera, others);
  });

  it('say to the minute when they were used last, at the cost of a write a minute', async () => {
    let writes = 0;
    const tessera = await startTessera({}, ({ stores }) => ({
      stores: {
        ...stores,
        clients: {
          ...stores.clients,
          noteSecretUse: (id, at) => {
            writes += 1;
            return stores.clients.noteSecretUse(id, at);
          },
        },
      },
    }));
    const token = await administrator(tessera);
    const client = await tessera.addClient('orders:read');
    const usedAt = async () => (await secretsOf(tessera, token, client.client_id))[0]?.last_used_at;
    const moment = () => new Date(tessera.clock() * 1000).toISOString().replace('.000Z', 'Z');
    expect(await usedAt()).toBeNull();
    expectInvalidClient(await ask(tessera, { ...client, client_secret: 'x' }));
    expect(await usedAt()).toBeNull();
    const first = moment();
    await Promise.all(Array.from({ length: 10 }, () => ask(tessera, client).expect(200)));
    tessera.clock.advance(59);
    await ask(tessera, client).expect(200);
    expect(await usedAt()).toBe(first);
    expect(writes).toBe(1);
    tessera.clock.advance(1);
    await ask(tessera, client).expect(200);
    expect(await usedAt()).toBe(moment());
    expect(writes).toBe(2);
  });

  it('work while their use cannot be put on record', async () => {
    const tessera = await startTessera({}, ({ stores }) => ({
      stores: {
        ...stores,
        clients: { ...stores.clients, noteSecretUse: () => Promise.reject(new Unavailable('locked')) },
      },
    }));
    const client = await tessera.addClient('orders:read');
    for (let tries = 0; tries < 3; tries += 1) await ask(tessera, client).expect(200);
    expectInvalidClient(await ask(tessera, { ...client, client_secret: 'x' }));
  });
});
