/** Servers that share one database of PostgreSQL and nothing else, as processes, and what a test asks of them. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { systemClock } from '../../../src/clock.ts';
import { clientRegistrar } from '../../../src/clients/registration.ts';
import { newId } from '../../../src/secret.ts';
import { freePort } from '../free-port.ts';
import { createCheapHasher, password } from '../passwords.ts';
import { type ClientCredentials, type PublishedKeys, fetchKeys, kidsIn } from '../jwks.ts';
import { type ServerProcess, spawnServer, stopServer } from '../server-process.ts';
import { openPatiently } from '../database/open-patiently.ts';

export type Replica = { readonly url: string; readonly server: ServerProcess };

export type Replicas = {
  readonly all: readonly Replica[];
  /** A client that may do everything, and one more with a user's grants. */
  readonly operator: ClientCredentials;
  end(): Promise<void>;
};

/** What servers need to run, but for where their database is. */
export async function newEnvironment(databaseUrl: string): Promise<Record<string, string>> {
  return {
    PATH: process.env['PATH'] ?? '',
    PORT: String(await freePort()),
    ISSUER: 'https://tokens.example.com',
    DATABASE_URL: databaseUrl,
    KEY_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64url'),
    LOG_LEVEL: 'warn',
    // Quick to make.
    KEY_ALGORITHM: 'ES256',
    RATE_LIMITS: 'off',
  };
}

async function startReplica(environment: Record<string, string>): Promise<Replica> {
  const server = spawnServer(environment, {});
  await server.ready;
  return { url: `http://127.0.0.1:${environment['PORT'] ?? ''}`, server };
}

export async function startReplicas(
  databaseUrl: string,
  count: number,
  change: (environment: Record<string, string>, place: number) => Record<string, string> = (environment) => environment,
): Promise<Replicas> {
  const environments = await Promise.all(Array.from({ length: count }, () => newEnvironment(databaseUrl)));
  const all = await Promise.all(environments.map((each, place) => startReplica(change(each, place))));
  return {
    all,
    operator: await newOperatorOf(databaseUrl),
    end: async () => {
      await Promise.all(all.map(({ server }) => stopServer(server)));
    },
  };
}

/** Registers a client that may do everything by itself, and have users sign in. */
export async function newOperatorOf(databaseUrl: string): Promise<ClientCredentials> {
  const database = await openPatiently(databaseUrl);
  const limits = { audience: 'https://tokens.example.com', accessTokenLifetime: 900, loopbackJwksUri: true };
  const register = clientRegistrar({ store: database.clients, clock: systemClock, limits });
  const scope =
    'keys:read keys:manage users:read users:manage clients:manage tokens:introspect profile:read profile:write';
  const outcome = await register(
    { name: 'operator', scope, grantTypes: ['client_credentials', 'password', 'refresh_token'] },
    { cause: { actor: { kind: 'schedule' }, reason: null }, scope: null },
  );
  await database.close();
  if (outcome.kind !== 'registered') throw new Error(JSON.stringify(outcome));
  return { client_id: outcome.client.id, client_secret: outcome.secret ?? '' };
}

export async function newUser(databaseUrl: string): Promise<{ id: string; username: string }> {
  const database = await openPatiently(databaseUrl);
  const at = systemClock();
  const id = newId('usr_');
  const username = `user-${randomBytes(6).toString('hex')}`;
  const passwordHash = await createCheapHasher().hash(password);
  const moments = { disabledAt: null, createdAt: at, updatedAt: at };
  const user = { id, username, usernameKey: username, name: null, passwordHash, roles: [], ...moments };
  await database.users.insertUser(user, { actor: { kind: 'schedule' }, reason: null, at });
  await database.close();
  return { id, username };
}

export async function publishedBy({ url }: Replica): Promise<string[]> {
  return kidsIn((await fetchKeys(url)) satisfies PublishedKeys);
}

type Query = (text: string) => Promise<Record<string, unknown>[]>;

/** Runs statements on a connection of its own. */
export async function withDatabase<T>(url: string, work: (query: Query) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(async (text) => (await client.query<Record<string, unknown>>(text)).rows);
  } finally {
    await client.end();
  }
}
