/** Tokens end with the secret or key that they were got with, and no others do. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished } from 'vitest';
import {
  type KeyPair,
  addSigner,
  administrator,
  assertionType,
  forUsers,
  newKeyPair,
  sign,
  tokenOf,
} from '../../support/clients.ts';
import { connectTo } from '../../support/database.ts';
import { compact, decode, expectRefused, rs256, stealSigningKey } from '../../support/forgery.ts';
import {
  type Credentials,
  expectAlive,
  expectDead,
  expectOAuthError,
  introspect,
  matching,
  refresh,
  rotate,
  signIn,
} from '../../support/oauth.ts';
import { type Tessera, it, password, startTessera } from '../../support/tessera.ts';

const [first, second, third] = ['first', 'second', 'third'].map((kid) => newKeyPair('ES256', kid)) as [
  KeyPair,
  KeyPair,
  KeyPair,
];

/** What an administrator does to a client. */
async function administration(tessera: Tessera, id: string) {
  const token = await administrator(tessera);
  return {
    change: async (changes: object) => {
      await tessera.bearer('patch', `/clients/${id}`, token).send(changes).expect(200);
    },
    addSecret: async (): Promise<Credentials> => {
      const reply = await tessera.bearer('post', `/clients/${id}/secrets`, token).expect(201);
      return { client_id: id, client_secret: (reply.body as { client_secret: string }).client_secret };
    },
    /** The older one, where there are two. */
    removeOldest: async () => {
      const reply = await tessera.bearer('get', `/clients/${id}`, token).expect(200);
      const [oldest] = (reply.body as { client_secrets: { id: string }[] }).client_secrets;
      await tessera.bearer('delete', `/clients/${id}/secrets/${oldest?.id ?? ''}`, token).expect(204);
    },
  };
}

/** Everything that is needed to authenticate once, by a secret or by a key. */
type Prove = () => Promise<Record<string, string>>;

const bySecret =
  (client: Credentials): Prove =>
  () =>
    Promise.resolve(client);

function byKey(tessera: Tessera, id: string, pair: KeyPair): Prove {
  return async () => ({
    client_assertion_type: assertionType,
    client_assertion: await sign(tessera, id, pair),
  });
}

const isActive = async (tessera: Tessera, token: string) => (await introspect(tessera, token))['active'];

/** A token of the client itself works at introspection alone: it is nobody's account. */
async function expectActive(tessera: Tessera, token: string, active: boolean): Promise<void> {
  expect(await isActive(tessera, token)).toBe(active);
}

type Kind = {
  /** A client through which users may sign in, and what it authenticates with. */
  start: (tessera: Tessera) => Promise<{
    id: string;
    old: Prove;
    add: () => Promise<Prove>;
    remove: () => Promise<void>;
  }>;
};

const kinds: Record<string, Kind> = {
  secret: {
    async start(tessera) {
      const client = await tessera.addClient('profile:read orders:read users:read', forUsers);
      const { addSecret, removeOldest } = await administration(tessera, client.client_id);
      const add = async () => {
        // The older of two is removed.
        tessera.clock.advance(1);
        return bySecret(await addSecret());
      };
      return { id: client.client_id, old: bySecret(client), add, remove: removeOldest };
    },
  },
  key: {
    async start(tessera) {
      const id = await addSigner(tessera, first, { ...forUsers, scope: 'profile:read orders:read users:read' });
      const { change } = await administration(tessera, id);
      const register = (...pairs: KeyPair[]) => change({ jwks: { keys: pairs.map(({ jwk }) => jwk) } });
      const add = async () => {
        await register(first, second);
        return byKey(tessera, id, second);
      };
      return { id, old: byKey(tessera, id, first), add, remove: () => register(second) };
    },
  },
};

