/** A whole Tessera in this process, over a real database file, with a clock that the test moves. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RequestListener } from 'node:http';
import supertest from 'supertest';
import { onTestFinished, test } from 'vitest';
import type { AppDependencies } from '../../src/server/app-dependencies.ts';
import { createApp } from '../../src/server/app.ts';
import type { ClientDraft } from '../../src/clients/member-rules.ts';
import { clientRegistrar } from '../../src/clients/registration.ts';
import { readConfig } from '../../src/config/config.ts';
import type { OpenDatabase } from '../../src/database/open.ts';
import type { AuditedDocument } from '../../src/http/audit.ts';
import { openKeyring } from '../../src/server/open-keyring.ts';
import { newId } from '../../src/secret.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import type { Role } from '../../src/users/store.ts';
import { type FakeClock, fakeClock } from './clock.ts';
import { createCheapHasher, password } from './passwords.ts';
import { newPlace } from './place.ts';
import { createReadyKeys } from './ready-keys.ts';
import { openPatiently } from './database/open-patiently.ts';

export { password } from './passwords.ts';

export const issuer = 'https://tokens.example.com';

export type Tokens = { access_token: string; refresh_token: string; scope: string; expires_in: number };

export type Tessera = {
  readonly app: RequestListener;
  readonly clock: FakeClock;
  readonly database: OpenDatabase;
  readonly databaseUrl: string;
  readonly keys: Awaited<ReturnType<typeof openKeyring>>;
  /** Every line that was logged, as text, but for those that are written of each request. */
  readonly log: string[];
  /** The lines of requests. */
  readonly requestLog: string[];
  readonly request: ReturnType<typeof supertest>;
  addUser(username: string, roles?: readonly Role[]): Promise<string>;
  /** Registers a user nobody has met before, whose password is `password`. */
  newUser(roles?: readonly Role[]): Promise<{ id: string; username: string }>;
  /** As somebody at the command line does. */
  disableUser(id: string): Promise<void>;
  /** Registers a client, with more members than its scope; without them, one that acts for itself with a secret. */
  addClient(scope: string, more?: Partial<ClientDraft>): Promise<{ client_id: string; client_secret: string }>;
  /** Tokens by the password grant. */
  login(username: string, scope?: string): Promise<Tokens>;
  form(path: string, form: Record<string, string>): supertest.Test;
  bearer(method: 'get' | 'post' | 'patch' | 'put' | 'delete', path: string, token: string): supertest.Test;
  readonly close: () => Promise<void>;
};

export async function contract(): Promise<{ document: AuditedDocument; yaml: string }> {
  const root = new URL('../../', import.meta.url);
  return {
    document: JSON.parse(await readFile(new URL('src/generated/contract.json', root), 'utf8')) as AuditedDocument,
    yaml: await readFile(new URL('openapi.yaml', root), 'utf8'),
  };
}

/** Known, so that a test can open what was sealed under it. */
export const keyEncryptionKey = randomBytes(32).toString('base64url');

