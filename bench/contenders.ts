/*
 * The two servers compared: how each is launched in a folder of its own and filled with users and one service client.
 * Tessera is filled through its front door only; the floor's rows are written before it first starts.
 */
import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { seedFloor, type Seed } from './floor-data.ts';
import { freePort, startServer, type Launch } from './servers.ts';

export type Contender = { name: string; launch: Launch; seed: Seed };
export type ContenderName = 'floor' | 'tessera';

const root = resolve(import.meta.dirname, '..');
const host = '127.0.0.1';
/** So many that none signs in more often than Tessera lets one account, nor has more sessions at a time. */
const usernames = Array.from({ length: 64 }, (_, n) => `bench-${n}`);
const password = 'correct horse battery staple';
const scope = 'orders:read';

// Nothing else of the caller's environment reaches the servers, so that no stray setting can favour one of them.
const sharedEnv = { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production' };

async function prepareFloor(folder: string, nodeFlags: string[]): Promise<Omit<Contender, 'name'>> {
  const port = await freePort();
  const databasePath = join(folder, 'floor.db');
  const seed = await seedFloor(databasePath, usernames, password, scope);
  return {
    seed,
    launch: {
      args: [...nodeFlags, 'bench/floor.ts'],
      cwd: root,
      env: { ...sharedEnv, PORT: String(port), FLOOR_DATABASE: databasePath },
      target: { host, port },
    },
  };
}

async function prepareTessera(folder: string, nodeFlags: string[]): Promise<Omit<Contender, 'name'>> {
  const port = await freePort();
  const env = {
    ...sharedEnv,
    HOST: host,
    PORT: String(port),
    DATABASE_URL: `sqlite:${join(folder, 'tessera.db')}`,
    KEYS_DIR: join(folder, 'keys'),
    LOG_LEVEL: 'warn',
    REPLY_CHECKS: 'enforce',
    // The floor has no limits either; they may be off anywhere but in production.
    NODE_ENV: 'bench',
    RATE_LIMITS: 'off',
  };
  const launch: Launch = { args: [...nodeFlags, 'src/main.ts'], cwd: root, env, target: { host, port } };
  // The first start migrates the database and makes the keys; the measured ones find them there.
  const server = await startServer({ ...launch, args: ['src/main.ts'] });
  try {
    for (const username of usernames) await registerUser(`http://${host}:${port}`, username);
    return { launch, seed: { usernames, password, ...(await createClient(env)) } };
  } finally {
    await server.stop();
  }
}

async function registerUser(base: string, username: string): Promise<void> {
  const reply = await fetch(`${base}/users`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ username, password }),
  });
  if (reply.status !== 201) throw new Error(`POST /users answered ${reply.status}: ${await reply.text()}`);
}

async function createClient(env: Record<string, string>): Promise<{ clientId: string; clientSecret: string }> {
  const args = ['scripts/clients.ts', 'create', '--name', 'bench', '--scope', scope, '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, env });
  const { client_id: clientId, client_secret: clientSecret } = JSON.parse(stdout) as Record<string, unknown>;
  if (typeof clientId !== 'string' || typeof clientSecret !== 'string') {
    throw new Error('scripts/clients.ts create --json printed no client_id and client_secret');
  }
  return { clientId, clientSecret };
}

/** Makes a contender ready for its first warm start, with its data in `<folder>/<name>`. */
export async function prepare(
  kind: ContenderName,
  name: string,
  folder: string,
  nodeFlags: string[],
): Promise<Contender> {
  const own = join(folder, name);
  mkdirSync(own);
  const prepared = kind === 'floor' ? await prepareFloor(own, nodeFlags) : await prepareTessera(own, nodeFlags);
  return { name, ...prepared };
}