describe.for(Object.entries(kinds))('a %s of a client is exchanged: add, deploy, remove', ([, { start }]) => {
  it('interrupts nobody, and whatever was got with the one that is removed is dead on every replica', async () => {
    const one = await startTessera();
    const two = await startTessera({ DATABASE_URL: one.databaseUrl });
    const { old, add, remove } = await start(one);
    const before = { own: await tokenOf(one, await old()), ...(await signIn(one, { client: await old() })).tokens };
    const idle = (await signIn(one, { client: await old() })).tokens;

    const next = await add();
    two.clock.advance(1);
    await expectAlive(one, before.access_token);
    const own = await tokenOf(two, await next());
    const begun = (await signIn(two, { client: await next() })).tokens;
    const refreshed = await rotate(one, before.refresh_token, await next());
    for (const replica of [one, two])
      for (const token of [before.own, before.access_token, own, begun.access_token, refreshed.access_token])
        await expectActive(replica, token, true);

    await remove();
    for (const replica of [two, one]) {
      await expectActive(replica, before.own, false);
      await expectRefused(replica, before.own);
      for (const { access_token } of [before, idle]) await expectDead(replica, access_token);
      await expectActive(replica, own, true);
      for (const { access_token } of [begun, refreshed]) await expectAlive(replica, access_token);
    }
    // What began with the one that is gone goes on with the one that is there.
    await expectActive(two, idle.refresh_token, true);
    const awake = await rotate(two, idle.refresh_token, await next());
    const further = await rotate(two, refreshed.refresh_token, await next());
    for (const { access_token } of [awake, further])
      for (const replica of [one, two]) await expectAlive(replica, access_token);
    expectOAuthError(await refresh(two, awake.refresh_token, await old()), 401, 'invalid_client');
    await rotate(two, awake.refresh_token, await next());
  });

  it('and back again by the secret or key that stays: each refresh is by what was shown last', async ({ tessera }) => {
    const { old, add, remove } = await start(tessera);
    const { tokens } = await signIn(tessera, { client: await old() });
    const next = await add();
    const by = [tokens, await rotate(tessera, tokens.refresh_token, await next())];
    by.push(await rotate(tessera, by[1]?.refresh_token ?? '', await old()));
    await remove();
    expect(await Promise.all(by.map(({ access_token }) => isActive(tessera, access_token)))).toEqual([
      false,
      true,
      false,
    ]);
    await expectAlive(tessera, (await rotate(tessera, by[2]?.refresh_token ?? '', await next())).access_token);
  });

  it('and a reply that was lost comes again by the one that is shown then', async ({ tessera }) => {
    const { old, add, remove } = await start(tessera);
    const { tokens } = await signIn(tessera, { client: await old() });
    const next = await add();
    const lost = await rotate(tessera, tokens.refresh_token, await old());
    const repeated = await rotate(tessera, tokens.refresh_token, await next());
    expect(repeated.refresh_token).toBe(lost.refresh_token);
    await remove();
    await expectDead(tessera, lost.access_token);
    await expectAlive(tessera, repeated.access_token);
  });

  it('and what is got at the moment of the removal does not outlive it', async ({ tessera }) => {
    const { old, add, remove } = await start(tessera);
    const next = await add();
    const proofs = await Promise.all(Array.from({ length: 8 }, () => old()));
    const asked = proofs.map((proof) => tessera.form('/token', { grant_type: 'client_credentials', ...proof }));
    const removed = remove();
    for (const { status, body } of await Promise.all(asked))
      if (status === 200) {
        await removed;
        await expectActive(tessera, (body as { access_token: string }).access_token, false);
      }
    await removed;
    await expectActive(tessera, await tokenOf(tessera, await next()), true);
  });

  it('and a token for another API is dead at introspection', async ({ tessera }) => {
    const { id, old, add, remove } = await start(tessera);
    const { change } = await administration(tessera, id);
    const orders = 'https://orders.example.com';
    await change({ audiences: [orders] });
    const own = await tokenOf(tessera, { ...(await old()), resource: orders });
    await add();
    await expectActive(tessera, own, true);
    await remove();
    await expectActive(tessera, own, false);
  });
});