/** Closed by whoever opens it; `changes` replace dependencies of the app. */
export async function openTessera(
  environment: Record<string, string> = {},
  changes: (deps: AppDependencies) => Partial<AppDependencies> = () => ({}),
): Promise<Tessera> {
  const folder = await mkdtemp(join(tmpdir(), 'tessera-'));
  const place = await newPlace();
  const config = readConfig({
    ISSUER: issuer,
    DATABASE_URL: place.url,
    KEYS_DIR: `${folder}/keys`,
    KEY_ENCRYPTION_KEY: keyEncryptionKey,
    // Tests of the limits turn them on.
    RATE_LIMITS: 'off',
    ...environment,
  });
  const clock = fakeClock();
  const log: string[] = [];
  const requestLog: string[] = [];
  const logger = createLogger('info', {
    write: (line) => void (line.endsWith('"msg":"request"}\n') ? requestLog : log).push(line),
  });
  const database = await openPatiently(config.databaseUrl);
  const keys = await openKeyring(config, {
    stores: database,
    clock,
    log: logger,
    actor: { kind: 'schedule' },
    isServer: true,
    generateKeyPair: createReadyKeys(),
  });
  const passwordHasher = createCheapHasher();
  const deps: AppDependencies = {
    clock,
    log: logger,
    keys,
    stores: database,
    contract: await contract(),
    issuer: config.issuer,
    basePath: config.basePath,
    audience: config.audience,
    accessTokenLifetime: config.keyPolicy.tokenLifetime,
    refreshTokenLifetime: config.refreshTokenLifetime,
    refreshReuseGrace: config.refreshReuseGrace,
    sessionsPerUser: config.sessionsPerUser,
    sessionLifetime: config.sessionLifetime,
    jwksMaxAge: config.keyPolicy.jwksMaxAge,
    passwordHasher,
    passwordGrant: config.passwordGrant,
    loopbackJwksUri: config.loopbackJwksUri,
    jwksUriReach: config.jwksUriReach,
    replyChecks: config.replyChecks,
    rateLimits: config.rateLimits,
    trustedProxies: config.trustedProxies,
    corsOrigins: config.corsOrigins,
    isStopping: () => false,
  };
  const app = await createApp({ ...deps, ...changes(deps) });
  const request = supertest(app);
  const form = (path: string, fields: Record<string, string>) => request.post(path).type('form').send(fields);
  // One hash for all: what a registration costs is not the subject of the tests that only need a user.
  const passwordHash = await passwordHasher.hash(password);

  const tessera: Tessera = {
    app,
    clock,
    database,
    databaseUrl: place.url,
    keys,
    log,
    requestLog,
    request,
    form,
    async addUser(username, roles) {
      const now = clock();
      const id = newId('usr_');
      const usernameKey = username.toLowerCase();
      const moments = { disabledAt: null, createdAt: now, updatedAt: now };
      const user = { id, username, usernameKey, name: null, passwordHash, roles: roles ?? [], ...moments };
      const occasion = { actor: { kind: 'schedule' }, reason: null, at: now } as const;
      if (!(await database.users.insertUser(user, occasion))) throw new Error(`${username} is taken`);
      return id;
    },
    async newUser(roles) {
      const username = `user-${randomBytes(6).toString('hex')}`;
      return { id: await tessera.addUser(username, roles), username };
    },
    async disableUser(id) {
      const occasion = { actor: { kind: 'script', name: 'operator' }, reason: null, at: clock() } as const;
      const outcome = await database.users.administerUser(id, { disabled: true }, occasion);
      if (typeof outcome !== 'object') throw new Error(`${id} is not disabled: ${outcome}`);
    },
    async addClient(scope, more = {}) {
      const { audience, keyPolicy, loopbackJwksUri } = config;
      const limits = { audience, accessTokenLifetime: keyPolicy.tokenLifetime, loopbackJwksUri };
      const author = { cause: { actor: { kind: 'schedule' }, reason: null }, scope: null } as const;
      const register = clientRegistrar({ store: database.clients, clock, limits });
      const outcome = await register({ name: 'a service', scope, ...more }, author);
      if (outcome.kind !== 'registered') throw new Error(JSON.stringify(outcome));
      return { client_id: outcome.client.id, client_secret: outcome.secret ?? '' };
    },
    async login(username, scope = '') {
      const reply = await form('/token', { grant_type: 'password', username, password, scope }).expect(200);
      return reply.body as Tokens;
    },
    bearer: (method, path, token) => request[method](path).set('Authorization', `Bearer ${token}`),
    close: async () => {
      await database.close();
      await place.remove();
      await rm(folder, { recursive: true });
    },
  };
  return tessera;
}

/** Closed and removed when the test ends. `changes` replace dependencies of the app. */
export async function startTessera(...how: Parameters<typeof openTessera>): Promise<Tessera> {
  const tessera = await openTessera(...how);
  onTestFinished(tessera.close);
  return tessera;
}

/** `it` with one Tessera for the whole file, for tests that leave each other alone. */
export const it = test.extend('tessera', { scope: 'file' }, async ({}, { onCleanup }) => {
  const tessera = await openTessera();
  onCleanup(() => tessera.close());
  return tessera;
});
