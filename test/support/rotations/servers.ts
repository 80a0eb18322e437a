/**
 * Servers that are processes over one database. Needs no test around it. Nothing waits for it for ever: once it is
 * closed, whatever waits for a server is refused.
 */
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { type Server, newServer } from '../server.ts';

export type Servers = {
  /** Of each server; the first is the issuer. */
  readonly urls: readonly [string, ...string[]];
  /** For command lines over the same database. */
  readonly environment: Record<string, string>;
  /** What the servers have logged of errors, a JSON document each. */
  readonly errors: () => string[];
  /** Kills the servers and removes the folder. */
  readonly close: () => Promise<void>;
};

/** Starts `count` servers with these settings, and no others of the caller's environment. */
export async function startServers(count: number, settings: Record<string, string>): Promise<Servers> {
  const folder = await mkdtemp(join(tmpdir(), 'tessera-soak-'));
  const issuerPort = String(await freePort());
  const issuer = `http://127.0.0.1:${issuerPort}`;
  const environment = {
    ISSUER: issuer,
    DATABASE_URL: `sqlite:${folder}/data/tessera.db`,
    KEYS_DIR: `${folder}/keys`,
    ...settings,
  };
  const servers: Server[] = [];

  function removeFolder(): void {
    rmSync(folder, { recursive: true, force: true });
  }
  // Also when this process is interrupted.
  process.once('exit', removeFolder);

  async function close(): Promise<void> {
    await Promise.all(servers.map((server) => server.kill()));
    removeFolder();
    process.off('exit', removeFolder);
  }

  try {
    // One after the other: the first makes the database and the keys.
    while (servers.length < count) {
      const server = await newServer(servers.length === 0 ? { ...environment, PORT: issuerPort } : environment);
      servers.push(server);
      await server.start();
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    urls: [issuer, ...servers.slice(1).map(({ url }) => url)],
    environment,
    errors: () => servers.flatMap((server) => server.errors().map(({ line }) => line)),
    close,
  };
}