describe('the credential of a client', () => {
  it('is named by its id, and nothing of it is told', async ({ tessera }) => {
    const client = await tessera.addClient('profile:read', forUsers);
    const signer = await addSigner(tessera, first);
    const [own, users] = [await tokenOf(tessera, client), (await signIn(tessera, { client })).tokens.access_token];
    const signed = await tokenOf(tessera, await byKey(tessera, signer, first)());
    for (const token of [own, users]) {
      expect(decode(token).payload).toMatchObject({ client_credential_id: matching(/^sec_[\w-]{22}$/) });
      expect(JSON.stringify(decode(token).payload)).not.toContain(client.client_secret.slice(4));
      expect(await introspect(tessera, token)).not.toHaveProperty('client_credential_id');
    }
    expect(decode(signed).payload).toMatchObject({ client_credential_id: matching(/^key_[\w-]{43}$/) });
  });

  it('is none where the client is public, whose tokens go on', async ({ tessera }) => {
    const grantTypes = ['password', 'refresh_token'] as const;
    const { client_id } = await tessera.addClient('profile:read', { authMethod: 'none', grantTypes });
    for (const client of [{}, { client_id }]) {
      const { tokens } = await signIn(tessera, { client });
      expect(decode(tokens.access_token).payload).not.toHaveProperty('client_credential_id');
      await expectAlive(tessera, tokens.access_token);
    }
  });

  it('is the key itself, whatever its kid: another key of that name is another one', async ({ tessera }) => {
    const id = await addSigner(tessera, first, forUsers);
    const { change } = await administration(tessera, id);
    const token = await tokenOf(tessera, await byKey(tessera, id, first)());
    await change({ jwks: { keys: [second.jwk, { ...first.jwk, kid: 'renamed', alg: 'ES256' }] } });
    await expectActive(tessera, token, true);
    await change({ jwks: { keys: [{ ...third.jwk, kid: 'first' }] } });
    await expectActive(tessera, token, false);
    await change({ jwks: { keys: [first.jwk] } });
    await expectActive(tessera, token, true);
  });

  it('is lost when the client authenticates in another way', async ({ tessera }) => {
    const client = await tessera.addClient('profile:read', forUsers);
    const { change } = await administration(tessera, client.client_id);
    const bySecretStill = [await tokenOf(tessera, client), (await signIn(tessera, { client })).tokens.access_token];
    await change({ token_endpoint_auth_method: 'client_secret_post' });
    for (const token of bySecretStill) await expectActive(tessera, token, true);
    await change({ token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [first.jwk] } });
    for (const token of bySecretStill) await expectActive(tessera, token, false);
    const byKeyStill = await tokenOf(tessera, await byKey(tessera, client.client_id, first)());
    await change({ token_endpoint_auth_method: 'none', jwks: null, grant_types: ['password', 'refresh_token'] });
    await change({ token_endpoint_auth_method: 'client_secret_basic', grant_types: [...forUsers.grantTypes] });
    for (const token of [...bySecretStill, byKeyStill]) await expectActive(tessera, token, false);
  });

  it('is not lost with that of another client', async ({ tessera }) => {
    const [mine, other] = [await tessera.addClient('orders:read'), await tessera.addClient('orders:read')];
    const token = await tokenOf(tessera, mine);
    const { addSecret, removeOldest } = await administration(tessera, other.client_id);
    tessera.clock.advance(1);
    await addSecret();
    await removeOldest();
    await expectActive(tessera, token, true);
  });
});

describe('a session that got tokens by a secret or key', () => {
  const isPublic = { token_endpoint_auth_method: 'none', grant_types: ['password', 'refresh_token'], jwks: null };

  it.for(Object.entries(kinds))(
    'does not go on without any when its client becomes public (%s)',
    async ([, { start }]) => {
      const one = await startTessera();
      const two = await startTessera({ DATABASE_URL: one.databaseUrl });
      const { id, old } = await start(one);
      const [begun, used] = [await signIn(one, { client: await old() }), await signIn(one, { client: await old() })];
      const tokens = [begun.tokens, await rotate(one, used.tokens.refresh_token, await old())];
      const { change } = await administration(one, id);
      await change(isPublic);
      for (const replica of [two, one])
        for (const { access_token, refresh_token } of [...tokens, used.tokens]) {
          expectOAuthError(await refresh(replica, refresh_token, { client_id: id }), 400, 'invalid_grant');
          await expectActive(replica, refresh_token, false);
          await expectDead(replica, access_token);
        }
      const { tokens: unproved } = await signIn(two, { client: { client_id: id } });
      await expectAlive(one, (await rotate(one, unproved.refresh_token, { client_id: id })).access_token);
    },
  );

  it('goes on with one, be it the first that its client has', async ({ tessera }) => {
    const grantTypes = ['password', 'refresh_token'] as const;
    const { client_id } = await tessera.addClient('profile:read', { authMethod: 'none', grantTypes });
    const { change } = await administration(tessera, client_id);
    const [begun, other] = [
      await signIn(tessera, { client: { client_id } }),
      await signIn(tessera, { client: { client_id } }),
    ];
    const keys = { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [first.jwk] } };
    await change(keys);
    await expectActive(tessera, begun.tokens.refresh_token, true);
    const proved = await rotate(tessera, begun.tokens.refresh_token, await byKey(tessera, client_id, first)());
    await change(isPublic);
    expectOAuthError(await refresh(tessera, proved.refresh_token, { client_id }), 400, 'invalid_grant');
    await rotate(tessera, other.tokens.refresh_token, { client_id });
    await change(keys);
    await rotate(tessera, proved.refresh_token, await byKey(tessera, client_id, first)());
  });
});

describe('keys that a client publishes', () => {
  async function publish(...pairs: KeyPair[]) {
    const published = { keys: pairs.map(({ jwk }) => jwk), isUp: true };
    const server = createServer((request, response) => {
      if (published.isUp) response.end(JSON.stringify({ keys: published.keys }));
      else request.destroy();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return { published, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  }

  it('are one credential, where they are published, which no request for anything else has fetched', async () => {
    const tessera = await startTessera();
    const { published, url } = await publish(first, second);
    const id = await addSigner(tessera, [], { ...forUsers, jwks: null, jwksUri: `${url}/jwks` });
    const { change } = await administration(tessera, id);
    const tokens = [first, second].map(async (pair) => tokenOf(tessera, await byKey(tessera, id, pair)()));
    const [one = '', two = ''] = await Promise.all(tokens);
    expect(decode(one).payload).toMatchObject({ client_credential_id: matching(/^uri_[\w-]{43}$/) });
    published.keys = [second.jwk];
    published.isUp = false;
    tessera.clock.advance(601);
    for (const token of [one, two]) await expectActive(tessera, token, true);

    published.isUp = true;
    await change({ jwks_uri: `${url}/jwks?2` });
    for (const token of [one, two]) await expectActive(tessera, token, false);
    const three = await tokenOf(tessera, await byKey(tessera, id, second)());
    await expectActive(tessera, three, true);
    await change({ jwks_uri: null, jwks: { keys: [second.jwk] } });
    await expectActive(tessera, three, false);
  });
});

describe('a server of the version before, beside', () => {
  /** The same token as that server issues it: it knows nothing of credentials. */
  async function asBefore(tessera: Tessera, token: string, more: object = {}): Promise<string> {
    const { kid, key } = await stealSigningKey(tessera);
    const { header, payload } = decode(token);
    // What is undefined JSON leaves out.
    return compact({ ...header, kid }, { ...payload, client_credential_id: undefined, ...more }, rs256(key));
  }

  it('issues tokens that work until they expire, or what they had before ends', async ({ tessera }) => {
    const client = await tessera.addClient('profile:read orders:read', forUsers);
    const { addSecret, removeOldest, change } = await administration(tessera, client.client_id);
    const { username, tokens } = await signIn(tessera, { client });
    const own = await asBefore(tessera, await tokenOf(tessera, client));
    const users = await asBefore(tessera, tokens.access_token);
    tessera.clock.advance(1);
    const next = await addSecret();
    await removeOldest();
    await expectActive(tessera, own, true);
    await expectAlive(tessera, users);
    await change({ scope: 'orders:read' });
    await expectActive(tessera, users, false);
    await change({ scope: 'profile:read orders:read', grant_types: ['password', 'refresh_token'] });
    await expectActive(tessera, own, false);
    await tessera.form('/token', { grant_type: 'password', username, password, ...next }).expect(200);
    tessera.clock.advance(900);
    await expectActive(tessera, users, false);
  });

  it('begins sessions of which nothing is known, which go on as before until they get tokens here', async ({
    tessera,
  }) => {
    const client = await tessera.addClient('profile:read', forUsers);
    const { change } = await administration(tessera, client.client_id);
    const [{ tokens }, other] = [await signIn(tessera, { client }), await signIn(tessera, { client })];
    const connection = await connectTo(tessera.databaseUrl);
    await connection.all('update sessions set client_credential_id = null where client_id = ?', client.client_id);
    await connection.close();
    const { refresh_token } = await rotate(tessera, tokens.refresh_token, client);
    await change({ token_endpoint_auth_method: 'none', grant_types: ['password', 'refresh_token'] });
    const { client_id } = client;
    expectOAuthError(await refresh(tessera, refresh_token, { client_id }), 400, 'invalid_grant');
    await rotate(tessera, other.tokens.refresh_token, { client_id });
  });

  it('and nothing but the absence of the name is taken for its token', async ({ tessera }) => {
    const client = await tessera.addClient('profile:read', forUsers);
    const tokens = [await tokenOf(tessera, client), (await signIn(tessera, { client })).tokens.access_token];
    const foreign = await tessera.addClient('profile:read', forUsers);
    const { client_credential_id: another } = decode(await tokenOf(tessera, foreign)).payload;
    for (const token of tokens)
      for (const wrong of ['', null, 0, false, [], 'sec_', 'key_', another])
        await expectActive(tessera, await asBefore(tessera, token, { client_credential_id: wrong }), false);
    const ours = (await signIn(tessera)).tokens.access_token;
    await expectActive(tessera, await asBefore(tessera, ours, { client_credential_id: another }), false);
  });
});
